// Owns: the node's configuration: reading it from its sources, and where each value came from. Data only, never executed.
// Not here: its keys (config-schema.ts), key files (keystore.ts), what the parts do with their values.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { LineCounter, isMap, parse, parseDocument } from 'yaml'
import type { Document } from 'yaml'
import type { z } from 'zod'
import { NodeError } from '../core/base/errors.ts'
import { findNearest } from '../rpc/nearest.ts'
import { ConfigSchema, configKeys } from './config-schema.ts'

type Parsed = z.infer<typeof ConfigSchema>
type SignerConfig = Omit<NonNullable<Parsed['signer']>, 'journal'> & { readonly journal: string }

/** A checked configuration: paths are absolute, listeners carry their final port, every default is in place. */
export type NodeConfig = Omit<Parsed, 'signer' | 'nextSigner' | 'p2p' | 'rpc' | 'admin' | 'metrics'> & {
  readonly signer: SignerConfig | null
  readonly nextSigner: SignerConfig | null
  readonly p2p: Omit<Parsed['p2p'], 'keySeedFile'> & { readonly keySeedFile: string }
  readonly rpc: Omit<Parsed['rpc'], 'port'>
  readonly admin: { readonly socket: string }
  readonly metrics: Omit<Parsed['metrics'], 'port'>
}

/** Where a value came from, weakest first. */
export type Origin = 'default' | 'file' | 'env' | 'flag'

/** A configuration with the origin of each value and what looked odd. */
export type LoadedConfig = {
  readonly config: NodeConfig
  readonly origins: ReadonlyMap<string, Origin>
  readonly warnings: readonly string[]
}

/** What a configuration is made of; `flags` are by dotted key, such as `rpc.listen`. */
export type ConfigSources = {
  readonly file?: string | undefined
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly flags?: Readonly<Record<string, unknown>>
}

type Source = { readonly text: string; readonly path: string; readonly document: Document; readonly lines: LineCounter }
type Tree = { [key: string]: unknown }

/** Loads default < file < NARU_* environment < flags. Throws NodeError CONFIG_MISSING or CONFIG_INVALID with the line. */
export function loadConfig({ file, env = {}, flags = {} }: ConfigSources): LoadedConfig {
  const source = file === undefined ? null : readSource(file)
  const tree: Tree = {}
  const origins = new Map<string, Origin>()
  const warnings: string[] = []
  if (source !== null) mergeTree(tree, (source.document.toJS() ?? {}) as Tree)
  for (const key of leafKeys(tree)) origins.set(key, 'file')
  for (const { name, key, value } of readEnv(env, warnings)) {
    setAt(tree, key, parseEnvValue(name, value))
    origins.set(key, 'env')
  }
  for (const [key, value] of Object.entries(flags)) {
    if (value === undefined) continue
    setAt(tree, key, value)
    origins.set(key, 'flag')
  }
  const result = ConfigSchema.safeParse(tree)
  if (!result.success) throw buildConfigError(result.error, source)
  for (const section of ['rpc', 'metrics']) {
    const port = origins.get(`${section}.port`)
    if (port !== undefined) origins.set(`${section}.listen`, port)
  }
  const base = dirname(resolve(file ?? 'naru.yaml'))
  return { config: settle(result.data, base), origins, warnings }
}

/** Where a value by dotted key came from; a part of a list or of an object set as one has the origin of the whole. */
export function configOrigin(loaded: LoadedConfig, key: string): Origin {
  for (let at = key; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
    const found = loaded.origins.get(at)
    if (found !== undefined) return found
  }
  return 'default'
}

/** Host and port of a `host:port` text; an IPv6 host loses its brackets. */
export function parseListen(text: string): { readonly host: string; readonly port: number } {
  const at = text.lastIndexOf(':')
  return { host: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) }
}

function readSource(file: string): Source {
  if (!existsSync(file)) {
    throw new NodeError(
      'CONFIG_MISSING',
      `there is no configuration at ${file}; make one with naru init, or name it with --config`,
    )
  }
  const text = readFileSync(file, 'utf8')
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  const fault = document.errors[0]
  if (fault !== undefined) {
    throw new NodeError(
      'CONFIG_INVALID',
      `${file}:${lines.linePos(fault.pos[0]).line}: ${fault.message.split('\n')[0] ?? 'not YAML'}`,
    )
  }
  if (document.contents !== null && !isMap(document.contents)) {
    throw new NodeError('CONFIG_INVALID', `${file}: expected keys and values, such as rpc: { listen: 127.0.0.1:8545 }`)
  }
  return { text, path: file, document, lines }
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function mergeTree(into: Tree, from: Tree): void {
  // A section written with nothing under it (`rpc:`) means its defaults.
  const isNullable = (key: string): boolean => key === 'signer' || key === 'nextSigner'
  for (const [key, value] of Object.entries(from)) if (value !== null || isNullable(key)) into[key] = value
}

function leafKeys(tree: Tree, prefix = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    isTree(value) ? leafKeys(value, `${prefix}${key}.`) : [`${prefix}${key}`],
  )
}

function setAt(tree: Tree, key: string, value: unknown): void {
  const parts = key.split('.')
  const last = parts.pop() as string
  let at = tree
  for (const part of parts) {
    if (!isTree(at[part])) at[part] = {}
    at = at[part] as Tree
  }
  at[last] = value
}

// Variables of the program around the configuration, which are no keys of it.
const OTHER_ENV = /^NARU_(PASSPHRASE|NEW_PASSPHRASE|DIR|RPC_URL)$/

function readEnv(env: ConfigSources['env'], warnings: string[]): { name: string; key: string; value: string }[] {
  const named = Object.entries(env ?? {}).filter(
    ([name, value]) => name.startsWith('NARU_') && value !== undefined && !OTHER_ENV.test(name),
  )
  if (named.length === 0) return []
  const envNameOf = (key: string): string => `NARU_${key.split('.').map(toSnake).join('__')}`
  const byName = new Map(configKeys().map((key) => [envNameOf(key), key]))
  return named.flatMap(([name, value]) => {
    const key = byName.get(name)
    if (key !== undefined) return [{ name, key, value: value as string }]
    const nearest = findNearest(name, byName.keys())
    warnings.push(
      `the environment variable ${name} is no key of the configuration${nearest === null ? '' : `; did you mean ${nearest}?`}`,
    )
    return []
  })
}

function toSnake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}

function parseEnvValue(name: string, value: string): unknown {
  try {
    return parse(value)
  } catch {
    throw new NodeError(
      'CONFIG_INVALID',
      `${name}: ${JSON.stringify(value.slice(0, 80))} is neither a plain value nor a list like [a, b]`,
    )
  }
}

function buildConfigError(error: z.ZodError, source: Source | null): NodeError {
  const issue = error.issues[0] as z.core.$ZodIssue
  const isUnknown = issue.code === 'unrecognized_keys'
  const path = isUnknown ? [...issue.path, issue.keys[0] as string] : issue.path
  const key = path.join('.')
  const line = source === null ? null : lineOf(source, path)
  const place = source === null || line === null ? '' : `${source.path}:${line}: `
  if (!isUnknown) return new NodeError('CONFIG_INVALID', `${place}${key}: ${issue.message}`)
  const parent = issue.path.join('.')
  const siblings = configKeys().flatMap((known) =>
    known.startsWith(parent) ? [known.slice(parent === '' ? 0 : parent.length + 1).split('.')[0] as string] : [],
  )
  const nearest = findNearest(issue.keys[0] as string, new Set(siblings))
  const hint = nearest === null ? `known are ${[...new Set(siblings)].join(', ')}` : `did you mean ${nearest}?`
  return new NodeError('CONFIG_INVALID', `${place}unknown key ${key}; ${hint}`)
}

/** Line of the deepest part of the path that stands in the file. */
function lineOf(source: Source, path: readonly PropertyKey[]): number | null {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = depth === 1 ? source.document.contents : source.document.getIn(path.slice(0, depth - 1), true)
    if (!isMap(parent)) continue
    const pair = parent.items.find(
      (item) => String((item.key as { value?: unknown } | null)?.value ?? item.key) === String(path[depth - 1]),
    )
    const range = (pair?.key as { range?: readonly number[] } | undefined)?.range
    if (range !== undefined) return source.lines.linePos(range[0] as number).line
  }
  return null
}

function settle(parsed: Parsed, base: string): NodeConfig {
  const at = (path: string): string => resolve(base, path)
  const dir = at(parsed.data.dir)
  const withPort = (text: string, override: number | null): string =>
    override === null ? text : `${text.slice(0, text.lastIndexOf(':'))}:${override}`
  const { p2p, rpc, metrics } = parsed
  return {
    ...parsed,
    chain: { ...parsed.chain, genesis: at(parsed.chain.genesis), recoveries: parsed.chain.recoveries.map(at) },
    data: { ...parsed.data, dir },
    signer: settleSigner(parsed.signer, at, resolve(dir, 'sign-state')),
    nextSigner: settleSigner(parsed.nextSigner, at, resolve(dir, 'sign-state-next')),
    p2p: { ...p2p, keySeedFile: p2p.keySeedFile === null ? resolve(dir, 'p2p.key') : at(p2p.keySeedFile) },
    rpc: { listen: withPort(rpc.listen, rpc.port), origins: rpc.origins, hosts: rpc.hosts, limits: rpc.limits },
    admin: { socket: parsed.admin.socket === null ? resolve(dir, 'admin.sock') : at(parsed.admin.socket) },
    metrics: { listen: withPort(metrics.listen, metrics.port) },
    log: { ...parsed.log, file: parsed.log.file === null ? null : at(parsed.log.file) },
  }
}

function settleSigner(signer: Parsed['signer'], at: (path: string) => string, journal: string): SignerConfig | null {
  if (signer === null) return null
  const { passphrase, keystore } = signer
  return {
    keystore: at(keystore),
    passphrase: passphrase.from === 'file' ? { ...passphrase, path: at(passphrase.path) } : passphrase,
    journal: signer.journal === null ? journal : at(signer.journal),
  }
}
