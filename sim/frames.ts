// Owns: reading consensus frames on their way, garbage included. Not here: what is made of them.
import { CodecError } from '../core/base/errors.ts'
import { decodeConsensusMessage } from '../consensus/message.ts'
import type { ConsensusMessage } from '../consensus/message.ts'

/** The message in a frame, or null when it is not one. */
export function readFrame(frame: Uint8Array): ConsensusMessage | null {
  try {
    return decodeConsensusMessage(frame)
  } catch (error) {
    if (error instanceof CodecError) return null
    throw error
  }
}
