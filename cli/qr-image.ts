// Owns: QR codes as people see them: in a terminal, as SVG or PNG, and read back from an image file. Not here: what they say.
import { readFileSync } from 'node:fs'
import { PNG } from 'pngjs'
import encodeQR from 'qr'
import decodeQR from 'qr/decode.js'
import { CliError, EXIT } from './errors.ts'

/** How a code is drawn. */
export const QR_FORMATS = ['term', 'svg', 'png'] as const
export type QrFormat = (typeof QR_FORMATS)[number]

// The quiet zone that readers need (ISO/IEC 18004, 9.1).
const BORDER = 4
const PIXELS_MAX = 8_000 * 8_000

/** A code as text (`term`, `svg`) or as the bytes of a PNG with `scale` pixels a module. */
export function drawQr(text: string, format: QrFormat, scale = 8): string | Uint8Array {
  if (format === 'term') return encodeQR(text, 'ascii', { ecc: 'medium', border: BORDER })
  if (format === 'svg') return encodeQR(text, 'svg', { ecc: 'medium', border: BORDER, scale })
  const modules = encodeQR(text, 'raw', { ecc: 'medium', border: BORDER })
  const size = modules.length * scale
  const image = new PNG({ width: size, height: size, colorType: 0 })
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const shade = modules[Math.floor(y / scale)]?.[Math.floor(x / scale)] === true ? 0 : 255
      image.data.set([shade, shade, shade, 255], (y * size + x) * 4)
    }
  }
  return new Uint8Array(PNG.sync.write(image, { colorType: 0 }))
}

/** The text of the code in a PNG or JPEG file. Throws CliError QR_NOT_FOUND or QR_IMAGE. */
export async function readQrImage(path: string): Promise<string> {
  const image = await readPixels(path)
  try {
    return decodeQR(image, { effort: Number.POSITIVE_INFINITY, timeLimit: Number.POSITIVE_INFINITY })
  } catch {
    throw new CliError(
      EXIT.verification,
      'QR_NOT_FOUND',
      `${path} shows no QR code that can be read; take it closer and straight`,
    )
  }
}

async function readPixels(path: string): Promise<{ width: number; height: number; data: Uint8Array }> {
  const bytes = readFileSync(path)
  try {
    const isPng = bytes[0] === 0x89 && bytes[1] === 0x50
    const image = isPng
      ? PNG.sync.read(bytes)
      : (await import('jpeg-js')).decode(bytes, { useTArray: true, maxMemoryUsageInMB: 512 })
    if (image.width * image.height > PIXELS_MAX) throw new Error(`${image.width} x ${image.height} pixels are too many`)
    return { width: image.width, height: image.height, data: new Uint8Array(image.data) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError(EXIT.usage, 'QR_IMAGE', `${path} is no PNG or JPEG image that can be read: ${reason}`)
  }
}
