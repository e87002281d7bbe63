// Owns: the bundle for maintainers: what it holds, and that no secret is in it.
// Not here: the checks (checks.ts), asking the node (cli).
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

/** One file of a bundle. */
export type BundleFile = { readonly name: string; readonly text: string }

const TAIL_BYTES_MAX = 262_144
const BLOCK = 512
const SECRET_PATTERNS: readonly RegExp[] = [
  /AGE-SECRET-KEY-[A-Z0-9-]+/g,
  /("?(?:seed|passphrase|password|secret|token)"?\s*[:=]\s*)("[^"]*"|[^\s,}]+)/gi,
  /(bearer\s+)[A-Za-z0-9._~+/-]+=*/gi,
]
const HIDDEN = '(not shown)'
/** A value so short would be struck out of ordinary words. */
const SECRET_CHARS_MIN = 4

/** The text without the given values and without what looks like a secret. */
export function redact(text: string, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret.length >= SECRET_CHARS_MIN)
  const struck = known.reduce((left, secret) => left.replaceAll(secret, HIDDEN), text)
  return SECRET_PATTERNS.reduce((left, pattern) => left.replace(pattern, (_all, head: unknown) => hide(head)), struck)
}

function hide(head: unknown): string {
  return typeof head === 'string' ? `${head}"${HIDDEN}"` : HIDDEN
}

/** The end of a log file, from the first whole line on; empty where there is none. */
export function readLogTail(path: string | null): string {
  if (path === null || !existsSync(path)) return ''
  const fd = openSync(path, 'r')
  try {
    const { size } = fstatSync(fd)
    const length = Math.min(size, TAIL_BYTES_MAX)
    const bytes = new Uint8Array(length)
    readSync(fd, bytes, 0, length, size - length)
    const text = new TextDecoder().decode(bytes)
    return size > length ? text.slice(text.indexOf('\n') + 1) : text
  } finally {
    closeSync(fd)
  }
}

/** A gzipped tar of the files, each redacted. */
export function buildBundle(files: readonly BundleFile[], options: { secrets: readonly string[]; atMs: number }): Uint8Array {
  const parts = files.flatMap(({ name, text }) => {
    const content = new TextEncoder().encode(redact(text, options.secrets))
    const padding = new Uint8Array((BLOCK - (content.length % BLOCK)) % BLOCK)
    return [tarHeader(`naru-doctor/${name}`, content.length, options.atMs), content, padding]
  })
  return new Uint8Array(gzipSync(Buffer.concat([...parts, new Uint8Array(2 * BLOCK)])))
}

// POSIX ustar: numbers are octal text, the checksum is counted with spaces in its own place.
function tarHeader(name: string, size: number, atMs: number): Uint8Array {
  const header = new Uint8Array(BLOCK)
  const put = (text: string, at: number): void => header.set(new TextEncoder().encode(text), at)
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`
  put(name.slice(0, 100), 0)
  put(octal(0o600, 7), 100)
  put(octal(0, 7), 108)
  put(octal(0, 7), 116)
  put(octal(size, 11), 124)
  put(octal(Math.floor(atMs / 1_000), 11), 136)
  put('        0', 148)
  put('ustar\x0000', 257)
  put(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  )
  return header
}
