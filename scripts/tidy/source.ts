// Owns: reading TypeScript by pattern: code without comments and texts, import lines, line numbers. Not here: any rule.

/** One broken rule at one place; `line` counts from 1. */
export type Violation = { file: string; line: number; rule: string; message: string }

/** One import, re-export or worker address found in a file. */
export type ImportLine = { line: number; specifier: string; isType: boolean; isReExport: boolean }

/** The files of the tree: path relative to its root, with forward slashes, to the text. */
export type Tree = ReadonlyMap<string, string>

/** True for a test file, which budgets, headers and purity do not bind. */
export function isTest(path: string): boolean {
  return path.endsWith('.test.ts') || path.startsWith('test/')
}

/** True for a file of TypeScript source, tests and declarations included. */
export function isTypeScript(path: string): boolean {
  return path.endsWith('.ts') || path.endsWith('.tsx')
}

/** The 1-based line of a character offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1
  return line
}

const REGEX_MAY_FOLLOW = /(?:[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|throw|yield|await))\s*$/

/** Where a quoted text, a comment or a pattern that opens at `start` ends; `start` itself if nothing opens there. */
function endOfOpaque(text: string, start: number, before: string): number {
  const two = text.slice(start, start + 2)
  if (two === '//') return endOr(text, text.indexOf('\n', start), 0)
  if (two === '/*') return endOr(text, text.indexOf('*/', start + 2), 2)
  const quote = text[start]
  if (quote === "'" || quote === '"') return endOfQuoted(text, start, quote)
  if (quote === '/' && (before.trim() === '' || REGEX_MAY_FOLLOW.test(before))) return endOfPattern(text, start)
  return start
}

function endOr(text: string, found: number, width: number): number {
  return found === -1 ? text.length : found + width
}

function endOfQuoted(text: string, start: number, quote: string): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at += 1
    else if (text[at] === quote) return at + 1
    else if (text[at] === '\n') return at
  }
  return text.length
}

function endOfPattern(text: string, start: number): number {
  let inClass = false
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at]
    if (char === '\\') at += 1
    else if (char === '\n') return start
    else if (char === '[') inClass = true
    else if (char === ']') inClass = false
    else if (char === '/' && !inClass) return at + 1
  }
  return start
}

// Every rule reads the same files.
const blanked = new Map<string, string>()

/** The same text, length and lines, with the insides of comments, texts and patterns turned into spaces. */
export function blankOpaque(text: string): string {
  const known = blanked.get(text)
  if (known !== undefined) return known
  const code = blankAfresh(text)
  blanked.set(text, code)
  return code
}

function blankAfresh(text: string): string {
  let code = ''
  const openTemplates: number[] = []
  let braces = 0
  let inTemplate = false
  for (let at = 0; at < text.length; ) {
    const char = text[at] as string
    if (inTemplate) {
      const opens = char === '$' && text[at + 1] === '{'
      if (opens) openTemplates.push(braces++)
      if (opens || char === '`') inTemplate = false
      const width = opens || char === '\\' ? 2 : 1
      code += opens ? ' {' : text.slice(at, at + width).replace(/[^\n]/g, ' ')
      at += width
      continue
    }
    const mayOpen = char === '/' || char === "'" || char === '"'
    const end = mayOpen ? endOfOpaque(text, at, code.slice(-24)) : at
    if (end > at) {
      code += text.slice(at, end).replace(/[^\n]/g, ' ')
      at = end
      continue
    }
    if (char === '`') inTemplate = true
    if (char === '{') braces += 1
    if (char === '}') {
      braces -= 1
      if (openTemplates.at(-1) === braces) {
        openTemplates.pop()
        inTemplate = true
      }
    }
    code += char === '`' ? ' ' : char
    at += 1
  }
  return code
}

const FROM = /^[ \t]*(import|export)\b(\s+type\b)?([^'"`;]*?)\bfrom\s*['"]([^'"\n]+)['"]/gm
const BARE = /^[ \t]*import\s*['"]([^'"\n]+)['"]/gm
const CALL = /\bimport\(\s*['"]([^'"\n]+)['"]/g
const ADDRESS = /\bnew URL\(\s*['"](\.[^'"\n]+\.ts)['"]\s*,\s*import\.meta\.url/g

/** True if the match at `offset` is code: the word there survived `blankOpaque`. */
function isCode(code: string, offset: number, matched: string): boolean {
  const shift = matched.search(/\S/)
  return code[offset + shift] === matched[shift]
}

/** Every import of a file, in the order of their patterns; comments and texts do not count. */
export function readImports(text: string, code: string = blankOpaque(text)): ImportLine[] {
  const found: ImportLine[] = []
  for (const match of text.matchAll(FROM)) {
    if (!isCode(code, match.index, match[0])) continue
    const names = (match[3] ?? '').trim()
    const allTyped = /^\{(\s*type\s[^,}]+,?)+\s*\}$/.test(names)
    const isType = match[2] !== undefined || allTyped
    const line = lineAt(text, match.index + match[0].search(/\S/) + 1)
    found.push({ line, specifier: match[4] as string, isType, isReExport: match[1] === 'export' })
  }
  for (const pattern of [BARE, CALL, ADDRESS]) {
    for (const match of text.matchAll(pattern)) {
      if (!isCode(code, match.index, match[0])) continue
      found.push({ line: lineAt(text, match.index + 1), specifier: match[1] as string, isType: false, isReExport: false })
    }
  }
  return found
}

/** The tree path a relative specifier means, seen from `file`. */
export function resolveRelative(file: string, specifier: string): string {
  const parts = file.split('/').slice(0, -1)
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}
