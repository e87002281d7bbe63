// Owns: BER-TLV as EMVCo's consumer codes write it: tags of one or two bytes, lengths up to 255 (EMV Book 3, annex B).
// Not here: which tags there are (cpm.ts).

/** One data object: tag as a number (two bytes as 0x9f02), its bytes. */
export type BerObject = { readonly tag: number; readonly value: Uint8Array }

/** The data objects of a level in their order, or null for bytes that are no such chain or not in their shortest form. */
export function parseBer(bytes: Uint8Array): readonly BerObject[] | null {
  const objects: BerObject[] = []
  let at = 0
  while (at < bytes.length) {
    const head = bytes[at] as number
    const isLong = (head & 0x1f) === 0x1f
    const second = bytes[at + 1] ?? 0x80
    if (isLong && (second & 0x80) !== 0) return null
    const tag = isLong ? (head << 8) | second : head
    at += isLong ? 2 : 1
    const first = bytes[at]
    if (first === undefined) return null
    const long = bytes[at + 1] ?? 0
    if (first > 0x81 || first === 0x80 || (first === 0x81 && long < 0x80)) return null
    const length = first === 0x81 ? long : first
    at += first === 0x81 ? 2 : 1
    if (at + length > bytes.length) return null
    objects.push({ tag, value: bytes.subarray(at, at + length) })
    at += length
  }
  return objects
}

/** The bytes of one data object. Throws RangeError for more than 255 bytes. */
export function formatBer({ tag, value }: BerObject): Uint8Array {
  if (value.length > 0xff) throw new RangeError(`a data object holds at most 255 bytes, not ${value.length}`)
  const head = tag > 0xff ? [tag >>> 8, tag & 0xff] : [tag]
  const length = value.length < 0x80 ? [value.length] : [0x81, value.length]
  const out = new Uint8Array(head.length + length.length + value.length)
  out.set(head)
  out.set(length, head.length)
  out.set(value, head.length + length.length)
  return out
}

/** The bytes of the only object of this tag; null when there is none or more than one. */
export function berValue(objects: readonly BerObject[], tag: number): Uint8Array | null {
  const found = objects.filter((object) => object.tag === tag)
  return found.length === 1 ? (found[0] as BerObject).value : null
}
