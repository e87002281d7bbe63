// Owns: the recovery file on real processes (consensus.md 4, G11): two of four validators lost for good, the city's root keys name
// two others by the command line, and the same chain goes on. Not here: every refusal (node/recovery-start.test.ts).
import { afterAll, beforeAll, expect, test } from 'vitest'
import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse, stringify } from 'yaml'
import { fromHex, toHex } from '../../core/base/bytes.ts'
import { must } from '../../core/base/assert.ts'
import { EvidenceSchema, duplicateVoteOf } from '../../core/chain/evidence.ts'
import { createSigner } from '../../core/crypto/keys.ts'
import { textContextOf } from '../../core/execution/init-genesis.ts'
import { buildAccount, DEV_KEY_ID } from '../../cli/devnet/accounts.ts'
import { nodeAddresses, nodePaths, validatorAccount } from '../../cli/devnet/layout.ts'
import { writeDevKey } from '../../node/keystore.ts'
import { initJournal } from '../../node/storage/journal.ts'
import { readChain } from '../../sdk/chain.ts'
import { transfer } from '../../sdk/rooms.ts'
import { createSender } from '../../sdk/sender.ts'
import { createWallet } from '../../sdk/wallet.ts'
import { createDevnet, eventually, waitForHeight, waitForOneHeight } from '../helpers/devnet.ts'
import type { Devnet, GenesisDocument } from '../helpers/devnet.ts'
import { signedVote, someBlock } from '../helpers/offences.ts'
import { naruMain } from '../helpers/naru.ts'

const SURVIVORS = ['v1', 'v2'] as const
const LOST = ['v3', 'v4'] as const
const ALL = [...SURVIVORS, ...LOST] as const

let devnet: Devnet

beforeAll(async () => {
  // Blocks come without transactions too.
  const editGenesis = ({ rooms }: GenesisDocument): void => void Object.assign(rooms.governance.params, { heartbeatMs: 400 })
  devnet = await createDevnet({ count: 4, accountCount: 2, editGenesis })
  await devnet.start()
})

afterAll(() => devnet?.destroy())

/** A new machine in the place of a lost one: empty disk, a key that nobody ever had; gives its validator.json. */
function newMachine(name: string): string {
  const paths = nodePaths(devnet.dir, name)
  for (const path of [paths.data, paths.journal, paths.key]) rmSync(path, { recursive: true, force: true })
  const { publicKey } = writeDevKey(paths.key, new Uint8Array(randomBytes(32)))
  const chainTag = fromHex(devnet.genesisHash.slice(0, 16))
  initJournal({ path: paths.journal, chainTag, publicKeyHex: toHex(publicKey), afterHeight: 0 })
  const { peerId, ports } = devnet.node(name)
  const description = {
    name: `${name}-new`,
    authority: buildAccount(name, new Uint8Array(randomBytes(32))).id,
    publicKey: `0x${toHex(publicKey)}`,
    peerId,
    addresses: [`/ip4/127.0.0.1/tcp/${ports.p2p}/p2p/${peerId}`],
  }
  const file = join(devnet.dir, `${name}-validator.json`)
  writeFileSync(file, JSON.stringify(description))
  return file
}

function configure(name: string, recoveries: readonly string[]): void {
  const { config } = nodePaths(devnet.dir, name)
  const document = parse(readFileSync(config, 'utf8')) as { chain: Record<string, unknown> }
  writeFileSync(config, stringify({ ...document, chain: { ...document.chain, recoveries } }))
}

const placeOf = (name: string): readonly string[] => {
  const { data, journal } = nodePaths(devnet.dir, name)
  return ['--data', data, '--genesis', join(devnet.dir, 'genesis.json'), '--sign-state', journal]
}

test('a validator that signs two ways is on record by the command line, never proposes again, and signs no more', async () => {
  await waitForHeight(devnet, ALL, 3)
  const { address: authority, seed, id } = validatorAccount(devnet.layout, 'v4')
  const { chainId } = devnet.genesisJson as { chainId: string }
  const by = { chainId, authority, key: createSigner(seed) }
  const pair = duplicateVoteOf(signedVote(by, { height: 1 }), signedVote(by, { height: 1, blockId: someBlock('2') }))
  const file = join(devnet.dir, 'evidence.json')
  writeFileSync(file, JSON.stringify(EvidenceSchema.toJson(must(pair, 'a pair'), textContextOf('devnet'))))
  const rpc = ['--rpc', nodeAddresses(devnet.dir, devnet.node('v1')).rpc, '--json']
  const submitted = await naruMain(['validator', 'evidence', 'submit', file, ...rpc])
  expect(submitted.json(), submitted.stderr).toMatchObject({ status: 'waiting' })
  const { evidenceId } = submitted.json() as { evidenceId: string }
  const shown = await eventually('a record', async () => {
    const answer = await naruMain(['validator', 'evidence', 'show', evidenceId, ...rpc])
    return answer.code === 0 ? (answer.json() as unknown) : null
  })
  // Four less one would need all three: the seat stays in the count and is barred.
  expect(shown).toMatchObject({ validator: id, offence: 'precommit', record: { consequence: 'barred' } })
  const listed = await naruMain(['validator', 'evidence', 'list', ...rpc])
  expect(listed.json()).toMatchObject({ total: 1, records: [{ evidenceId }] })
  expect(await devnet.metric('v2', 'naru_evidence_total')).toBe(1)
  expect(devnet.logOf('v3')).toContain('ALARM: an offence of a validator is on record')
  await eventually('v4 signs no more', async () => ((await devnet.metric('v4', 'naru_signing_paused')) === 1 ? true : null))
  const from = await devnet.height('v1')
  await waitForHeight(devnet, ['v1', 'v2', 'v3'], from + 6)
  const blocks = Array.from({ length: 6 }, (_, i) => devnet.client('v1').call('chain_getHeader', { height: from + 1 + i }))
  const proposers = (await Promise.all(blocks)).map(({ value }) => (value as unknown as { proposer: string }).proposer)
  expect(proposers).not.toContain(id)
})

test('two of four are lost for good, and the chain goes on with two others by the word of the root keys', {
  timeout: 180_000,
}, async () => {
  for (const name of LOST) await devnet.kill(name)
  await sleep(1_500)
  const head = await waitForSame(SURVIVORS)
  await sleep(2_000)
  expect(await Promise.all(SURVIVORS.map(devnet.height))).toEqual([head, head])
  await devnet.stop(...SURVIVORS)

  const file = join(devnet.dir, 'recovery.json')
  const descriptions = LOST.map(newMachine)
  const created = await naruMain(['recovery', 'create', file, ...descriptions, ...placeOf('v1'), '--keep', 'v1,v2', '--json'])
  expect(created.stderr).toBe('')
  expect(created.json()).toMatchObject({ content: { height: head, firstRound: expect.any(Number) }, signatures: [] })
  const rootKey = (n: number): string => join(devnet.dir, 'root-keys', `root-${n}.json`)
  expect((await naruMain(['recovery', 'sign', file, '--key', rootKey(1)])).code).toBe(0)
  const early = await naruMain(['recovery', 'verify', file, ...placeOf('v2'), '--json'])
  expect([early.code, early.stdout + early.stderr]).toEqual([12, expect.stringContaining('RECOVERY_TOO_FEW_SIGNATURES')])
  // A node refuses it for the same reason, and does not start.
  const { config } = nodePaths(devnet.dir, 'v2')
  const start = await naruMain(['node', 'start', '--config', config, '--recovery', file, '--json'])
  expect([start.code, start.stdout + start.stderr]).toEqual([20, expect.stringContaining('RECOVERY_TOO_FEW_SIGNATURES')])

  expect((await naruMain(['recovery', 'sign', file, '--key', rootKey(3)])).code).toBe(0)
  const verified = await naruMain(['recovery', 'verify', file, ...placeOf('v2'), '--json'])
  expect(verified.code, verified.stdout + verified.stderr).toBe(0)
  const { recoveryHash } = verified.json() as { recoveryHash: string }
  for (const name of ALL) configure(name, [file])
  const begun = performance.now()
  devnet.spawn()
  await waitForHeight(devnet, ALL, head + 5, 90_000)
  console.log(`from start with the file to five more blocks on all four: ${Math.round(performance.now() - begun)} ms`)

  const headers = await Promise.all(ALL.map((name) => devnet.client(name).call('chain_getHeader', { height: head + 1 })))
  for (const { value } of headers as readonly { value: Record<string, unknown> }[])
    expect(value).toMatchObject({ recoveryHash, stateRoot: (headers[0] as { value: { stateRoot: string } }).value.stateRoot })
  const { value: set } = await devnet.client('v1').call<{ value: { validators: { name: string }[] } }>('chain_getValidators', {})
  expect(set.validators.map(({ name }) => name).sort()).toEqual(['v1', 'v2', 'v3-new', 'v4-new'])
  const record = await devnet
    .client('v3')
    .call<{ value: { recoveryHash: string; signatures: unknown[] } }>('chain_getRecovery', { height: head + 1 })
  expect(record.value).toMatchObject({ recoveryHash, content: { height: head } })

  // The file is needed once: the second start has none.
  await devnet.stop('v2')
  configure('v2', [])
  await devnet.start('v2')
  await waitForHeight(devnet, ALL, (await devnet.height('v1')) + 2)
  await devnet.stop('v2')
  const audited = await naruMain(['audit', ...placeOf('v2').slice(0, 4), '--json'])
  expect(audited.code, audited.stdout + audited.stderr).toBe(0)
})

test('who trusts the genesis document alone follows the recovery, and a snapshot of the new chain restores', async () => {
  const client = devnet.client('v1')
  const chain = await readChain(client)
  const { seed } = must(devnet.accounts.at(-1), 'a payer')
  const wallet = createWallet({ seed, keyId: DEV_KEY_ID, network: chain.network })
  const { hash } = await createSender({ client, chain, wallet }).send(
    transfer(chain, { to: must(devnet.accounts.at(-2), 'a payee').id, amount: 1n }),
  )
  const genesis = ['--genesis', join(devnet.dir, 'genesis.json')]
  const at = ['--rpc', nodeAddresses(devnet.dir, devnet.node('v1')).rpc, ...genesis, '--json']
  const file = join(devnet.dir, 'after-recovery.json')
  const shown = await naruMain(['receipt', 'show', hash, '--out', file, ...at])
  expect(shown.code, shown.stdout + shown.stderr).toBe(0)
  // The old set signed the header below, the root keys the new set: one change that no validator decided.
  expect(shown.json()).toMatchObject({ valid: true, changes: 1 })
  const compared = await naruMain(['receipt', 'verify', file, ...at])
  expect(compared.json(), compared.stderr).toMatchObject({ valid: true, offline: false })

  const place = placeOf('v2').slice(0, 4)
  const out = join(devnet.dir, 'snapshot')
  const created = await naruMain(['snapshot', 'create', out, ...place, '--json'])
  expect(created.code, created.stdout + created.stderr).toBe(0)
  const into = join(devnet.dir, 'restored')
  const restored = await naruMain(['snapshot', 'restore', out, '--data', into, ...genesis, '--json'])
  expect(restored.code, restored.stdout + restored.stderr).toBe(0)
})

async function waitForSame(names: readonly string[]): Promise<number> {
  const height = await waitForOneHeight(devnet, names)
  return height
}
