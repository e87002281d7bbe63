// Owns: the error of a key that signs in two places. Not here: how it is noticed (consensus-link.ts, chain-consensus.ts).

/** Our key signed something that this process did not make; the node stops with exit code 20 and signs nothing more. */
export class TwinError extends Error {
  override readonly name = 'TwinError'

  constructor(what: string) {
    super(`our own key signed a ${what} that this process did not make: another process runs with this key; stop it first`)
  }
}
