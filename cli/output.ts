// Owns: what goes where: documents to stdout, everything for people beside them to stderr. Not here: what is said.
import { renderError } from './errors.ts'

/** Where a command writes. With `--json` stdout holds JSON alone: one document, or one per line for a stream. */
export type Output = {
  readonly json: boolean
  /** True when a person watches stdout and it can be redrawn. */
  readonly isTty: boolean
  /** The one answer of a command. */
  readonly result: (document: unknown, human: string) => void
  /** One item of a stream. */
  readonly item: (document: unknown, human: string) => void
  /** Something for people, on stderr. */
  readonly note: (text: string) => void
  /** An error: a document with `--json`, else text on stderr. */
  readonly fail: (error: unknown, verbose: boolean) => void
}

type Sink = { readonly write: (text: string) => unknown; readonly isTTY?: boolean }

/** Writes to the given streams. */
export function createOutput(options: { json: boolean; stdout: Sink; stderr: Sink }): Output {
  const { json, stdout, stderr } = options
  let isAnswered = false
  return {
    json,
    isTty: !json && stdout.isTTY === true,
    result: (document, human) => {
      isAnswered = true
      if (json) stdout.write(`${toJsonText(document, 2)}\n`)
      else if (human !== '') stdout.write(`${human}\n`)
    },
    item: (document, human) => {
      isAnswered = true
      stdout.write(`${json ? toJsonText(document, 0) : human}\n`)
    },
    note: (text) => {
      stderr.write(`${text}\n`)
    },
    fail: (error, verbose) => {
      const document = renderError(error)
      // A second document would break whoever parses the first.
      if (json && !isAnswered) stdout.write(`${toJsonText(document, 2)}\n`)
      else stderr.write(`naru: ${String(document.error['message'])}\n`)
      if (verbose && error instanceof Error) stderr.write(`${error.stack ?? ''}\n`)
    },
  }
}

function toJsonText(document: unknown, indent: number): string {
  return JSON.stringify(document, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value), indent)
}

/** Rows as columns padded to their widest cell, two spaces apart. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length)
  }
  return rows
    .map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  '))
    .join('\n')
}
