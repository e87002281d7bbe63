// Owns: length-prefixed frames on a byte stream (u32 big-endian, then the bytes) and the bounds of one frame.
// Not here: queues (lane.ts), which stream carries what (channels.ts, requests.ts).

/** Bytes of the length in front of every frame. */
export const FRAME_HEADER_BYTES = 4
/** Frames up to this size are copied out of the received chunk, so that a kept vote does not keep 64 KiB alive. */
const COPY_BYTES_MAX = 16_384

/** Takes the next received chunk; false when a length exceeds the limit, after which the stream is garbage. */
export type FrameReader = (chunk: Uint8Array) => boolean

/** Writes the u32 length of a frame at `offset`. */
export function writeFrameHeader(target: Uint8Array, offset: number, frameBytes: number): void {
  target[offset] = frameBytes >>> 24
  target[offset + 1] = (frameBytes >>> 16) & 255
  target[offset + 2] = (frameBytes >>> 8) & 255
  target[offset + 3] = frameBytes & 255
}

/** One frame as bytes ready to be sent. */
export function encodeFrame(frame: Uint8Array): Uint8Array {
  const out = new Uint8Array(FRAME_HEADER_BYTES + frame.length)
  writeFrameHeader(out, 0, frame.length)
  out.set(frame, FRAME_HEADER_BYTES)
  return out
}

/** The same bytes as a plain Uint8Array: sockets give Buffers, whose `slice` does not copy and which compare as another type. */
export function plainView(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** A reader for one stream: calls `onFrame` for every complete frame, in order; memory is bounded by `frameBytesMax`. */
export function createFrameReader(options: {
  readonly frameBytesMax: number
  readonly onFrame: (frame: Uint8Array) => void
}): FrameReader {
  const { frameBytesMax, onFrame } = options
  let header = 0
  let headerBytes = 0
  let body: Uint8Array | null = null
  let bodyBytes = 0

  /** Reads what is left of a header; the offset after it, or -1 for a length beyond the limit. */
  function readHeader(chunk: Uint8Array, start: number): number {
    let offset = start
    while (headerBytes < FRAME_HEADER_BYTES && offset < chunk.length) {
      header = header * 256 + (chunk[offset] as number)
      headerBytes += 1
      offset += 1
    }
    return headerBytes === FRAME_HEADER_BYTES && header > frameBytesMax ? -1 : offset
  }

  function deliver(frame: Uint8Array): void {
    body = null
    bodyBytes = 0
    header = 0
    headerBytes = 0
    onFrame(frame)
  }

  /** Reads body bytes, the header being complete; the offset after them. */
  function readBody(chunk: Uint8Array, offset: number): number {
    const available = chunk.length - offset
    if (body === null && available >= header) {
      const end = offset + header
      const view = plainView(chunk.subarray(offset, end))
      deliver(header <= COPY_BYTES_MAX ? new Uint8Array(view) : view)
      return end
    }
    body ??= new Uint8Array(header)
    const taken = Math.min(available, header - bodyBytes)
    body.set(chunk.subarray(offset, offset + taken), bodyBytes)
    bodyBytes += taken
    if (bodyBytes === header) deliver(body)
    return offset + taken
  }

  return (chunk) => {
    let offset = 0
    while (offset < chunk.length) {
      if (headerBytes < FRAME_HEADER_BYTES) {
        offset = readHeader(chunk, offset)
        if (offset === -1) return false
      }
      // A frame of length zero is complete with its header.
      if (headerBytes === FRAME_HEADER_BYTES) offset = readBody(chunk, offset)
    }
    return true
  }
}
