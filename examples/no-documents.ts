// Owns: the story of a youth allowance without a single document, told and checked line by line, on a devnet.
// Not here: the acts (document-less.ts). Run it by `./naru devnet demo no-documents`, or alone: it then makes a devnet of its
// own.
import { mkdtempSync, rmSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createWallet, trustFromGenesis } from '../sdk/index.ts'
import { deriveIncome, deriveResidency } from '../sdk/identity/derive.ts'
import { fetchStatusList } from '../sdk/identity/status.ts'
import { answerChallenge, createChallenge, verifySignIn } from '../sdk/identity/sign-in.ts'
import type { WalletData } from '../sdk/identity/wallet-data.ts'
import { createParty } from './city-acts.ts'
import { openDevnet, runNaru } from './devnet-access.ts'
import { apply, destroyValues, dispute, fetchCredential, foundCity, INCOME, losePhone, meetAgency } from './document-less.ts'
import { nameGuardians, nowSec, openWallet, RESIDENT, today } from './document-less.ts'
import type { City } from './document-less.ts'
import { check, refused, WrongTurn } from './story.ts'
import type { Tell } from './story.ts'

async function joinCity(city: City, plan: { bornOn: number; first: number }): Promise<WalletData> {
  const on = await today(city)
  const residency = deriveResidency({ bornOn: plan.bornOn, guCode: '11440', residentSince: 20220301, isForeign: false }, on)
  const income = deriveIncome({ medianPercent: 92, isEmployed: false, weeklyHours: 0, contractMonths: null })
  const met = await meetAgency(city, openWallet(city))
  const withHome = await fetchCredential(city, met, { vct: RESIDENT, claims: residency, index: plan.first })
  return fetchCredential(city, withHome, { vct: INCOME, claims: income, index: plan.first + 1 })
}

async function grantAllowance(city: City, tell: Tell): Promise<WalletData> {
  tell('Jiwoo is 23. The Mapo office gives her two credentials: facts as yes or no, no birth date, no address, no amount.')
  const wallet = await joinCity(city, { bornOn: 20030514, first: 4_711 })
  const begun = performance.now()
  const done = await apply(city, wallet)
  const tookMs = Math.round(performance.now() - begun)
  check('verdict on Jiwoo', ['PASS', []], [done.result.outcome, done.result.reasons])
  const least = ['age_ge_19', 'age_ge_35', 'income_le_150', 'resident_seoul', 'unemployed']
  check('what Jiwoo shows', least, done.shown)
  tell(
    `  She shows ${done.shown.join(', ')} and nothing else. PASS, final in block ${done.recorded.height} after ${tookMs} ms.`,
    {
      event: 'accepted',
      ...{ outcome: done.result.outcome, shown: done.shown, height: done.recorded.height, tookMs },
    },
  )
  const [seq] = done.result.statusSeqs
  check('status lists seen', 1, seq === undefined ? 0 : 1)
  await refused('a second outcome of one consent', 'IDENTITY_CONSENT_REPLAY', () =>
    city.agency.sender.send({
      type: 'identity.verify.record',
      payload: {
        receiptCommit: `0x${done.receipt.commit}`,
        outcome: 'FAIL',
        policyVersion: 1,
        statusSeqs: [],
        checkedAt: done.result.checkedAt,
      },
    }),
  )
  return done.data
}

async function refuseAndReview(city: City, tell: Tell): Promise<void> {
  tell('Minsu moved to Goyang last week. The office has revoked his residency, among decoys, so nobody sees whose it was.')
  const wallet = await joinCity(city, { bornOn: 20010302, first: 90_210 })
  const changes = [90_210, 17, 65_535, 131_071].map((index) => ({ index, bit: true }))
  await city.office.sender.send({ type: 'identity.status.set', payload: { listId: '1', seq: '1', changes } })
  const list = await fetchStatusList(city.source, { issuer: city.office.wallet.account, listId: 1n })
  check('sequence number of the list', '1', list.seq.toString())
  const done = await apply(city, wallet)
  check('verdict on Minsu', ['FAIL', ['REVOKED']], [done.result.outcome, done.result.reasons.map(({ code }) => code)])
  tell(`  Refused in block ${done.recorded.height}: ${done.result.reasons.map(({ text }) => text).join('; ')}.`, {
    event: 'refused',
    ...{ outcome: done.result.outcome, reasons: done.result.reasons.map(({ code }) => code), height: done.recorded.height },
  })
  await dispute(city, done.data, { receipt: done.receipt, outcome: 'FAIL' })
  const receiptCommit = `0x${done.receipt.commit}`
  const { value } = await city.devnet
    .client('v1')
    .call<{ value: { status: string; review: { by: string } } }>('identity_consent', { receiptCommit })
  check('state of the dispute', ['REVIEWED', city.reviewer.wallet.address], [value.status, value.review.by])
  tell('  He disputes. A person at the agency, not its machine, looks at the move and upholds it, with reasons.', {
    event: 'reviewed',
  })
}

async function forget(city: City, wallet: WalletData, tell: Tell): Promise<void> {
  const left = await destroyValues(city, wallet)
  check('what is left of the application', [0, 0], [left.credentials.length, left.receipts.length])
  tell(
    'The allowance runs. Values and salts are destroyed, the privacy officer says so on chain; the receipt opens for nobody.',
    {
      event: 'destroyed',
    },
  )
}

async function signIn(city: City, wallet: ReturnType<typeof createWallet>): Promise<number> {
  const at = await nowSec(city)
  const audience = 'https://library.seoul.example'
  const challenge = createChallenge({ audience, nonces: city.nonces, at })
  const token = answerChallenge(challenge, { wallet, at, seenOrigin: audience })
  const { did, height } = await verifySignIn(city.source, { token, audience, nonces: city.nonces, at })
  check('who signed in', wallet.did, did)
  return height
}

async function loseAndRecover(city: City, tell: Tell): Promise<void> {
  const { devnet } = city
  const jiwoo = await createParty(devnet)
  const guardians = ['citizen-2', 'citizen-3'].map((name) => ({
    wallet: devnet.wallet(name),
    salt: new Uint8Array(randomBytes(32)),
  }))
  await nameGuardians(jiwoo, guardians)
  const height = await signIn(city, jiwoo.wallet)
  tell(`Jiwoo signs in to the city library with her main DID, judged by the state of block ${height}. Then her phone is gone.`, {
    event: 'signedIn',
    height,
  })
  const seed = await losePhone(city, jiwoo, guardians)
  await refused('signing in with a suspended DID', 'SIGN_IN_KEY', () => signIn(city, jiwoo.wallet))
  const finish = { type: 'identity.recovery.finish', payload: { did: jiwoo.wallet.address } }
  await refused('recovery before its two days', 'IDENTITY_RECOVERY_NOT_READY', () =>
    devnet.sender('citizen-4', 'v1').send(finish),
  )
  tell('  The office holds her DID, two guardians ask for a new key, and two days pass in which a live key could object.', {
    event: 'suspended',
  })
  await runNaru(['devnet', 'time', '+49h', '--dir', devnet.dir])
  await waitForDay(city, height)
  await devnet.sender('citizen-4', 'v1').send(finish)
  const renewed = createWallet({ seed, account: jiwoo.wallet.account, keyId: 'k2', network: devnet.chain.network })
  await signIn(city, renewed)
  await refused('signing in with the lost key', 'SIGN_IN_KEY', () => signIn(city, jiwoo.wallet))
  tell('  The same DID has a new key and no old one: her wages and points never moved.', { event: 'recovered' })
}

// Time passes in blocks; the first one after the clocks moved brings it.
async function waitForDay(city: City, height: number): Promise<void> {
  const before = (await city.devnet.client('v1').call('chain_getHeader', { height })).value.time
  const payload = { to: city.devnet.wallet('citizen-5').address, amount: '1', memoCommit: null }
  for (let tries = 0; tries < 100; tries++) {
    await city.devnet.sender('citizen-4', 'v1').send({ type: 'payment.transfer', payload })
    if ((await nowSec(city)) * 1_000 - before > 172_800_000) return
  }
  throw new WrongTurn('two days have not passed on the chain')
}

async function tellStory(dir: string, asJson: boolean): Promise<void> {
  const devnet = await openDevnet(dir)
  const tell: Tell = (text, facts) => {
    if (!asJson) console.log(text)
    else if (facts !== undefined) console.log(JSON.stringify(facts))
  }
  const begun = performance.now()
  try {
    tell('The council gives an office, an agency, a reviewer and a privacy officer their roles, two of three votes each.')
    const city = await foundCity(devnet, trustFromGenesis(devnet.genesisJson))
    const wallet = await grantAllowance(city, tell)
    await refuseAndReview(city, tell)
    await forget(city, wallet, tell)
    await loseAndRecover(city, tell)
    const seconds = Math.round((performance.now() - begun) / 100) / 10
    tell(`No documents, every turn as it must be, in ${seconds} s.`, { event: 'done', seconds })
  } finally {
    devnet.close()
  }
}

const { values } = parseArgs({ options: { dir: { type: 'string' }, json: { type: 'boolean', default: false } } })
const own = values.dir === undefined ? mkdtempSync(join(tmpdir(), 'naru-no-documents-')) : null
const dir = values.dir ?? join(own ?? '', 'devnet')
try {
  if (own !== null) await runNaru(['devnet', 'up', '-n', '4', '--dir', dir, '--detach', '--wait', 'ready'])
  await tellStory(dir, values.json)
} catch (error) {
  process.exitCode = 1
  console.error(error instanceof WrongTurn ? `naru: wrong turn: ${error.message}` : error)
} finally {
  if (own !== null) {
    await runNaru(['devnet', 'down', '--dir', dir])
    rmSync(own, { recursive: true, force: true })
  }
}
