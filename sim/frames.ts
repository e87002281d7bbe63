// Owns: reading consensus frames on their way, garbage included. Not here: what is made of them.
import { CodecError } from '../core/base/errors.ts'
import { decodeConsensusMessage } from '../consensus/message.ts'
import type { ConsensusMessage } from '../consensus/message.ts'

// One frame goes to many: it is read once. Nothing changes a frame's bytes after it was made.
const known = new WeakMap<Uint8Array, { readonly message: ConsensusMessage | null }>()

/** The message in a frame, or null when it is not one. */
export function readFrame(frame: Uint8Array): ConsensusMessage | null {
  const found = known.get(frame)
  if (found !== undefined) return found.message
  const message = decodeOrNull(frame)
  known.set(frame, { message })
  return message
}

function decodeOrNull(frame: Uint8Array): ConsensusMessage | null {
  try {
    return decodeConsensusMessage(frame)
  } catch (error) {
    if (error instanceof CodecError) return null
    throw error
  }
}
