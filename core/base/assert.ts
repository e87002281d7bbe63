// Owns: assertions, for faults of our own making. Not here: failures of a sender (errors.ts).

/** Thrown when the node itself is wrong; the driver stops the process, since going on could lose money. */
export class AssertionFault extends Error {
  override readonly name = 'AssertionFault'
}

/** Stops with an AssertionFault unless the condition holds. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionFault(message)
}

/** Marks a branch that the types say cannot be reached. */
export function assertNever(value: never): never {
  throw new AssertionFault(`unreachable variant: ${String(value)}`)
}

/** The value, which must be neither null nor undefined. */
export function must<T>(value: T | null | undefined, message: string): T {
  if (value === null || value === undefined) throw new AssertionFault(message)
  return value
}
