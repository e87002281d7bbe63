// Owns: the version of this node as it tells peers and people. Not here: versions of formats (each with its format).

/** Version of the software; a test compares it with package.json. */
export const NARU_VERSION = '0.1.0'
