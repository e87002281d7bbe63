// Owns: pages: one title, links that lead somewhere, functions named in them exist. Not here: generated pages (gen-docs.ts).

import { resolveRelative } from './source.ts'
import type { Tree, Violation } from './source.ts'

const ARCHITECTURE = 'docs/concepts/architecture.md'
const README_LINES_MAX = 120
/** A room's page lists every transaction and every error of its family. */
const ROOM_README_LINES_MAX = 200

/** The page with its fenced blocks turned into empty lines. */
function withoutFences(text: string): string[] {
  let fenced = false
  return text.split('\n').map((line) => {
    const isFence = /^\s*(```|~~~)/.test(line)
    if (isFence) fenced = !fenced
    return isFence || fenced ? '' : line
  })
}

function checkTitle(file: string, lines: readonly string[]): Violation[] {
  const titles = lines.flatMap((line, index) => (/^# \S/.test(line) ? [index + 1] : []))
  if (titles.length === 1) return []
  return [{ file, line: titles[1] ?? 1, rule: 'page-title', message: `${titles.length} titles, one allowed and needed` }]
}

function checkLinks(tree: Tree, folders: ReadonlySet<string>, file: string, lines: readonly string[]): Violation[] {
  const violations: Violation[] = []
  lines.forEach((line, index) => {
    for (const match of line.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      const link = match[1] as string
      if (/^[a-z]+:/.test(link)) continue
      const target = resolveRelative(file, link.replace(/\/$/, ''))
      if (tree.has(target) || folders.has(target)) continue
      violations.push({ file, line: index + 1, rule: 'page-link', message: `${target} does not exist` })
    }
  })
  return violations
}

/** In the architecture page, each `path.ts` followed by a `name` promises that the file holds that name. */
function checkNamedFunctions(tree: Tree, lines: readonly string[]): Violation[] {
  const file = ARCHITECTURE
  const violations: Violation[] = []
  lines.forEach((line, index) => {
    for (const match of line.matchAll(/`((?:[\w-]+\/)+[\w.-]+\.ts)`(?:[ |]+`(\w+)(?:\([^`]*\))?`)?/g)) {
      const [, path = '', name] = match
      const text = tree.get(path)
      if (text === undefined) {
        violations.push({ file, line: index + 1, rule: 'page-function', message: `${path} does not exist` })
      } else if (name !== undefined && !new RegExp(`\\b${name}\\b`).test(text)) {
        violations.push({ file, line: index + 1, rule: 'page-function', message: `${path} has no ${name}` })
      }
    }
  })
  return violations
}

/** Checks every page of the tree. */
export function checkPages(tree: Tree): Violation[] {
  const violations: Violation[] = []
  const folders = new Set<string>([''])
  for (const path of tree.keys()) {
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) folders.add(path.slice(0, at))
  }
  for (const [file, text] of tree) {
    if (!file.endsWith('.md')) continue
    const lines = withoutFences(text)
    violations.push(...checkTitle(file, lines), ...checkLinks(tree, folders, file, lines))
    if (file === ARCHITECTURE) violations.push(...checkNamedFunctions(tree, lines))
    const length = text.trimEnd().split('\n').length
    const lengthMax = /^modules\/\w+\//.test(file) ? ROOM_README_LINES_MAX : README_LINES_MAX
    if (file.endsWith('README.md') && length > lengthMax) {
      violations.push({ file, line: length, rule: 'page-lines', message: `${length} lines, ${lengthMax} allowed` })
    }
  }
  return violations
}
