// Owns: that a citizen, an office and an agency can walk a whole verification by the command line, and what each refusal exits
// with.
// Not here: the story (examples.test.ts), the verdicts (examples/document-less.test.ts).
import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDevnet } from '../../examples/devnet-access.ts'
import type { Devnet } from '../../examples/devnet-access.ts'
import { foundCity } from '../../examples/document-less.ts'
import type { City } from '../../examples/document-less.ts'
import { writeDevKey } from '../../node/keystore.ts'
import { trustFromGenesis } from '../../sdk/index.ts'
import { guardFolder } from '../helpers/guard.ts'
import { naru } from '../helpers/naru.ts'
import { runInside } from '../helpers/run-inside.ts'

const home = mkdtempSync(join(tmpdir(), 'naru-e2e-credential-'))
const dir = join(home, 'devnet')
const release = guardFolder(home)
const at = (name: string): string => join(home, name)

let devnet: Devnet
let city: City

beforeAll(async () => {
  const up = await naru(['devnet', 'up', '-n', '1', '--dir', dir, '--detach', '--wait', 'ready', '--json'])
  expect(up.code, up.stderr).toBe(0)
  devnet = await openDevnet(dir)
  city = await foundCity(devnet, trustFromGenesis(devnet.genesisJson))
  for (const name of ['office', 'agency', 'privacyOfficer'] as const) writeDevKey(at(`${name}.key`), city[name].seed)
})

afterAll(async () => {
  devnet.close()
  await naru(['devnet', 'down', '--dir', dir])
  await release()
})

async function run(words: readonly string[], code = 0): Promise<Record<string, unknown>> {
  const place = words[1] === 'show' ? [] : ['--dir', dir]
  const done = await runInside([...words, ...place, '--json'], { NARU_PASSPHRASE: 'long enough for a test' })
  expect(done.code, `${words.join(' ')}: ${done.stdout}${done.stderr}`).toBe(code)
  return JSON.parse(done.stdout) as Record<string, unknown>
}

const by = (name: 'office' | 'agency' | 'privacyOfficer') => ['--from', city[name].wallet.did, '--key', at(`${name}.key`)]

test('a wallet is made, its DID put on chain, a credential held, shown, judged, recorded and destroyed', async () => {
  const wallet = at('jiwoo.wallet')
  const agency = city.agency.wallet.did
  await run(['id', 'new', wallet])
  expect(statSync(wallet).mode & 0o777).toBe(0o600)
  expect(readFileSync(wallet, 'latin1')).toMatch(/^age-encryption\.org\//)
  expect(await run(['id', 'new', wallet], 2)).toMatchObject({ error: { code: 'USAGE' } })
  const { did } = await run(['id', 'pairwise', wallet, agency, '--sponsor', 'office-1'])
  expect(await run(['id', 'resolve', String(did), '--verify'])).toMatchObject({
    didDocument: { id: did },
    didResolutionMetadata: { proven: true },
  })

  const claims = {
    age_ge_19: true,
    age_ge_35: false,
    resident_seoul: true,
    income_le_150: true,
    unemployed: true,
    age_ge_18: true,
  }
  await run([
    'credential',
    'request',
    wallet,
    city.office.wallet.did,
    '--for',
    agency,
    '--nonce',
    'n-1',
    '--out',
    at('request.json'),
  ])
  const issued = ['credential', 'issue', at('request.json'), ...by('office'), '--type', 'SeoulResidentCredential']
  const made = ['--claims', JSON.stringify(claims), '--ledger', at('ledger.json'), '--out', at('credential.json')]
  expect(await run([...issued, '--nonce', 'n-2', ...made], 12)).toMatchObject({ error: { code: 'CREDENTIAL_BINDING' } })
  await run([...issued, '--nonce', 'n-1', ...made])
  await run(['credential', 'hold', wallet, at('credential.json'), '--for', agency])
  await run(['credential', 'hold', wallet, at('credential.json'), '--for', 'https://other.example'], 2)

  const nonces = ['--nonces', at('nonces.json')]
  await run(['credential', 'ask', city.policyId, ...by('agency'), ...nonces, '--out', at('ask.json')])
  expect(await run(['credential', 'present', wallet, at('ask.json'), '--dry-run'])).toMatchObject({
    purposeCode: 'YOUTH_ALLOWANCE',
    shown: [{ disclose: ['age_ge_19', 'age_ge_35', 'income_le_150', 'resident_seoul', 'unemployed'] }],
    unmet: [],
  })
  await run(['credential', 'present', wallet, at('ask.json'), '--out', at('shown.json')])
  const verify = ['credential', 'verify', at('shown.json'), at('ask.json'), ...nonces]
  const verdict = await run([...verify, ...by('agency'), '--record', '--case', at('case.age')])
  expect(verdict).toMatchObject({ outcome: 'PASS', reasons: [] })
  expect(await run(verify, 12)).toMatchObject({ error: { code: 'NONCE_USED' } })
  const receipt = { receiptCommit: verdict['receiptCommit'] }
  expect((await devnet.client('v1').call<{ value: object }>('identity_consent', receipt)).value).toMatchObject({
    status: 'FULFILLED',
    outcome: { outcome: 'PASS' },
  })

  await run(['credential', 'erase', at('case.age'), ...by('privacyOfficer')])
  expect(existsSync(at('case.age'))).toBe(false)
  expect(await run(['id', 'erase', wallet, agency])).toMatchObject({ credentials: 1, receipts: [verdict['receiptCommit']] })
  expect(await run(['id', 'show', wallet])).toMatchObject({ credentials: [], receipts: [], dids: [{ did }] })
})

test('a revoked entry is seen in the whole list, and whoever holds it does not pass', async () => {
  const { index } = JSON.parse(readFileSync(at('credential.json'), 'utf8')) as { index: number }
  const office = city.office.wallet.did
  const asked = ['credential', 'status', office, '1', '--index', String(index)]
  expect(await run(asked)).toMatchObject({ set: 0, isSet: false, seq: '0' })
  await run(['credential', 'revoke', '1', String(index), ...by('office'), '--ledger', at('ledger.json')])
  expect(await run(asked)).toMatchObject({ set: 4, isSet: true, seq: '1' })
  await run(['credential', 'status', office, '9'], 1)

  const wallet = at('jiwoo.wallet')
  await run(['credential', 'hold', wallet, at('credential.json'), '--for', city.agency.wallet.did])
  const nonces = ['--nonces', at('nonces.json')]
  await run(['credential', 'ask', city.policyId, ...by('agency'), ...nonces, '--out', at('ask.json')])
  await run(['credential', 'present', wallet, at('ask.json'), '--out', at('shown.json')])
  const verify = ['credential', 'verify', at('shown.json'), at('ask.json'), ...nonces]
  expect(await run(verify, 12)).toMatchObject({
    error: { code: 'PRESENTATION_FAIL', detail: { reasons: [{ code: 'REVOKED' }] } },
  })
})

test('a wallet opens for its passphrase alone, and nothing readable lies on the disk', async () => {
  const wallet = at('jiwoo.wallet')
  // This one as a person runs it: a process of its own.
  const wrong = await naru(['id', 'show', wallet, '--json'], { env: { NARU_PASSPHRASE: 'not the passphrase' } })
  expect([wrong.code, JSON.parse(wrong.stdout)]).toMatchObject([2, { error: { code: 'WALLET_PASSPHRASE' } }])
  expect(readFileSync(wallet, 'latin1')).not.toContain('age_ge_19')
})

test('signing in with Seoul ID: the challenge, the answer, one use, the right place', async () => {
  const library = 'https://library.example'
  const nonces = ['--nonces', at('sign-in.json')]
  await run(['id', 'sign-in', 'challenge', library, ...nonces, '--out', at('challenge.json')])
  const answer = ['id', 'sign-in', 'answer', at('challenge.json'), 'citizen-1', '--out', at('answer.json')]
  expect(await run([...answer, '--origin', 'https://librarv.example'], 12)).toMatchObject({ error: { code: 'SIGN_IN_AUDIENCE' } })
  await run([...answer, '--origin', library])
  const check = ['id', 'sign-in', 'check', at('answer.json'), library, ...nonces]
  expect(await run(check)).toMatchObject({ did: devnet.wallet('citizen-1').did, keyId: 'k1' })
  expect(await run(check, 12)).toMatchObject({ error: { code: 'SIGN_IN_NONCE' } })
  writeFileSync(at('answer.json'), JSON.stringify({ token: 'no.token' }))
  expect(await run(check, 12)).toMatchObject({ error: { code: 'CREDENTIAL_MALFORMED' } })
})

test('the Universal Resolver’s form answers over HTTP with its statuses', async () => {
  const [node] = devnet.nodes()
  const base = `${node?.rpc}/1.0/identifiers/`
  const did = devnet.wallet('citizen-1').did
  const get = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const response = await fetch(`${base}${path}`, { headers, method })
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
  }
  const found = await get(did)
  expect([found.status, found.type]).toEqual([200, 'application/did-resolution'])
  expect(JSON.parse(found.text)).toMatchObject({
    didDocument: { id: did },
    didDocumentMetadata: { versionId: '1', deactivated: false },
  })
  const document = await get(did, { accept: 'application/did+ld+json' })
  expect([document.type, JSON.parse(document.text).id]).toEqual(['application/did+ld+json', did])
  expect((await get(did, {}, 'HEAD')).text).toBe('')
  expect((await get(`${did}?versionId=7`)).status).toBe(404)
  expect((await get(`${did}?versionTime=2001-01-01T00:00:00Z`)).status).toBe(404)
  expect((await get(`${did.slice(0, -1)}x`)).status).toBe(400)
  expect((await get('did:web:example.com')).status).toBe(501)
  const list = await fetch(`${node?.rpc}/1.0/status-lists/${city.office.wallet.did}/1`)
  expect([list.status, list.headers.get('content-type')]).toEqual([200, 'application/vc'])
  expect(await list.json()).toMatchObject({
    type: ['VerifiableCredential', 'BitstringStatusListCredential'],
    issuer: city.office.wallet.did,
  })
})
