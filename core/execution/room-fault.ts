// Owns: what happens when a room's own code throws: the transaction fails, the chain goes on (consensus.md 1.3, R17).
// Not here: failures that a room returns (module.ts), faults of disk or memory outside the rooms.
import { NodeError } from '../base/errors.ts'

/** A room threw: our mistake, not the sender's. `text` is for the log only and never reaches state or receipts. */
export type RoomFault = { readonly roomFault: true; readonly where: string; readonly text: string }

/** Runs a room's code. A NodeError (a read from disk failed) passes through: nothing may be decided on unread state. */
export function runRoom<T>(where: string, run: () => T): T | RoomFault {
  try {
    return run()
  } catch (error) {
    if (error instanceof NodeError) throw error
    const text = error instanceof Error ? `${error.name}: ${error.message}` : 'something that is no error'
    return { roomFault: true, where, text }
  }
}

/** Tells a fault from a result. */
export function isRoomFault(value: unknown): value is RoomFault {
  return typeof value === 'object' && value !== null && (value as { roomFault?: unknown }).roomFault === true
}
