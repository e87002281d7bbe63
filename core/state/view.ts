// Owns: the two faces of state: a check can only read, since its type has no `set`. Not here: overlays (overlay.ts), disk.

/** Read access by ASCII key. Values are never mutated by a reader. */
export type ReadView = {
  readonly get: (key: string) => Uint8Array | null
}

/** Read and write access inside one transaction; null deletes. */
export type WriteView = ReadView & {
  readonly set: (key: string, value: Uint8Array | null) => void
}
