// A survey with a reward on one chain: ballots in one room, points in another, and nothing that leads from the one to the other.
import { expect, it } from 'vitest'
import { toHex } from '../../core/base/bytes.ts'
import { ZERO_HASH } from '../../core/base/ids.ts'
import { claimSurveyReward } from '../../modules/points/claim.ts'
import { pointsBalance } from '../../modules/points/queries.ts'
import { casts, polls, voters } from '../../modules/vote/store.ts'
import { pointsDocument } from '../../test/points-bench.ts'
import { accountOf, textOf } from '../../test/room-bench.ts'
import { bench, castOpen, codeOf, MINUTE, POLL, voter, withRoll } from '../../test/vote-bench.ts'
import { createTokenKeys, finishToken, requestToken, verifyToken } from '../points-token.ts'
import type { Token } from '../points-token.ts'
import { createRewardDesk, requestReward } from './reward.ts'

it('rewards who took part, once, on an account that no ballot leads to', () => {
  const city = withRoll(4, { rewardProgramme: 'SURVEY' }, bench(pointsDocument()))
  city.advance(5 * MINUTE)
  for (const index of [0, 1, 2]) expect(codeOf(castOpen(city, index, [index]))).toBe(null)
  const { eh } = polls.mustGet(city.view, POLL)
  const keys = createTokenKeys()
  const desk = createRewardDesk({ pollId: POLL, eh, keys })
  const wishes = [0, 1, 2, 3].map((byte) => requestToken(crypto.getRandomValues(new Uint8Array(32)).fill(byte, 0, 1)))
  const askFor = (rollIndex: number): Token => {
    const wish = wishes[rollIndex] as (typeof wishes)[0]
    const place = { pollId: POLL, rollIndex }
    const { key } = voters.mustGet(city.view, place)
    const request = requestReward({ ...place, eh, secret: voter(rollIndex) }, wish.blinded)
    return finishToken(keys.publicKey, wish, desk.answer(request, { key, hasCast: casts.has(city.view, place) }))
  }
  expect(() => askFor(3)).toThrow('vote first')
  const tokens = [0, 1, 2].map(askFor)

  const claim = (token: Token, name: string) => {
    expect(verifyToken(keys, token)).toBe(true)
    const grant = { tier: 0, points: 1_000n, evidenceCommit: ZERO_HASH }
    const payload = { programmeId: 'SURVEY', to: accountOf(name), tokenInput: token.input, ...grant }
    return codeOf(city.run(claimSurveyReward, { sender: accountOf('office'), payload }))
  }
  const [first, second, third] = tokens as [Token, Token, Token]
  expect([claim(third, 'alice'), claim(first, 'bob'), claim(second, 'carol')]).toEqual([null, null, null])
  expect(claim(first, 'dave')).toBe('POINTS_DUPLICATE_EVENT')
  for (const name of ['alice', 'bob', 'carol'])
    expect(city.ask(pointsBalance, { account: textOf(name), asOf: null })).toMatchObject({ balance: '1000' })

  const dump = (prefix: string): string => [...city.scan(prefix)].map(([key, value]) => `${key} ${toHex(value)}`).join('\n')
  const [ballots, points] = [dump('vote/'), dump('points/')]
  for (const index of [0, 1, 2]) {
    const { key } = voters.mustGet(city.view, { pollId: POLL, rollIndex: index })
    for (const mark of [key, wishes[index]?.blinded ?? key]) expect(points).not.toContain(toHex(mark))
  }
  for (const { evaluated, blinded } of desk.transcript())
    for (const mark of [evaluated, blinded]) expect(points).not.toContain(mark)
  for (const { input, output } of tokens) for (const mark of [input, output]) expect(ballots).not.toContain(toHex(mark))
  expect(city.broken()).toEqual([])
})
