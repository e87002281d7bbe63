// Owns: tests of what a node does for verifiers: changes by page, and two final blocks of one height. Not here: the methods (sdk tests).
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { must } from '../core/base/assert.ts'
import { buildValidatorSet } from '../core/chain/validator-set.ts'
import type { Misbehaviour } from '../consensus/effect.ts'
import { createTinyChain, buildMember, certify, validatorsOf } from '../test/helpers/tiny-chain.ts'
import { parseGenesis } from '../core/execution/init-genesis.ts'
import { REGISTRY } from '../modules/registry.ts'
import { asHash32 } from '../core/base/ids.ts'
import { decodeEvidence } from '../core/chain/evidence.ts'
import { createLightApi } from './light.ts'
import type { LightParts } from './light.ts'
import { openStore } from './storage/level.ts'
import type { Store } from './storage/level.ts'
import { setChangeRecord } from './storage/chain-store.ts'
import { KEYS } from './storage/keys.ts'

const tiny = createTinyChain()
const block = tiny.commitBlock([])
const { chainId } = tiny.chain
const dir = mkdtempSync(join(tmpdir(), 'naru-light-'))
let store: Store
const alarms: object[] = []
const counted: string[] = []
const evidence: Misbehaviour[] = []
const offered: Uint8Array[] = []

function createParts(height = 40): LightParts {
  return {
    head: () => ({ height }) as ReturnType<LightParts['head']>,
    sets: { at: () => tiny.set },
    offerEvidence: (bytes) => {
      offered.push(bytes)
      return { evidenceId: asHash32('0a'.repeat(32)), isNew: true }
    },
    options: {
      store,
      genesis: parseGenesis(REGISTRY, tiny.genesisJson),
      log: { error: (_message: string, fields?: object) => void alarms.push(fields ?? {}) } as LightParts['options']['log'],
      metrics: {
        evidence: { inc: ({ validator }: { validator: string }) => void counted.push(validator) },
      } as unknown as LightParts['options']['metrics'],
      onEvidence: (found) => void evidence.push(found),
    },
  }
}

beforeAll(async () => {
  store = await openStore({ dir })
})
afterAll(async () => {
  await store.close()
  rmSync(dir, { recursive: true, force: true })
})

describe('changes of the set', () => {
  it('are read in order, by page, and never above the head', async () => {
    const next = buildValidatorSet(validatorsOf(['v1', 'v2', 'v3', 'v9'].map(buildMember)))
    const changeAt = (height: number) => {
      const header = { ...block.header, height, nextValidatorsHash: next.hash }
      const certificate = certify({ chainId, set: tiny.set, members: tiny.members, header })
      return { header, certificate, validators: next.validators, recovery: null }
    }
    await store.writeBatch([3, 20, 30, 41].map((height) => setChangeRecord(changeAt(height))))
    const { setChangesBetween } = createLightApi(createParts())
    const heights = async (from: number, to: number, limit: number) =>
      (await setChangesBetween(from, to, limit)).map(({ header }) => header.height)
    expect(await heights(0, 100, 10)).toEqual([3, 20, 30])
    expect(await heights(4, 29, 10)).toEqual([20])
    expect(await heights(0, 100, 2)).toEqual([3, 20])
    expect(await heights(31, 100, 2)).toEqual([])
    expect((await setChangesBetween(20, 20, 1))[0]?.validators).toEqual(next.validators)
  })
})

describe('two final blocks of one height', () => {
  const other = { ...block.header, time: block.header.time + 1 }
  const finalOf = (header: typeof other, members = tiny.members) => ({
    header,
    commit: certify({ chainId, set: tiny.set, members, header }),
  })
  const first = finalOf(block.header)

  it('are kept and alarmed once, with everyone named who signed both in one round', async () => {
    const api = createLightApi(createParts())
    const second = finalOf(other, tiny.members.slice(1))
    expect(await api.reportFork({ first, second })).toBeNull()
    expect(alarms).toHaveLength(1)
    expect(alarms[0]).toMatchObject({ height: 1, proven: 3 })
    expect(new Set(counted)).toEqual(new Set(tiny.members.slice(1).map(({ name }) => name)))
    expect(evidence.map(({ kind }) => kind)).toEqual(['duplicateVote', 'duplicateVote', 'duplicateVote'])
    expect(offered.map((bytes) => decodeEvidence(bytes)?.kind)).toEqual(['duplicateVote', 'duplicateVote', 'duplicateVote'])
    expect(store.get(KEYS.fork(1))).not.toBeNull()
    expect(await api.reportFork({ first: second, second: first })).toBeNull()
    expect([alarms.length, evidence.length]).toEqual([1, 3])
  })

  it('are refused with the reason where they prove nothing', async () => {
    const api = createLightApi(createParts(5))
    const high = { ...other, height: 9 }
    expect(await api.reportFork({ first, second: first })).toMatch(/same block/)
    expect(await api.reportFork({ first: finalOf(high), second: finalOf({ ...high, time: 1 }) })).toMatch(/not known here/)
    const signatures = first.commit.signatures.with(1, must(first.commit.signatures[0], 'a signature'))
    expect(await api.reportFork({ first, second: { header: other, commit: { ...first.commit, signatures } } })).toMatch(
      /another block/,
    )
    const bad = finalOf(other)
    const forged = { ...bad, commit: { ...bad.commit, signatures: bad.commit.signatures.toReversed() } }
    expect(await api.reportFork({ first, second: forged })).toMatch(/is not valid/)
    expect(alarms).toHaveLength(1)
  })
})
