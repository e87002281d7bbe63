// Owns: sizes and shapes of a source file: lines, functions, header, exports, names. Not here: imports (floors.ts).

import { blankOpaque, isTest, isTypeScript, lineAt, readImports } from './source.ts'
import type { Tree, Violation } from './source.ts'

/** The most lines a source file may have; tests are exempt. */
export const FILE_LINES_MAX = 300
/** The most lines a function may have, from its parameters to its closing brace; tests are exempt. */
export const FUNCTION_LINES_MAX = 60
/** The most characters a line of source may have; tests are exempt. */
export const LINE_CHARS_MAX = 130

const BLOCK_WORD = /\b(if|for|while|switch|catch|with)\s*$/
const AFTER_PARAMETERS = /\)\s*(?::\s*[^;={}()]*(?:\([^()]*\)\s*=>\s*[^;={}()]*)?)?$/

/** Offset of the `(` that the `)` at `end` closes, or -1. */
function openingParenthesis(code: string, end: number): number {
  let depth = 0
  for (let at = end; at >= 0; at--) {
    if (code[at] === ')') depth += 1
    else if (code[at] === '(' && --depth === 0) return at
  }
  return -1
}

/** Where the function whose body opens at `brace` starts, or -1 if the brace opens something else. */
function functionStart(code: string, brace: number): number {
  const before = code.slice(0, brace).trimEnd()
  if (before.endsWith('=>')) {
    const head = before.slice(0, -2).trimEnd()
    const parameters = AFTER_PARAMETERS.exec(head.slice(-400))
    if (parameters === null) return head.length - 1
    const close = head.length - head.slice(-400).length + parameters.index
    return Math.max(openingParenthesis(code, close), 0)
  }
  const tail = before.slice(-400)
  const parameters = AFTER_PARAMETERS.exec(tail)
  if (parameters === null) return -1
  const open = openingParenthesis(code, before.length - tail.length + parameters.index)
  return open === -1 || BLOCK_WORD.test(code.slice(Math.max(0, open - 12), open)) ? -1 : open
}

/** The functions of a file with their first line and length in lines, found by matching braces. */
export function measureFunctions(text: string): { line: number; lines: number }[] {
  const code = blankOpaque(text)
  const open: number[] = []
  const functions: { line: number; lines: number }[] = []
  for (let at = 0; at < code.length; at++) {
    if (code[at] === '{') open.push(at)
    if (code[at] !== '}') continue
    const brace = open.pop()
    const start = brace === undefined ? -1 : functionStart(code, brace)
    if (start === -1) continue
    const line = lineAt(code, start)
    functions.push({ line, lines: lineAt(code, at) - line + 1 })
  }
  return functions
}

function checkSizes(file: string, text: string): Violation[] {
  const violations: Violation[] = []
  const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text.split('\n')
  if (lines.length > FILE_LINES_MAX) {
    violations.push({ file, line: lines.length, rule: 'file-lines', message: `${lines.length} lines, ${FILE_LINES_MAX} allowed` })
  }
  for (const { line, lines: length } of measureFunctions(text)) {
    if (length <= FUNCTION_LINES_MAX) continue
    violations.push({ file, line, rule: 'function-lines', message: `${length} lines, ${FUNCTION_LINES_MAX} allowed` })
  }
  lines.forEach((line, index) => {
    if (line.length <= LINE_CHARS_MAX) return
    const message = `${line.length} characters, ${LINE_CHARS_MAX} allowed`
    violations.push({ file, line: index + 1, rule: 'line-length', message })
  })
  return violations
}

const EXPORT = /^export\s+(?:declare\s+|abstract\s+|async\s+)*(?:function\*?|const|let|class|type|interface)\s+(\w+)/
const DERIVED_TYPE = /^export type \w+ = (?:Infer<|\(?(?:keyof )?typeof )/
const WEAK_NAME = /(?:^|[-/])(manager|helper|helpers|util|utils|service|services|misc|common)(?:[-.]|$)/

/** True if the code before line `index` ends in a comment, or declares an overload of the same name. */
function isDocumented(lines: readonly string[], index: number, name: string): boolean {
  const before = (lines[index - 1] ?? '').trim()
  if (before.endsWith('*/') || before.startsWith('//')) return true
  return lines.slice(Math.max(0, index - 12), index).some((line) => EXPORT.exec(line)?.[1] === name)
}

function checkExports(file: string, text: string): Violation[] {
  const violations: Violation[] = []
  const code = blankOpaque(text).split('\n')
  const lines = text.split('\n')
  code.forEach((line, index) => {
    if (/^export\s+default\b/.test(line)) {
      violations.push({ file, line: index + 1, rule: 'default-export', message: 'export by name' })
    }
    const name = EXPORT.exec(line)?.[1]
    if (name !== undefined && !DERIVED_TYPE.test(line) && !isDocumented(lines, index, name)) {
      violations.push({ file, line: index + 1, rule: 'export-comment', message: `${name} needs one sentence` })
    }
  })
  if (file === 'sdk/index.ts') return violations
  for (const { line, isReExport } of readImports(text)) {
    if (isReExport)
      violations.push({ file, line, rule: 'barrel', message: 'import from where it lives; only sdk/index.ts re-exports' })
  }
  return violations
}

/** Checks every source file's size, header, exports and name. */
export function checkBudgets(tree: Tree): Violation[] {
  const violations: Violation[] = []
  for (const [file, text] of tree) {
    if (!isTypeScript(file) || isTest(file)) continue
    const first = text.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#!')) ?? ''
    if (!first.startsWith('// Owns: ')) {
      violations.push({ file, line: 1, rule: 'header', message: 'open with `// Owns: ... Not here: ...`' })
    }
    if (WEAK_NAME.test(file.slice(file.lastIndexOf('/') + 1))) {
      violations.push({ file, line: 1, rule: 'weak-name', message: 'name the file after what it does' })
    }
    violations.push(...checkSizes(file, text))
    if (file !== 'vitest.config.ts' && !file.endsWith('.d.ts')) violations.push(...checkExports(file, text))
  }
  return violations
}
