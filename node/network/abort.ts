// Owns: ending a stream or connection that may be gone already. Not here: when to (the callers).

/** Aborts; a target that is half torn down may throw at it, which must not reach an event loop. */
export function abortQuietly(target: { abort: (error: Error) => void }, reason: string): void {
  try {
    target.abort(new Error(reason))
  } catch {
    // Nothing is left to abort.
  }
}
