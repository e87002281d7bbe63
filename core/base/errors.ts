// Owns: failures (a sender is at fault, a value) and faults (disk, peer, configuration: an exception).
// Not here: assertions about ourselves (assert.ts).

/** What happens to a transaction that fails (house.md 5). */
export type FailureClass = 'malformed' | 'stale' | 'early' | 'failed'

/** One row of a room's error table. The number is hashed into receipts and never changes its meaning. */
export type ErrorDefinition = {
  readonly code: string
  readonly number: number
  readonly class: FailureClass
  /** One plain sentence for people: what is wrong and what to do. */
  readonly text: string
}

/** Facts that help the sender mend it; JSON-safe values only. */
export type FailureDetail = Readonly<Record<string, string | number | boolean>>

/** A refusal, returned and never thrown. */
export type Failure = {
  readonly failure: true
  readonly code: string
  readonly number: number
  readonly class: FailureClass
  readonly text: string
  readonly detail?: FailureDetail
}

type ErrorRows = Readonly<Record<string, readonly [number: number, failureClass: FailureClass, text: string]>>

/** Builds a room's error table: `defineErrors('PAYMENT', {SHORT: [0x0301, 'failed', '...']})` gives PAYMENT_SHORT. */
export function defineErrors<const T extends ErrorRows>(prefix: string, rows: T): { readonly [K in keyof T]: ErrorDefinition } {
  const table: Record<string, ErrorDefinition> = {}
  for (const [name, [number, failureClass, text]] of Object.entries(rows)) {
    table[name] = { code: prefix === '' ? name : `${prefix}_${name}`, number, class: failureClass, text }
  }
  return table as { readonly [K in keyof T]: ErrorDefinition }
}

/** A failure of the given kind, with the facts of this case. */
export function failure(definition: ErrorDefinition, detail?: FailureDetail): Failure {
  const base = { failure: true as const, ...definition }
  return detail === undefined ? base : { ...base, detail }
}

/** Tells a failure from a result. */
export function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && (value as { failure?: unknown }).failure === true
}

/** Thrown for bytes that are not a canonical encoding; a boundary turns it into a `malformed` failure or a peer penalty. */
export class CodecError extends Error {
  override readonly name = 'CodecError'
}

/** A fault of the surroundings: disk, peer, key file, configuration. `code` is stable, the message names thing, value and fix. */
export class NodeError extends Error {
  override readonly name = 'NodeError'
  readonly code: string

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
