import { describe, expect, it } from 'vitest'
import { buildMember, certify, createTinyChain, validatorsOf } from '../../test/helpers/tiny-chain.ts'
import { signerOf } from '../../test/room-bench.ts'
import { asHash32 } from '../base/ids.ts'
import { blockIdOf } from './block.ts'
import { recoverySigningBytes } from './recovery.ts'
import { verifySignature } from '../crypto/keys.ts'
import { followSetChanges, setAfter } from './set-change.ts'
import type { City, SetChange } from './set-change.ts'
import { buildValidatorSet } from './validator-set.ts'

const groups = [
  ['a1', 'a2', 'a3', 'a4'],
  ['a1', 'a2', 'a3', 'b4'],
  ['a1', 'a2', 'b3', 'b4', 'b5'],
].map((names) => names.map(buildMember))
const sets = groups.map((members) => buildValidatorSet(validatorsOf(members)))
const tiny = createTinyChain()
const { chainId } = tiny.chain
const base = tiny.commitBlock([]).header

function changeAt(height: number, from: number, to: number, signers = groups[from]): SetChange {
  const [before, after] = [sets[from], sets[to]]
  if (before === undefined || after === undefined || signers === undefined) throw new Error('no set')
  const header = { ...base, chainId, height, validatorsHash: before.hash, nextValidatorsHash: after.hash }
  return {
    header,
    certificate: certify({ chainId, set: before, members: signers, header }),
    validators: after.validators,
    recovery: null,
  }
}

const follow = (changes: readonly SetChange[], signed = true) =>
  followSetChanges({ chainId, set: sets[0] as never, changes, checkSignature: signed ? verifySignature : null })

describe('following changes of validators', () => {
  it('leads from the genesis set over every signed change to the last one', () => {
    expect(follow([])).toBe(sets[0])
    expect(follow([changeAt(10, 0, 1), changeAt(700, 1, 2)])).toMatchObject({ hash: sets[2]?.hash, quorum: 4 })
    expect(follow([changeAt(10, 0, 1), changeAt(700, 1, 0)])).toMatchObject({ hash: sets[0]?.hash })
  })

  it('stops at a change that a quorum of the set before it did not sign, naming its height', () => {
    const members = groups[0]?.slice(0, 2)
    expect(follow([changeAt(10, 0, 1, members)])).toBe('the change of validators at height 10: 2 signatures, 3 needed')
    expect(follow([changeAt(10, 1, 2)])).toMatch(/height 10 does not follow on the set before it/)
    const other = changeAt(11, 0, 1)
    expect(follow([{ ...changeAt(10, 0, 1), certificate: other.certificate }])).toMatch(/certificate is of another block/)
    expect(follow([changeAt(10, 0, 1), changeAt(10, 1, 2)])).toMatch(/height 10 does not lie above 10/)
  })

  it('believes no list that is not the one the header commits to, or is no set', () => {
    const change = changeAt(10, 0, 1)
    for (const validators of [[], sets[2]?.validators ?? [], [...change.validators, ...change.validators.slice(0, 1)]]) {
      expect(setAfter({ ...change, validators })).toBeNull()
      expect(follow([{ ...change, validators }])).toMatch(/does not name the validators given/)
      expect(follow([{ ...change, validators }], false)).toMatch(/does not name the validators given/)
    }
    expect(setAfter(changeAt(10, 0, 0))).toBeNull()
  })
})

describe('a recovery among the changes', () => {
  const keys = ['root-1', 'root-2', 'root-3'].map(signerOf)
  const roots = { threshold: 2, keys: keys.map(({ publicKey }) => publicKey) }
  const genesisHash = asHash32('0a'.repeat(32))
  const city = { genesisHash, roots, given: null }
  const recovered = (signers = keys.slice(0, 2)): SetChange => {
    const { header, certificate } = changeAt(10, 0, 0)
    const [height, blockId, validators] = [10, blockIdOf(header), sets[2]?.validators ?? []]
    const named = validators.map((seat) => ({ ...seat, peerId: `peer-${seat.name}` }))
    const content = { chainId, genesisHash, height, blockId, firstRound: 100, validators: named }
    const message = recoverySigningBytes(content)
    const signatures = signers.map(({ publicKey, sign }) => ({ publicKey, signature: sign(message) }))
    return { header, certificate, validators: named, recovery: { content, signatures } }
  }
  const followIn = (changes: readonly SetChange[], by?: City) =>
    followSetChanges({ chainId, set: sets[0] as never, changes, checkSignature: verifySignature, ...(by && { city: by }) })

  it('leads to its set by the word of the root keys, on a header that the old validators signed', () => {
    const change = recovered()
    expect(followIn([change], city)).toMatchObject({ hash: buildValidatorSet(change.validators).hash })
    const { certificate } = changeAt(10, 0, 0, groups[0]?.slice(0, 2))
    expect(followIn([{ ...change, certificate }], city)).toMatch(/2 signatures, 3 needed/)
  })

  it('is refused where the root keys are not known, did not decide, or the operator gave another', () => {
    expect(followIn([recovered()])).toMatch(/root keys are not known here/)
    expect(followIn([recovered()], { ...city, roots: null })).toMatch(/names no root keys/)
    expect(followIn([recovered(keys.slice(0, 1))], city)).toMatch(/has 1 signatures, 2 of 3 root keys are needed/)
    expect(followIn([recovered()], { ...city, given: [genesisHash] })).toMatch(/operator did not give/)
  })

  it('names the very validators and the very block', () => {
    const change = recovered()
    expect(setAfter({ ...change, validators: sets[1]?.validators ?? [] })).toBeNull()
    expect(setAfter({ ...change, header: { ...change.header, time: change.header.time + 1 } })).toBeNull()
  })
})
