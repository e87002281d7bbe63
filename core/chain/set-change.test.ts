import { describe, expect, it } from 'vitest'
import { buildMember, certify, createTinyChain, validatorsOf } from '../../test/helpers/tiny-chain.ts'
import { verifySignature } from '../crypto/keys.ts'
import { followSetChanges, setAfter } from './set-change.ts'
import type { SetChange } from './set-change.ts'
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
