// Owns: looking for a value in bytes in every form that software writes values in. Not here: whose values, which bytes.

/** A form of a value, under the name that people know it by. */
export type Needle = { readonly name: string; readonly bytes: Buffer }

const EDGE = 4

// Base64 depends on where in its groups of three a value begins; the characters at both edges depend on the neighbours.
function base64Forms(bytes: Buffer): Buffer[] {
  const texts = [0, 1, 2].flatMap((shift) => {
    const padded = Buffer.concat([Buffer.alloc(shift), bytes])
    const whole = padded.subarray(0, padded.length - (padded.length % 3))
    const from = shift === 0 ? 0 : EDGE
    return [whole.toString('base64').slice(from), whole.toString('base64url').slice(from)]
  })
  return [...new Set(texts)].filter((text) => text.length >= 8).map((text) => Buffer.from(text))
}

function formsOf(bytes: Buffer): Buffer[] {
  const hex = bytes.toString('hex')
  return [bytes, Buffer.from(hex), Buffer.from(hex.toUpperCase()), ...base64Forms(bytes)]
}

function textForms(text: string): Buffer[] {
  const little = Buffer.from(text, 'utf16le')
  return [Buffer.from(text, 'utf8'), little, Buffer.from(little).swap16()].flatMap(formsOf)
}

function numberForms(value: number): Buffer[] {
  const four = Buffer.alloc(4)
  four.writeUInt32BE(value)
  const text = String(value)
  const dashed = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`
  // The tag keeps four bytes from turning up by chance.
  return [Buffer.concat([Buffer.from([0xce]), four]), ...textForms(text), ...textForms(dashed)]
}

/** Every form of a text (with and without its separators), of a day yyyymmdd, or of bytes. */
export function createNeedles(name: string, value: string | number | Uint8Array): readonly Needle[] {
  const forms =
    typeof value === 'number'
      ? numberForms(value)
      : typeof value === 'string'
        ? [value, value.replaceAll('-', '')].flatMap(textForms)
        : formsOf(Buffer.from(value))
  return forms.map((bytes) => ({ name, bytes }))
}

/** Names of what stands in the bytes, each once. */
export function findNeedles(haystack: Buffer, needles: readonly Needle[]): readonly string[] {
  return [...new Set(needles.filter(({ bytes }) => haystack.includes(bytes)).map(({ name }) => name))]
}
