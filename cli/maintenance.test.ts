import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toHex } from '../core/base/bytes.ts'
import { createSigner } from '../core/crypto/keys.ts'
import { createKey, writeDevKey } from '../node/keystore.ts'
import { openStopped } from '../node/maintenance/stopped-store.ts'
import { readSignState } from '../node/maintenance/sign-state-file.ts'
import { initJournal, openJournal } from '../node/storage/journal.ts'
import { KEYS } from '../node/storage/keys.ts'
import { buildStoredGenesis, journalPlaceOf, writeStoredChain } from '../test/helpers/stored-chain.ts'
import { createOutput } from './output.ts'
import type { CommandCall, CommandSpec } from './command.ts'
import { auditCommands } from './commands/audit.ts'
import { backupCommands } from './commands/backup.ts'
import { pruneCommands } from './commands/prune.ts'
import { rollbackCommands } from './commands/rollback.ts'
import { snapshotCommands } from './commands/snapshot.ts'
import { exitCodeOf } from './errors.ts'

const BLOCKS = 340
const root = mkdtempSync(join(tmpdir(), 'naru-maintenance-'))
const whole = join(root, 'whole')
let copies = 0

beforeAll(async () => {
  await writeStoredChain(whole, { blocks: BLOCKS, txsPerBlock: 2 })
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

function copyOf(): string {
  const dir = join(root, `copy-${copies++}`)
  cpSync(whole, dir, { recursive: true })
  return dir
}

type Ended = {
  readonly exit: number
  readonly document: Record<string, unknown>
  readonly error: { code?: string; message?: string }
}

/** Runs one command as the program does, with its defaults; the document, or the error with its exit code. */
async function run(
  commands: readonly CommandSpec[],
  path: string,
  options: Record<string, unknown>,
  args: string[] = [],
): Promise<Ended> {
  const spec = commands.find((command) => command.path === path)
  if (spec === undefined) throw new Error(`no command ${path}`)
  const defaults = Object.fromEntries(
    (spec.options ?? []).flatMap(([flags, , fallback]) => {
      const name = /--([a-z-]+)/.exec(flags)?.[1]?.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
      return fallback === undefined || name === undefined ? [] : [[name, fallback]]
    }),
  )
  const lines: string[] = []
  const sink = { write: (text: string) => lines.push(text) }
  const out = createOutput({ json: true, stdout: sink, stderr: { write: () => true } })
  const call: CommandCall = { args, options: { ...defaults, ...options }, out, env: (options['env'] as CommandCall['env']) ?? {} }
  try {
    await spec.run(call)
    return { exit: 0, document: JSON.parse(lines.join('')) as Record<string, unknown>, error: {} }
  } catch (error) {
    return { exit: exitCodeOf(error), document: {}, error: error as Ended['error'] }
  }
}

describe('naru audit', () => {
  it('tells what it executed, and ends with 12 and the record at the first wrong one', async () => {
    const dir = copyOf()
    const data = join(dir, 'data')
    expect((await run(auditCommands, '', { data })).document).toMatchObject({ ok: true, from: 1, top: BLOCKS, executed: BLOCKS })
    const { store, close } = await openStopped(data)
    const key = KEYS.receipts(30)
    const value = (store.get(key) as Uint8Array).slice()
    value[40] = (value[40] as number) ^ 4
    await store.writeBatch([{ key, value }])
    await close()
    const found = await run(auditCommands, '', { data })
    expect(found).toMatchObject({ exit: 12, error: { code: 'AUDIT_FAILED', detail: { key, record: 'receipts', height: 30 } } })
  })

  it('needs a node that is stopped, a store and a genesis of the same chain', async () => {
    const data = join(copyOf(), 'data')
    const held = await openStopped(data)
    expect(await run(auditCommands, '', { data })).toMatchObject({ exit: 20, error: { code: 'DATA_DIR_LOCKED' } })
    await held.close()
    mkdirSync(join(root, 'nothing'))
    const genesis = join(whole, 'genesis.json')
    expect(await run(auditCommands, '', { data: join(root, 'nothing'), genesis })).toMatchObject({
      exit: 22,
      error: { code: 'STORE_MISSING' },
    })
    expect(await run(auditCommands, '', { data: join(root, 'nothing') })).toMatchObject({ exit: 2 })
    const other = join(root, 'other.json')
    writeFileSync(other, JSON.stringify({ ...(buildStoredGenesis().json as object), chainId: 'naru-other-1' }))
    expect(await run(auditCommands, '', { data, genesis: other })).toMatchObject({ exit: 12, error: { code: 'AUDIT_FAILED' } })
  })
})

describe('naru snapshot', () => {
  it('goes from one node to another: create, ls, verify, restore, audit', async () => {
    const dir = copyOf()
    const snapshot = join(dir, 'snapshots', 'at-340')
    mkdirSync(join(dir, 'snapshots'))
    const made = await run(snapshotCommands, 'create <out>', { data: join(dir, 'data') }, [snapshot])
    expect(made.document).toMatchObject({ height: BLOCKS, chunks: 16 })
    const listed = await run(snapshotCommands, 'ls [dir]', {}, [join(dir, 'snapshots')])
    expect(listed.document).toMatchObject({ snapshots: [{ name: 'at-340', error: null, snapshot: { height: BLOCKS } }] })
    const genesis = join(dir, 'genesis.json')
    expect((await run(snapshotCommands, 'verify <dir>', { genesis }, [snapshot])).exit).toBe(0)
    const data = join(dir, 'fresh', 'data')
    expect((await run(snapshotCommands, 'restore <dir>', { data, genesis }, [snapshot])).document).toMatchObject({
      height: BLOCKS,
    })
    expect(await run(snapshotCommands, 'restore <dir>', { data, genesis }, [snapshot])).toMatchObject({
      exit: 20,
      error: { code: 'SNAPSHOT_NOT_EMPTY' },
    })
    expect(await run(auditCommands, '', { data, genesis })).toMatchObject({ exit: 2 })
    expect((await run(auditCommands, '', { data, genesis, snapshot })).document).toMatchObject({
      oldest: BLOCKS + 1,
      executed: 0,
    })
    const chunk = join(snapshot, 'chunk-000000.bin')
    const bytes = readFileSync(chunk)
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1
    writeFileSync(chunk, bytes)
    expect(await run(snapshotCommands, 'verify <dir>', { genesis }, [snapshot])).toMatchObject({
      exit: 12,
      error: { code: 'SNAPSHOT_CORRUPT' },
    })
  })
})

describe('naru prune', () => {
  it('prints bytes before and after, and refuses a window that rollback would miss', async () => {
    const data = join(copyOf(), 'data')
    expect((await run(pruneCommands, '', { data })).exit).toBe(2)
    expect((await run(pruneCommands, '', { data, keep: '255' })).exit).toBe(2)
    expect((await run(pruneCommands, '', { data, mode: 'archive', keep: '300' })).exit).toBe(2)
    expect((await run(pruneCommands, '', { data, mode: 'archive' })).document).toMatchObject({ oldest: 1, records: 0 })
    const { document } = await run(pruneCommands, '', { data, keep: '260' })
    expect(document).toMatchObject({ oldestBefore: 1, oldest: BLOCKS - 260 + 1, top: BLOCKS })
    expect(document['bytesAfter']).toBeLessThan(document['bytesBefore'] as number)
  })
})

describe('naru rollback', () => {
  function signAt(path: string, height: number) {
    const place = journalPlaceOf(path, 'v1')
    initJournal({ ...place, afterHeight: 0 })
    const journal = openJournal({ ...place, allowCreate: false })
    const bytes = new Uint8Array(64).fill(7)
    journal.record({ height, round: 0, step: 3, blockIdHex: 'ab'.repeat(32), signBytes: bytes, signature: bytes })
    journal.close()
    return place
  }

  it('refuses below the last vote of the key, which stays as it is', async () => {
    const dir = copyOf()
    const data = join(dir, 'data')
    const place = signAt(join(dir, 'sign-state'), BLOCKS)
    const bytes = readFileSync(place.path)
    expect(await run(rollbackCommands, '', { data, to: '260' })).toMatchObject({ exit: 20, error: { code: 'ROLLBACK_SIGNED' } })
    expect(readFileSync(place.path)).toEqual(bytes)
    const { chain, close } = await openStopped(data)
    expect(chain.head()?.height).toBe(BLOCKS)
    await close()
  })

  it('with --raise-floor makes the key silent up to the old head and sets the log aside', async () => {
    const dir = copyOf()
    const data = join(dir, 'data')
    const place = signAt(join(dir, 'sign-state'), BLOCKS - 2)
    mkdirSync(join(data, 'wal'))
    const { document } = await run(rollbackCommands, '', { data, to: '260', raiseFloor: true })
    expect(document).toMatchObject({ from: BLOCKS, to: 260, silentUpTo: BLOCKS })
    expect(readSignState(place.path, place.chainTag)).toMatchObject({ lastHeight: BLOCKS - 2, floorHeight: BLOCKS })
    expect(readdirSync(data).filter((name) => name.startsWith('wal'))).toEqual([`wal.before-rollback-${BLOCKS}`])
  })

  it('asks the key of a rotation too, which is the one that signs once it is active', async () => {
    const dir = copyOf()
    const data = join(dir, 'data')
    signAt(join(dir, 'sign-state'), 200)
    const next = signAt(join(dir, 'sign-state-next'), BLOCKS)
    expect(await run(rollbackCommands, '', { data, to: '260' })).toMatchObject({ exit: 20, error: { code: 'ROLLBACK_SIGNED' } })
    const { document } = await run(rollbackCommands, '', { data, to: '260', raiseFloor: true })
    expect(document).toMatchObject({ to: 260, silentUpTo: BLOCKS })
    expect(readSignState(next.path, next.chainTag)).toMatchObject({ lastHeight: BLOCKS, floorHeight: BLOCKS })
    expect(readSignState(join(dir, 'sign-state'), next.chainTag)).toMatchObject({ lastHeight: 200, floorHeight: 0 })
  })

  it('leaves the key alone where it never spoke above the new head, and where nothing can be rolled back', async () => {
    const dir = copyOf()
    const data = join(dir, 'data')
    const place = signAt(join(dir, 'sign-state'), 200)
    expect(await run(rollbackCommands, '', { data, to: '2', raiseFloor: true })).toMatchObject({
      exit: 2,
      error: { code: 'ROLLBACK_UNDO' },
    })
    expect((await run(rollbackCommands, '', { data, to: '265' })).document).toMatchObject({ silentUpTo: 0 })
    expect(readSignState(place.path, place.chainTag)).toMatchObject({ lastHeight: 200, floorHeight: 0 })
  })

  it('asks whose node it is where no sign state is found', async () => {
    const data = join(copyOf(), 'data')
    expect((await run(rollbackCommands, '', { data, to: '265' })).exit).toBe(2)
    expect((await run(rollbackCommands, '', { data, to: '265', observer: true })).document).toMatchObject({
      to: 265,
      signState: null,
    })
  })
})

describe('naru backup', () => {
  const NEXT_SEED = new Uint8Array(32).fill(0x5a)
  const NEXT_KEY_HEX = toHex(createSigner(NEXT_SEED).publicKey)
  const PASSPHRASE = 'five words make a phrase'

  async function makeNode(network: 'devnet' | 'city'): Promise<string> {
    const home = join(root, `node-${copies++}`)
    mkdirSync(join(home, 'keys'), { recursive: true })
    const { json, members } = buildStoredGenesis()
    const [member] = members
    if (member === undefined) throw new Error('no member')
    writeFileSync(join(home, 'keys', 'genesis.json'), JSON.stringify(json))
    const key = join(home, 'keys', 'v1')
    if (network === 'devnet') writeDevKey(key, member.account.seed)
    else await createKey({ path: key, passphrase: PASSPHRASE, seed: member.account.seed, workFactor: 4 })
    const place = journalPlaceOf(join(home, 'state'), 'v1')
    initJournal({ ...place, afterHeight: 0 })
    const journal = openJournal({ ...place, allowCreate: false })
    const bytes = new Uint8Array(64).fill(7)
    journal.record({ height: 77, round: 0, step: 3, blockIdHex: 'ab'.repeat(32), signBytes: bytes, signature: bytes })
    journal.close()
    writeFileSync(join(home, 'seed'), `${'11'.repeat(32)}\n`, { mode: 0o600 })
    const config = [
      'version: 1',
      'chain: { genesis: ./keys/genesis.json } # the chain',
      'data: { dir: ./data }',
      'signer: { keystore: ./keys/v1, journal: ./state }',
      'p2p: { keySeedFile: ./seed, peers: [/ip4/10.0.0.2/tcp/30300/p2p/12D3KooWGRUoFzjTnXnYkPEVGNyLWC3FvY6Wu6ZtEaGBvNAnTzZW] }',
    ]
    writeFileSync(join(home, 'naru.yaml'), `${config.join('\n')}\n`)
    return home
  }

  it('is made, tried out and restored with a sign state that cannot be too old', async () => {
    const home = await makeNode('city')
    const dir = join(home, 'backup')
    const made = await run(backupCommands, 'create <out>', { config: join(home, 'naru.yaml') }, [dir])
    expect(made.document).toMatchObject({ signedHeight: 77 })
    expect(readdirSync(dir).sort()).toEqual([
      'backup.json',
      'genesis.json',
      'naru.yaml',
      'p2p.key',
      'peers.json',
      'sign-state',
      'validator.key',
    ])
    expect(readFileSync(join(dir, 'naru.yaml'), 'utf8')).toContain('# the chain')
    const tested = await run(backupCommands, 'test <dir>', { env: { NARU_PASSPHRASE: PASSPHRASE } }, [dir])
    expect(JSON.stringify(tested.document['checks'])).toContain('opens, and the sign state is its own')
    const closed = await run(backupCommands, 'test <dir>', {}, [dir])
    expect(JSON.stringify(closed.document['checks'])).toContain('not opened')
    expect(await run(backupCommands, 'test <dir>', { env: { NARU_PASSPHRASE: 'another phrase' } }, [dir])).toMatchObject({
      exit: 3,
    })
    const into = join(home, 'restored')
    expect(await run(backupCommands, 'restore <dir>', { into }, [dir])).toMatchObject({
      exit: 20,
      error: { code: 'BACKUP_HEIGHT' },
    })
    expect(await run(backupCommands, 'restore <dir>', { into, afterHeight: '76' }, [dir])).toMatchObject({ exit: 20 })
    expect((await run(backupCommands, 'restore <dir>', { into, afterHeight: '500' }, [dir])).exit).toBe(0)
    const place = journalPlaceOf(join(into, 'sign-state'), 'v1')
    expect(readSignState(place.path, place.chainTag)).toMatchObject({ lastHeight: 77, floorHeight: 500 })
    expect(await run(backupCommands, 'restore <dir>', { into, afterHeight: '500' }, [dir])).toMatchObject({
      exit: 2,
      error: { code: 'BACKUP_EXISTS' },
    })
    const again = await run(backupCommands, 'create <out>', { config: join(into, 'naru.yaml') }, [join(home, 'second')])
    expect(again.document).toMatchObject({ signedHeight: 77 })
  })

  it('holds the key of a planned rotation with its sign state, which may not be too old either', async () => {
    const home = await makeNode('devnet')
    const configFile = join(home, 'naru.yaml')
    const next = 'nextSigner: { keystore: ./keys/next, journal: ./keys/next-state }'
    writeFileSync(configFile, `${readFileSync(configFile, 'utf8')}${next}\n`)
    const early = join(home, 'early')
    await run(backupCommands, 'create <out>', { config: configFile }, [early])
    expect(readdirSync(early)).not.toContain('validator-next.key')
    const nextPlace = { ...journalPlaceOf(join(home, 'keys', 'next-state'), 'v1'), publicKeyHex: NEXT_KEY_HEX }
    writeDevKey(join(home, 'keys', 'next'), NEXT_SEED)
    initJournal({ ...nextPlace, afterHeight: 90 })
    const journal = openJournal({ ...nextPlace, allowCreate: false })
    const bytes = new Uint8Array(64).fill(7)
    journal.record({ height: 120, round: 0, step: 3, blockIdHex: 'ab'.repeat(32), signBytes: bytes, signature: bytes })
    journal.close()
    const dir = join(home, 'backup')
    const made = await run(backupCommands, 'create <out>', { config: configFile }, [dir])
    expect(made.document).toMatchObject({ signedHeight: 120 })
    const tested = await run(backupCommands, 'test <dir>', {}, [dir])
    expect(tested.document['checks']).toEqual(
      expect.arrayContaining([
        { name: 'sign-state-next', text: `key 0x${NEXT_KEY_HEX}, signed up to height 120` },
        { name: 'validator-next.key', text: 'opens, and the sign state is its own' },
      ]),
    )
    const into = join(home, 'restored')
    expect(await run(backupCommands, 'restore <dir>', { into, afterHeight: '119' }, [dir])).toMatchObject({ exit: 20 })
    expect((await run(backupCommands, 'restore <dir>', { into, afterHeight: '500' }, [dir])).exit).toBe(0)
    for (const name of ['sign-state', 'sign-state-next'])
      expect(readSignState(join(into, name), nextPlace.chainTag), name).toMatchObject({ floorHeight: 500 })
    const again = await run(backupCommands, 'create <out>', { config: join(into, 'naru.yaml') }, [join(home, 'second')])
    expect(again.document).toMatchObject({ signedHeight: 120 })
  })

  it('is refused with any of its files changed or gone, and with another format', async () => {
    const home = await makeNode('devnet')
    const dir = join(home, 'backup')
    await run(backupCommands, 'create <out>', { config: join(home, 'naru.yaml') }, [dir])
    expect((await run(backupCommands, 'test <dir>', {}, [dir])).exit).toBe(0)
    for (const name of readdirSync(dir)) {
      const bytes = readFileSync(join(dir, name))
      const changed = Uint8Array.from(bytes)
      changed[bytes.length >> 1] = (changed[bytes.length >> 1] as number) ^ 1
      writeFileSync(join(dir, name), changed)
      expect(await run(backupCommands, 'test <dir>', {}, [dir]), name).toMatchObject({ exit: 12 })
      writeFileSync(join(dir, name), bytes)
    }
    const manifest = join(dir, 'backup.json')
    const text = readFileSync(manifest, 'utf8')
    writeFileSync(manifest, text.replace('"format": 1', '"format": 2'))
    expect(await run(backupCommands, 'test <dir>', {}, [dir])).toMatchObject({ error: { code: 'BACKUP_FORMAT' } })
    writeFileSync(manifest, text)
    rmSync(join(dir, 'sign-state'))
    expect(await run(backupCommands, 'restore <dir>', { into: join(home, 'x'), afterHeight: '99' }, [dir])).toMatchObject({
      exit: 12,
    })
    expect(existsSync(join(home, 'x'))).toBe(false)
    expect(await run(backupCommands, 'test <dir>', {}, [home])).toMatchObject({ exit: 2, error: { code: 'BACKUP_MISSING' } })
  })
})
