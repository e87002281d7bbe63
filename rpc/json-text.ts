// Owns: JSON text from outside: UTF-8, byte order mark, depth. Not here: what a request must look like (dispatch.ts).
import { refuseCall } from './errors.ts'

// ignoreBOM keeps the mark in the text, where JSON.parse refuses it.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** True when arrays and objects nest deeper than `depthMax`; brackets inside texts do not count. */
export function isNestedDeeper(text: string, depthMax: number): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) {
      at++
      while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1
    } else if (unit === 0x5b || unit === 0x7b) {
      depth++
      if (depth > depthMax) return true
    } else if (unit === 0x5d || unit === 0x7d) {
      depth--
    }
  }
  return false
}

/** Value of JSON bytes; of a key that stands twice the last one counts. Throws RpcError -32700. */
export function parseJsonBytes(bytes: Uint8Array, depthMax: number): unknown {
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    return refuseCall('PARSE_ERROR', 'The text is not valid UTF-8.')
  }
  if (isNestedDeeper(text, depthMax)) return refuseCall('PARSE_ERROR', `The JSON is nested deeper than ${depthMax}.`)
  try {
    return JSON.parse(text) as unknown
  } catch {
    return refuseCall('PARSE_ERROR', 'The text is not JSON.')
  }
}
