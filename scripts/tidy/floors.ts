// Owns: the floors table: which room may import what, and which packages. Not here: the words of purity (words.ts).

import { isTest, isTypeScript, readImports, resolveRelative } from './source.ts'
import type { ImportLine, Tree, Violation } from './source.ts'

/** The native transaction families, in dependency order: a room may read the keeper of an earlier one only. */
export const MODULE_ORDER: readonly string[] = ['governance', 'identity', 'payment', 'points', 'labor', 'insurance', 'vote']

/** A room of the house: `name` is its folder, `floor` counts from 0 at the bottom. */
export type Room = { floor: number; name: string }

const FOLDERS: readonly (readonly [prefix: string, floor: number])[] = [
  ['core/base', 0],
  ['core/crypto', 1],
  ['core/codec', 1],
  ['core/chain', 2],
  ['core/state', 2],
  ['core/execution', 3],
  ['consensus', 4],
  ['node/mempool', 5],
  ['node/sync', 5],
  ['node/snapshot', 5],
  ['node/storage', 5],
  ['node/network', 5],
  ['rpc', 5],
  ['sdk', 5],
  ['node', 6],
  ['cli', 7],
  ['sim', 7],
  ['bench', 7],
  ['examples', 7],
  ['test', 8],
  ['scripts', 8],
]

const PORTS = 'node/ports.ts'
/** The devnets of the command line are open to its neighbours (ADR 0012); nothing else of the command line is. */
const DEVNET = /^cli\/devnet\//
const DEVNET_USERS: ReadonlySet<string> = new Set(['sim', 'bench', 'examples'])
const SEAM = /^core\/crypto\/[a-z0-9-]+\.(node|browser)\.ts$/

/** The room of a file, or null for a file outside the house (types/, root configuration). */
export function roomOf(path: string): Room | null {
  if (path === PORTS) return { floor: 5, name: PORTS }
  if (path.startsWith('modules/')) {
    const [, room, ...rest] = path.split('/')
    return { floor: 4, name: rest.length === 0 ? 'modules' : `modules/${room}` }
  }
  if (path.startsWith('explorer/')) return { floor: 7, name: 'explorer' }
  const folder = FOLDERS.find(([prefix]) => path.startsWith(`${prefix}/`))
  return folder === undefined ? null : { floor: folder[1], name: folder[0] }
}

/** True for a file of the pure floors that purity binds; the platform seam of core/crypto is the one exception. */
export function isPure(path: string): boolean {
  if (isTest(path) || SEAM.test(path)) return false
  return /^(core|modules|consensus|node\/mempool|node\/sync)\//.test(path)
}

/** Why one module room may not import a file of another, or null if it may. */
function moduleFault(from: { file: string; room: string }, to: { path: string; room: string }, isType: boolean): string | null {
  if (from.room === 'modules') return to.path.endsWith('/index.ts') ? null : "modules/ takes only each room's index.ts"
  const mine = MODULE_ORDER.indexOf(from.room.slice('modules/'.length))
  const theirs = MODULE_ORDER.indexOf(to.room.slice('modules/'.length))
  const earlier = theirs !== -1 && (mine === -1 || theirs < mine)
  if (isTest(from.file)) return earlier || to.room === 'modules' ? null : `${to.room} is not an earlier room`
  if (!earlier) return `${to.room} is not an earlier room than ${from.room}`
  if (to.path.endsWith('/keeper.ts')) return null
  if (isType && /\/(schema|errors)\.ts$/.test(to.path)) return null
  return `of an earlier room only keeper.ts may be imported (schema.ts and errors.ts by import type)`
}

/** Why `file` may not import `target`, or null if it may. */
export function importFault(file: string, target: string, isType: boolean): string | null {
  const from = roomOf(file)
  const to = roomOf(target)
  if (from === null || to === null || from.name === to.name) return null
  if (isTest(file) && target.startsWith('test/')) return null
  if (from.name === 'test' && to.name === 'scripts') return null
  if (from.name === 'explorer') return to.name === 'sdk' ? null : 'explorer imports only sdk'
  if (target === PORTS && from.floor === 5) return isType ? null : 'node/ports.ts is for import type only'
  if (from.name.startsWith('modules') && to.name.startsWith('modules')) {
    return moduleFault({ file, room: from.name }, { path: target, room: to.name }, isType)
  }
  if (to.floor > from.floor)
    return `imports go down: floor ${from.floor} (${from.name}) may not import floor ${to.floor} (${to.name})`
  if (DEVNET_USERS.has(from.name) && DEVNET.test(target)) return null
  if (to.floor === from.floor) return `rooms on one floor are strangers: ${from.name} and ${to.name}`
  if (from.name === 'consensus' && to.floor > 2) return `consensus may import only floors 0 to 2, not ${to.name}`
  return null
}

/** Why a package may not be imported by `file`, or null if it may. */
function packageFault(file: string, specifier: string): string | null {
  if (specifier === '#native') return importFault(file, 'core/crypto/native.node.ts', false)
  if (file.startsWith('sdk/') && !isTest(file) && specifier.startsWith('node:'))
    return 'sdk also runs in browsers: no node: modules'
  if (!isPure(file)) return null
  if (file.startsWith('core/base/')) return 'core/base imports nothing'
  if (/^msgpackr(\/|$)/.test(specifier) && file.startsWith('core/codec/')) return null
  if (specifier.startsWith('@noble/') || specifier === '@scure/base') return null
  return `the pure floors may not import ${specifier}`
}

function checkImport(tree: Tree, file: string, found: ImportLine): Violation | null {
  const { line, specifier, isType } = found
  if (!specifier.startsWith('.')) {
    const message = packageFault(file, specifier)
    return message === null ? null : { file, line, rule: 'package', message }
  }
  const target = resolveRelative(file, specifier)
  if (!/\.(ts|tsx|json|css)$/.test(specifier)) {
    return { file, line, rule: 'import-ending', message: `write the ending: ${specifier}.ts` }
  }
  if (!tree.has(target)) return { file, line, rule: 'import-missing', message: `${target} does not exist` }
  const message = importFault(file, target, isType)
  return message === null ? null : { file, line, rule: 'floor', message }
}

/** Checks every import of every file against the floors table. */
export function checkFloors(tree: Tree): Violation[] {
  const violations: Violation[] = []
  for (const [file, text] of tree) {
    if (!isTypeScript(file)) continue
    for (const found of readImports(text)) {
      const violation = checkImport(tree, file, found)
      if (violation !== null) violations.push(violation)
    }
  }
  return violations
}

const ENTRIES: readonly RegExp[] = [
  /^(cli|sim|sim\/model)\/main\.ts$/,
  /^(scripts|bench|examples)\/[^/]+\.ts$/,
  // Started as processes, or loaded before one.
  /^test\/(soak\/(kills|outages|load|money|wages|heap-probe)|networks\/(main|skewed-clock|rot-probe))\.ts$/,
  /^sdk\/index\.ts$/,
  /\.test\.ts$/,
  /^vitest\.config\.ts$/,
  /\.d\.ts$/,
  /^explorer\/(main\.tsx?|vite\.config\.ts)$/,
]

/** Finds source files that nothing imports; a source file that only its own test imports is dead too. */
export function checkDeadFiles(tree: Tree): Violation[] {
  const alive = new Set<string>()
  for (const match of (tree.get('package.json') ?? '').matchAll(/"\.\/([^"]+\.ts)"/g)) alive.add(match[1] as string)
  for (const [file, text] of tree) {
    if (!isTypeScript(file)) continue
    for (const { specifier } of readImports(text)) {
      const target = specifier.startsWith('.') ? resolveRelative(file, specifier) : ''
      if (target !== file && (!isTest(file) || target.startsWith('test/'))) alive.add(target)
    }
  }
  const violations: Violation[] = []
  for (const file of tree.keys()) {
    if (!isTypeScript(file) || alive.has(file) || ENTRIES.some((entry) => entry.test(file))) continue
    violations.push({ file, line: 1, rule: 'dead-file', message: 'no source file imports this file' })
  }
  return violations
}
