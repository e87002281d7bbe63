// Owns: tests of the light client against the real listener: sets that change, forks, and a proxy that lies in every way it can.
// Not here: receipts as files (receipt-bundle.test.ts).
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { must } from '../core/base/assert.ts'
import { blockIdOf } from '../core/chain/block.ts'
import { buildCertificate } from '../core/chain/certificate.ts'
import { consensusSigningBytes } from '../core/chain/vote.ts'
import { BOB, createFakeNode, fakeMember } from '../test/helpers/fake-node.ts'
import type { FakeNode } from '../test/helpers/fake-node.ts'
import { startRpc } from '../test/helpers/rpc-listeners.ts'
import { createClient } from './client.ts'
import type { Client } from './client.ts'
import { beginAtCheckpoint, beginAtGenesis, formatCheckpoint, parseCheckpoint } from './epochs.ts'
import type { TrustedChain } from './epochs.ts'
import { LightError, RpcError } from './errors.ts'
import { culpritsOf } from './fork.ts'
import type { ForkEvidence } from './fork.ts'
import { createLightClient, fetchCheckpoint, nameCulprits, reportFork } from './light-client.ts'
import type { LightClientOptions } from './light-client.ts'
import { NodeError } from '../core/base/errors.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

const NOTE_KEY = `demo/note/${BOB}`
const names = (from: number, count: number) => Array.from({ length: count }, (_, i) => fakeMember(`v${from + i}`))

async function serve(fake: FakeNode): Promise<{ client: Client; port: number }> {
  const rpc = await startRpc({ fake })
  open.push(() => rpc.stop())
  return { client: connect(rpc.port), port: rpc.port }
}

function connect(port: number, timeoutMs = 5_000): Client {
  const client = createClient({ url: `http://127.0.0.1:${port}`, timeoutMs })
  open.push(() => client.close())
  return client
}

/** Blocks of a chain of four whose set changes after every third block, one seat at a time; each block has a note for Bob. */
async function grow(blocks: number): Promise<FakeNode> {
  const fake = createFakeNode({ members: names(1, 4) })
  await extend(fake, blocks)
  return fake
}

async function extend(fake: FakeNode, blocks: number): Promise<void> {
  for (let i = 0; i < blocks; i++) {
    const height = fake.head().header.height + 1
    await fake.submitTransaction(fake.sign({ amount: BigInt(height + 100) }).bytes)
    if (height % 3 === 0) fake.changeValidators(names(1 + height / 3, 4))
    fake.commitBlock()
  }
}

function trustIn(fake: FakeNode): TrustedChain {
  const set = must(fake.validators(1), 'the first set')
  return beginAtGenesis({ chainId: fake.chainId, genesisHash: fake.genesisHash, set }, fake.nowMs())
}

function lightOf(fake: FakeNode, client: Client, change: Partial<LightClientOptions> = {}) {
  const { chainId, network, genesisHash, registry } = fake
  const nowMs = () => fake.nowMs() + 3_600_000
  return createLightClient({
    client,
    chain: { chainId, network, genesisHash, registry },
    trusted: trustIn(fake),
    nowMs,
    ...change,
  })
}

async function refusalOf(work: Promise<unknown>): Promise<LightError> {
  const error = await work.then(
    () => null,
    (cause: unknown) => cause,
  )
  expect(error).toBeInstanceOf(LightError)
  return error as LightError
}

describe('a light client', () => {
  test('follows every change of the set from the genesis and verifies head, header, record and transaction', async () => {
    const fake = await grow(20)
    const { client } = await serve(fake)
    const light = lightOf(fake, client)
    expect((await light.update()).header.height).toBe(20)
    expect(light.trusted().epochs.map(({ from }) => from)).toEqual([1, 4, 7, 10, 13, 16, 19])
    expect(blockIdOf((await light.header(5)).header)).toBe(fake.headerAt(5)?.blockId)
    expect((await light.state(NOTE_KEY)).value).toEqual(fake.state().get(NOTE_KEY))
    const tx = must(fake.blockAt(8)?.block.txs[0], 'a transaction')
    const hash = must(fake.receiptsAt(8)?.[0], 'a receipt').txId
    expect((await light.transaction(hash)).tx.bytes).toEqual(tx)
    await extend(fake, 5)
    expect((await light.state(NOTE_KEY)).header.height).toBe(25)
    expect(light.head()?.header.height).toBe(25)
  })

  test('takes more changes than one answer holds', async () => {
    const fake = await grow(120)
    const { client } = await serve(fake)
    const light = lightOf(fake, client)
    expect((await light.update()).header.height).toBe(120)
    expect(light.trusted().epochs).toHaveLength(41)
  })

  test('begins at a checkpoint, also one whose block changes the set, and trusts nothing below', async () => {
    const fake = await grow(14)
    const { client } = await serve(fake)
    for (const height of [5, 6]) {
      const { blockId } = must(fake.headerAt(height), 'a header')
      const { chainId, genesisHash, network } = fake
      const line = formatCheckpoint({ network, chainId, genesisHash, height, blockId })
      const trusted = await fetchCheckpoint(client, parseCheckpoint(line))
      const light = lightOf(fake, client, { trusted })
      await light.update()
      expect(light.trusted().epochs.at(-1)?.from).toBe(13)
      expect((await light.header(height)).header.height).toBe(height)
      expect((await refusalOf(light.header(height - 1))).message).toMatch(/below .* where trust begins/)
      expect(parseCheckpoint(formatCheckpoint(must(light.checkpoint(), 'a checkpoint'))).height).toBe(14)
    }
    expect(() => parseCheckpoint('checkpoint:devnet:fake-1:0:0x00:0x00')).toThrow(/a checkpoint reads/)
  })

  test('refuses a bootstrap of another block, other validators, or another next set', async () => {
    const fake = await grow(7)
    const { client } = await serve(fake)
    const at = (height: number) => client.call('light_getBootstrap', { checkpoint: `0x${fake.headerAt(height)?.blockId}` })
    const read = (json: Awaited<ReturnType<typeof at>>) => ({
      header: Buffer.from(json.header.slice(2), 'hex'),
      commit: Buffer.from(json.commit.slice(2), 'hex'),
      validators: Buffer.from(json.validators.slice(2), 'hex'),
      nextValidators: json.nextValidators === null ? null : Buffer.from(json.nextValidators.slice(2), 'hex'),
    })
    const [five, six] = [read(await at(5)), read(await at(6))]
    const { chainId, genesisHash, network } = fake
    const of = (height: number) => ({
      network,
      chainId,
      genesisHash,
      height,
      blockId: must(fake.headerAt(height), 'header').blockId,
    })
    expect(beginAtCheckpoint(of(5), six)).toMatch(/not the one of checkpoint/)
    expect(beginAtCheckpoint(of(6), { ...six, validators: must(six.nextValidators, 'next') })).toMatch(/not those/)
    expect(beginAtCheckpoint(of(6), { ...six, nextValidators: null })).toMatch(/are not given/)
    expect(beginAtCheckpoint(of(6), { ...six, nextValidators: six.validators })).toMatch(/not those/)
    expect(beginAtCheckpoint(of(5), { ...five, nextValidators: five.validators })).toMatch(/names no other/)
    expect(beginAtCheckpoint(of(6), { ...six, commit: five.commit })).toMatch(/height/)
  })

  test('refuses old trust, a head from the future, a node that went back, and one that knows nothing of the chain', async () => {
    const fake = await grow(8)
    const { client } = await serve(fake)
    const old = lightOf(fake, client, { nowMs: () => fake.nowMs() + 61 * 86_400_000 })
    expect(await refusalOf(old.update())).toMatchObject({ code: 'LIGHT_TRUST_EXPIRED' })
    const early = lightOf(fake, client, { nowMs: () => fake.nowMs() - 60_000 })
    expect((await refusalOf(early.update())).message).toMatch(/ahead of this clock/)
    const behind = await grow(6)
    const light = lightOf(fake, client)
    await light.update()
    const { client: slower } = await serve(behind)
    const moved = lightOf(fake, {
      ...client,
      call: ((method: string, params: object) =>
        (light.head() === null ? client : calls++ === 0 ? client : slower).call(method, params)) as Client['call'],
    })
    let calls = 0
    await moved.update()
    expect(await refusalOf(moved.update())).toMatchObject({ code: 'LIGHT_BEHIND' })
    const stranger = createFakeNode({ members: names(50, 4) })
    await extend(stranger, 3)
    const { client: elsewhere } = await serve(stranger)
    expect((await refusalOf(lightOf(fake, elsewhere).update())).message).toMatch(/other validators/)
    await expect(lightOf(fake, (await serve(createFakeNode())).client).update()).rejects.toBeInstanceOf(RpcError)
  })
})

describe('two final blocks of one height', () => {
  /** Two chains with one history and one set of keys that part at height 5. */
  async function fork(rounds: readonly [number, number]) {
    const [one, other] = [await grow(4), await grow(4)]
    for (const [i, fake] of [one, other].entries()) {
      await fake.submitTransaction(fake.sign({ amount: BigInt(700 + i) }).bytes)
      fake.commitBlock()
    }
    const finalOf = (fake: FakeNode, round: number) => {
      const { header } = fake.head()
      return { header, commit: fake.certify(header, round) }
    }
    const evidence: ForkEvidence = { height: 5, first: finalOf(one, rounds[0]), second: finalOf(other, rounds[1]) }
    return { one, other, evidence }
  }

  test('are noticed through a witness, kept, and reported to a node', async () => {
    const { one, other } = await fork([0, 0])
    const [{ client }, { client: witness }] = [await serve(one), await serve(other)]
    const light = lightOf(one, client, { witnesses: [witness, client] })
    await light.update()
    const error = await refusalOf(light.compare())
    expect(error).toMatchObject({ code: 'LIGHT_FORK', evidence: { height: 5 } })
    const evidence = must(error.evidence, 'evidence')
    expect(nameCulprits(light.trusted(), evidence).proven.map(({ validator, kind }) => `${validator.name} ${kind}`)).toEqual(
      must(one.validators(5), 'set').validators.map(({ name }) => `${name} duplicateVote`),
    )
    expect(await reportFork(client, evidence)).toEqual({ height: 5 })
    expect(one.forks).toHaveLength(1)
  })

  test('are noticed when the same node changes its word', async () => {
    const { one, other } = await fork([0, 0])
    const [{ client }, { client: liar }] = [await serve(one), await serve(other)]
    let asked = client
    const light = lightOf(one, {
      ...client,
      call: ((method: string, params: object) => asked.call(method, params)) as Client['call'],
    })
    await light.header(5).catch(() => light.update())
    asked = liar
    expect(await refusalOf(light.header(5))).toMatchObject({ code: 'LIGHT_FORK' })
  })

  test('of different rounds name nobody alone, and those who passed over their precommit with the polka between', async () => {
    const { one, evidence } = await fork([0, 2])
    const trust = { chainId: one.chainId, genesisHash: one.genesisHash, set: must(one.validators(5), 'set') }
    expect(culpritsOf(trust, evidence)).toMatchObject({ proven: [], suspects: trust.set.validators })
    const members = names(2, 4).slice(0, 3)
    const content = { height: 5, round: 2, blockId: blockIdOf(evidence.second.header), validRound: -1 }
    const votes = members.map(({ authority, signer }) => ({
      type: 'prevote' as const,
      validator: authority,
      signature: signer.sign(consensusSigningBytes(one.chainId, 'prevote', content)),
      ...content,
    }))
    const polka = buildCertificate(trust.set, votes)
    const { proven, suspects } = culpritsOf(trust, evidence, [polka])
    expect(proven.map(({ validator, kind }) => `${validator.name} ${kind}`).sort()).toEqual(
      members.map(({ name }) => `${name} amnesia`).sort(),
    )
    expect(suspects).toHaveLength(1)
    // A polka that the later block may rest on is no crime: its valid round is not below the precommit.
    const lawful = votes.map((vote, i) => {
      const said = { ...content, validRound: 0 }
      const signature = must(members[i], 'a member').signer.sign(consensusSigningBytes(one.chainId, 'prevote', said))
      return { ...vote, ...said, signature }
    })
    expect(culpritsOf(trust, evidence, [buildCertificate(trust.set, lawful)]).proven).toEqual([])
    const forged = { ...polka, signatures: polka.signatures.map((signature) => signature.map((byte) => byte ^ 1)) }
    expect(culpritsOf(trust, evidence, [forged]).proven).toEqual([])
  })

  test('are no evidence when they are one block, of two heights, or signed by others', async () => {
    const { one, evidence } = await fork([0, 0])
    const trusted = { ...trustIn(one), epochs: [{ from: 1, set: must(one.validators(5), 'set') }] as const }
    const reason = (change: Partial<ForkEvidence>): string => {
      try {
        nameCulprits(trusted, { ...evidence, ...change })
      } catch (error) {
        return (error as LightError).message
      }
      return 'accepted'
    }
    expect(reason({})).toBe('accepted')
    expect(reason({ second: evidence.first })).toMatch(/same block/)
    expect(reason({ height: 4 })).toMatch(/not of the height/)
    expect(reason({ second: { ...evidence.second, commit: evidence.first.commit } })).toMatch(/another block/)
    expect(nameCulpritsOfStranger(one, evidence)).toMatch(/other validators/)
  })

  function nameCulpritsOfStranger(one: FakeNode, evidence: ForkEvidence): string {
    const set = must(createFakeNode({ members: names(50, 4) }).validators(1), 'set')
    try {
      nameCulprits({ ...trustIn(one), epochs: [{ from: 1, set }] }, evidence)
    } catch (error) {
      return (error as LightError).message
    }
    return 'accepted'
  }
})

describe('behind a proxy that lies', () => {
  type Lie = (body: string, random: () => number) => string | null

  /** What a reply becomes; null is a connection cut in the middle. */
  const LIES: Readonly<Record<string, Lie>> = {
    flip: (body, random) => {
      const at = Math.floor(random() * body.length)
      const code = body.charCodeAt(at) ^ (1 << Math.floor(random() * 7))
      return body.slice(0, at) + String.fromCharCode(code) + body.slice(at + 1)
    },
    digit: (body, random) => {
      const digits = [...body.matchAll(/[0-9a-f]/g)].map(({ index }) => index)
      const at = digits[Math.floor(random() * digits.length)] ?? 0
      return body.slice(0, at) + (body[at] === '0' ? '1' : '0') + body.slice(at + 1)
    },
    truncate: (body, random) => body.slice(0, Math.floor(random() * body.length)),
    cut: () => null,
    empty: () => '',
    strip: (body) => body.replace(/"changes":\[[^\]]*\]/, '"changes":[]'),
    shorten: (body, random) => {
      const hex = [...body.matchAll(/0x[0-9a-f]{66,}/g)]
      const one = hex[Math.floor(random() * hex.length)]
      return one === undefined ? body : body.replace(one[0], one[0].slice(0, -2))
    },
    nothing: (body) => body.replace(/"result":.*/, '"result":null}'),
    swap: (body) => body.replace('"header"', '"x"').replace('"commit"', '"header"').replace('"x"', '"commit"'),
  }

  function createRandom(seed: number): () => number {
    let a = seed >>> 0
    return () => {
      a = (a + 0x6d2b79f5) >>> 0
      let t = Math.imul(a ^ (a >>> 15), a | 1)
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296
    }
  }

  /** A proxy before a node; `lie` changes the next replies, `replay` gives old ones with the new id. */
  async function startProxy(port: number) {
    const past: string[] = []
    const control = { lie: null as ((body: string) => string | null) | null, past }
    const server = createServer((request, response) => {
      let text = ''
      request.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      request.on('end', async () => {
        const answer = await fetch(`http://127.0.0.1:${port}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: text,
        })
        const body = await answer.text()
        past.push(body)
        const told = control.lie === null ? body : control.lie(body)
        if (told === null) response.destroy()
        else response.end(told)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    open.push(
      () =>
        new Promise<void>((resolve) => {
          server.closeAllConnections()
          server.close(() => resolve())
        }),
    )
    return { control, port: (server.address() as AddressInfo).port }
  }

  test('nothing false is ever believed: 270 lies of nine kinds, and old answers to new questions', async () => {
    const fake = await grow(12)
    const { port } = await serve(fake)
    const proxy = await startProxy(port)
    const truth = new Map<number, string>()
    for (let height = 1; height <= 12; height++) truth.set(height, must(fake.headerAt(height), 'a header').blockId)
    const hash = must(fake.receiptsAt(7)?.[0], 'a receipt').txId
    const client = connect(proxy.port)
    let refused = 0
    let believed = 0
    for (const [kind, lie] of Object.entries(LIES)) {
      for (let seed = 1; seed <= 30; seed++) {
        const random = createRandom(seed * 7_919 + kind.length)
        const light = lightOf(fake, client)
        const liesAt = Math.floor(random() * 3)
        let reply = 0
        proxy.control.lie = (body) => (reply++ === liesAt ? lie(body, random) : body)
        try {
          const { header } = await light.update()
          expect(blockIdOf(header)).toBe(truth.get(header.height))
          const proven = seed % 2 === 0 ? await light.state(NOTE_KEY) : await light.transaction(hash)
          expect(blockIdOf(proven.header)).toBe(truth.get(proven.header.height))
          if ('value' in proven) expect(proven.value).toEqual(fake.state().get(NOTE_KEY))
          else expect(proven.tx.id).toBe(hash)
          believed += 1
        } catch (error) {
          const isOurs = error instanceof LightError || error instanceof NodeError || error instanceof RpcError
          expect(isOurs, `${kind} ${seed}: ${String(error)}`).toBe(true)
          refused += 1
        }
        for (const { from, set } of light.trusted().epochs) expect(set.hash).toBe(fake.validators(from)?.hash)
      }
    }
    // Some lies change nothing that matters (a context field, a reply that is not asked for); most must be caught.
    expect(refused).toBeGreaterThan(150)
    expect(refused + believed).toBe(270)
  })

  test('replays of every earlier answer give the old truth at most', async () => {
    const fake = await grow(4)
    const { port } = await serve(fake)
    const proxy = await startProxy(port)
    const client = connect(proxy.port)
    const light = lightOf(fake, client)
    await light.state(NOTE_KEY)
    await extend(fake, 6)
    await light.state(NOTE_KEY)
    const old = [...proxy.control.past]
    for (const body of old) {
      const { id: _, ...rest } = JSON.parse(body) as Record<string, unknown>
      proxy.control.lie = (fresh) => JSON.stringify({ ...rest, id: (JSON.parse(fresh) as { id: number }).id })
      const again = await light.state(NOTE_KEY).catch((error: unknown) => error)
      const isSafe = again instanceof LightError || again instanceof NodeError
      if (!isSafe) expect(again).toMatchObject({ header: { height: 10 } })
      expect(light.head()?.header.height).toBe(10)
    }
    proxy.control.lie = null
  })
})
