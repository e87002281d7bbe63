// Owns: how an example reaches a devnet: its document, its nodes, its accounts, the launcher. Not here: any story.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createClient, createSender, createWallet, readChain } from '../sdk/index.ts'
import type { ChainRef, Client, Sender, Wallet } from '../sdk/index.ts'

/** A node as `devnet.json` names it. */
export type DevnetNode = { readonly name: string; readonly pid: number | null; readonly rpc: string }

/** A running devnet with the senders of its named accounts. */
export type Devnet = {
  readonly dir: string
  readonly chain: ChainRef
  /** The genesis document on disk: what an offline verifier trusts. */
  readonly genesisJson: unknown
  readonly nodes: () => readonly DevnetNode[]
  readonly client: (node: string) => Client
  readonly wallet: (account: string) => Wallet
  /** The one sender of an account at a node; it counts the account's nonces. */
  readonly sender: (account: string, node: string) => Sender
  readonly close: () => void
}

const LAUNCHER = join(import.meta.dirname, '../naru')

/** How a command of the launcher ended, and what it printed. */
export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

/** Runs a command of the launcher with `--json` to its end; `onNote` is told each line for people as it comes. */
export function tryNaru(words: readonly string[], onNote: (line: string) => void = () => undefined): Promise<Ended> {
  const child = spawn(LAUNCHER, [...words, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] })
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (part: Buffer) => out.push(part))
  child.stderr.on('data', (part: Buffer) => {
    err.push(part)
    for (const line of part.toString('utf8').split('\n')) if (line !== '') onNote(line)
  })
  return new Promise((done, fail) => {
    child.once('error', fail)
    child.once('close', (code) =>
      done({ code, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') }),
    )
  })
}

/** The same, giving its document. Throws with its message where it fails. */
export async function runNaru(words: readonly string[], onNote?: (line: string) => void): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await tryNaru(words, onNote)
  if (code === 0) return JSON.parse(stdout) as Record<string, unknown>
  throw new Error(`naru ${words.join(' ')} ended with ${code}: ${stdout}${stderr}`)
}

type Account = { readonly name: string; readonly seed: string }

/** Opens the devnet of a directory, which must run. Throws where a file is missing or no node answers. */
export async function openDevnet(path: string): Promise<Devnet> {
  const dir = resolve(path)
  const read = (name: string): unknown => JSON.parse(readFileSync(join(dir, name), 'utf8'))
  const nodes = (): readonly DevnetNode[] => (read('devnet.json') as { nodes: readonly DevnetNode[] }).nodes
  const { accounts } = read('accounts.json') as { accounts: readonly Account[] }
  const clients = new Map<string, Client>()
  const client = (name: string): Client => {
    const node = nodes().find((entry) => entry.name === name)
    if (node === undefined) throw new Error(`the devnet has no node ${name}`)
    const known = clients.get(name) ?? createClient({ url: node.rpc })
    clients.set(name, known)
    return known
  }
  const chain = await readChain(client('v1'))
  const wallet = (name: string): Wallet => {
    const account = accounts.find((entry) => entry.name === name)
    if (account === undefined) throw new Error(`the devnet has no account ${name}`)
    return createWallet({ seed: Buffer.from(account.seed.slice(2), 'hex'), keyId: 'k1', network: chain.network })
  }
  const senders = new Map<string, Sender>()
  return {
    dir,
    chain,
    genesisJson: read('genesis.json'),
    nodes,
    client,
    wallet,
    sender(account, node) {
      const key = `${account} at ${node}`
      const sender = senders.get(key) ?? createSender({ client: client(node), chain, wallet: wallet(account) })
      senders.set(key, sender)
      return sender
    },
    close: () => {
      for (const open of clients.values()) open.close()
    },
  }
}
