// Owns: one message each way over a short-lived stream, with limits and real back-pressure. Not here: who may ask (requests.ts).
import type { Stream, StreamMessageEvent } from '@libp2p/interface'
import { createFrameReader, encodeFrame } from './frames.ts'

const WRITE_BYTES_MAX = 65_024

/** The other side announced more than the limit. */
export class MessageTooLargeError extends Error {
  override readonly name = 'MessageTooLargeError'
}

/** Runs `wire` with two outcomes; whichever comes first decides, an abort of `signal` included. */
function settleOnce<T>(
  signal: AbortSignal,
  wire: (resolve: (value: T) => void, reject: (error: unknown) => void) => () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    let settled = false
    let unwire: (() => void) | null = null
    const finish = (run: () => void): void => {
      if (settled) return
      settled = true
      signal.removeEventListener('abort', onAbort)
      unwire?.()
      run()
    }
    const onAbort = (): void => finish(() => reject(signal.reason))
    signal.addEventListener('abort', onAbort)
    unwire = wire(
      (value) => finish(() => resolve(value)),
      (error) => finish(() => reject(error)),
    )
    if (settled) unwire()
  })
}

/** The other side's one message; null when it closes without one. Throws MessageTooLargeError, or when the stream breaks. */
export function readMessage(stream: Stream, bytesMax: number, signal: AbortSignal): Promise<Uint8Array | null> {
  return settleOnce(signal, (resolve, reject) => {
    const read = createFrameReader({ frameBytesMax: bytesMax, onFrame: resolve })
    const onMessage = (event: StreamMessageEvent): void => {
      if (!read(event.data.subarray())) reject(new MessageTooLargeError(`message of more than ${bytesMax} bytes`))
    }
    const onEnd = (): void => resolve(null)
    const onClose = (): void => {
      if (stream.status === 'closed') resolve(null)
      else reject(new Error(`stream ${stream.status}`))
    }
    stream.addEventListener('message', onMessage)
    stream.addEventListener('end', onEnd)
    stream.addEventListener('close', onClose)
    if (stream.readableEnded) onEnd()
    else if (stream.status === 'aborted' || stream.status === 'reset') onClose()
    return () => {
      stream.removeEventListener('message', onMessage)
      stream.removeEventListener('end', onEnd)
      stream.removeEventListener('close', onClose)
    }
  })
}

/** Resolves when the stream takes more; libp2p's own `onDrain()` works only once per stream. */
function waitForDrain(stream: Stream, signal: AbortSignal): Promise<void> {
  return settleOnce(signal, (resolve, reject) => {
    const isClear = (): boolean => !stream.writableNeedsDrain && stream.writeBufferLength === 0
    const onDrain = (): void => {
      queueMicrotask(() => {
        if (isClear()) resolve()
      })
    }
    const onClose = (): void => reject(new Error(`stream ${stream.status}`))
    stream.addEventListener('drain', onDrain)
    stream.addEventListener('close', onClose)
    if (stream.status !== 'open') onClose()
    return () => {
      stream.removeEventListener('drain', onDrain)
      stream.removeEventListener('close', onClose)
    }
  })
}

/** Sends one message and closes our side. Throws when the stream breaks or `signal` aborts. */
export async function writeMessage(stream: Stream, message: Uint8Array, signal: AbortSignal): Promise<void> {
  const bytes = encodeFrame(message)
  for (let offset = 0; offset < bytes.length; offset += WRITE_BYTES_MAX) {
    signal.throwIfAborted()
    const more = stream.send(bytes.subarray(offset, offset + WRITE_BYTES_MAX))
    if (!more && offset + WRITE_BYTES_MAX < bytes.length) await waitForDrain(stream, signal)
  }
  await stream.close({ signal })
}
