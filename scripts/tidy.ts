// Owns: `npm run tidy`: reads the tree, runs every rule of scripts/tidy/, prints what is broken. Not here: the rules themselves.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkBudgets } from './tidy/budgets.ts'
import { checkDeadFiles, checkFloors } from './tidy/floors.ts'
import { checkPages } from './tidy/pages.ts'
import type { Tree, Violation } from './tidy/source.ts'
import { checkPurity, checkWords } from './tidy/words.ts'

const SKIPPED: ReadonlySet<string> = new Set(['node_modules', '.git', '.naru', '.cache', 'coverage', 'dist'])
const READ = /(\.(ts|tsx|md|json|ya?ml|sh|html|css)|^naru|^run|^LICENSE|^\.[a-z]+)$/

/** Reads every text file under `root`; other files are in the tree with an empty text. */
export function readTree(root: string): Map<string, string> {
  const tree = new Map<string, string>()
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (SKIPPED.has(entry.name)) continue
      if (entry.isDirectory()) visit(path)
      else if (entry.isFile()) tree.set(path, READ.test(entry.name) ? readFileSync(join(root, path), 'utf8') : '')
    }
  }
  visit('')
  return tree
}

/** Runs every rule over a tree; the violations come sorted by file and line. */
export function checkTree(tree: Tree): Violation[] {
  const rules = [checkFloors, checkDeadFiles, checkPurity, checkWords, checkBudgets, checkPages]
  const violations = rules.flatMap((rule) => rule(tree))
  return violations.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1))
}

/** Formats a violation as the line `file:line rule message`. */
export function formatViolation({ file, line, rule, message }: Violation): string {
  return `${file}:${line} ${rule} ${message}`
}

if (import.meta.main) {
  const tree = readTree(join(import.meta.dirname, '..'))
  const violations = checkTree(tree)
  for (const violation of violations) console.log(formatViolation(violation))
  console.error(violations.length === 0 ? `tidy: ${tree.size} files in order` : `tidy: ${violations.length} violations`)
  process.exitCode = violations.length === 0 ? 0 : 1
}
