// Owns: what a broken promise looks like, types only. Not here: the promises (the other files of this folder).

/** What every run must keep. */
export type Kept =
  | 'agreement'
  | 'validity'
  | 'certificate'
  | 'double-sign'
  | 'lock'
  | 'journal-first'
  | 'guard'
  | 'decided-height'
  | 'durability'
  | 'replay'
  | 'bounds'
  | 'evidence'
  | 'penalty'
  | 'crash'
  | 'start'
  | 'liveness'

/** One broken promise: when, on which machine (-1 for the network as a whole), and one sentence. */
export type Violation = { readonly kind: Kept; readonly atMs: number; readonly machine: number; readonly text: string }

/** Takes a violation down. */
export type Report = (kind: Kept, machine: number, text: string) => void
