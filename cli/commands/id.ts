// Owns: `naru id`: a citizen's wallet file, its DIDs, resolving DIDs with proof, signing in, destroying.
// Not here: credentials (credential.ts), keys of validators (keys.ts).
import { readFileSync } from 'node:fs'
import { Resolver } from 'did-resolver'
import { createPairwiseDid } from '../../sdk/identity/pairwise.ts'
import { getResolver } from '../../sdk/identity/resolver.ts'
import { answerChallenge, createChallenge, parseChallenge, verifySignIn } from '../../sdk/identity/sign-in.ts'
import { createWalletData, destroyAudience, keyFor, renewAudience, seedOf } from '../../sdk/identity/wallet-data.ts'
import type { CommandCall, CommandSpec } from '../command.ts'
import { CliError, EXIT, refuseUsage } from '../errors.ts'
import { formatTable } from '../output.ts'
import { DIR_OPTION, didTextOf, TARGET_OPTIONS } from '../target.ts'
import { createWalletFile, openId, openNonces, readJsonFile, readWalletFile, senderOf, sourceOf } from '../id-files.ts'
import { writeJson, writeWalletFile, GENESIS_OPTION, OUT_OPTION, walletOf } from '../id-files.ts'

async function runNew(call: CommandCall): Promise<void> {
  const { client, chain } = await openId(call)
  client.close()
  const [path = ''] = call.args
  const seedFile = call.options['seedFile'] as string | undefined
  const seed = seedFile === undefined ? undefined : parseSeed(readFileSync(seedFile === '-' ? 0 : seedFile, 'utf8'))
  await createWalletFile(call, path, createWalletData(chain, seed))
  call.out.result({ path, network: chain.network }, `${path}: a wallet with nothing in it; keep file and passphrase apart`)
}

function parseSeed(text: string): Uint8Array {
  const hex = text.trim().replace(/^0x/, '')
  return /^[0-9a-f]{64}$/.test(hex) ? new Uint8Array(Buffer.from(hex, 'hex')) : refuseUsage('the seed is 64 hex digits')
}

async function runShow(call: CommandCall): Promise<void> {
  const { data } = await readWalletFile(call, call.args[0] ?? '')
  const { dids, credentials, receipts, network } = data
  const document = {
    network,
    dids,
    credentials: credentials.map(({ compact: _, ...shown }) => shown),
    receipts: receipts.map(({ commit, opening }) => ({ receiptCommit: `0x${commit}`, ...opening })),
  }
  const rows = [
    ...dids.map(({ did, audience }) => ['DID', did, audience]),
    ...credentials.map(({ vct, issuer, audience }) => [vct, issuer, audience]),
    ...receipts.map(({ commit, opening }) => ['consent', `0x${commit}`, opening.policyId]),
  ]
  call.out.result(document, rows.length === 0 ? 'nothing in it' : formatTable(rows))
}

async function runPairwise(call: CommandCall): Promise<void> {
  const [path = '', named = ''] = call.args
  const { client, chain } = await openId(call)
  try {
    const audience = didTextOf(call, named)
    const { data, passphrase } = await readWalletFile(call, path)
    const asked = call.options['new'] === true ? renewAudience(chain, data, audience) : data
    const { key, data: next } = keyFor(chain, asked, audience)
    if (next !== data) await writeWalletFile(path, next, passphrase)
    const sponsor = call.options['sponsor'] as string | undefined
    if (sponsor !== undefined) {
      const counter = next.dids.findLast((held) => held.audience === audience)?.counter ?? 0
      const sender = senderOf({ client, chain }, key, await walletOf(call, chain, sponsor))
      await sender.send(createPairwiseDid(chain, seedOf(next), { audience, counter }))
    }
    call.out.result({ audience, did: key.did, account: key.address, created: sponsor !== undefined }, key.did)
  } finally {
    client.close()
  }
}

async function runResolve(call: CommandCall): Promise<void> {
  const text = didTextOf(call, call.args[0] ?? '')
  const { client, chain } = await openId(call)
  try {
    const trust = call.options['verify'] === true ? (await sourceOf(call, { client, chain })).trust : undefined
    const resolver = new Resolver(getResolver({ client, chain, ...(trust === undefined ? {} : { trust }) }))
    const versionId = call.options['versionId'] as string | undefined
    const versionTime = call.options['versionTime'] as string | undefined
    const query = new URLSearchParams({ ...(versionId ? { versionId } : {}), ...(versionTime ? { versionTime } : {}) })
    const url = `${text}${query.size === 0 ? '' : `?${query}`}`
    const result = await resolver.resolve(url)
    const { error } = result.didResolutionMetadata
    if (error !== undefined)
      throw new CliError(EXIT.nodeError, 'DID_UNRESOLVED', `${text} does not resolve: ${error}`, { result })
    call.out.result(result, JSON.stringify(result, null, 2))
  } finally {
    client.close()
  }
}

async function runErase(call: CommandCall): Promise<void> {
  const [path = '', named = ''] = call.args
  const { data, passphrase } = await readWalletFile(call, path)
  const audience = didTextOf(call, named)
  const destroyed = destroyAudience(data, audience)
  await writeWalletFile(path, destroyed.data, passphrase)
  const receipts = destroyed.receipts.map((commit) => `0x${commit}`)
  const text = `${destroyed.credentials} credentials and ${receipts.length} receipts for ${audience} are destroyed in ${path}`
  call.out.result({ audience, credentials: destroyed.credentials, receipts }, text)
}

function runChallenge(call: CommandCall): void {
  const [audience = ''] = call.args
  const nonces = openNonces(call)
  const lifeSec = Number(call.options['life'])
  if (!Number.isSafeInteger(lifeSec) || lifeSec < 1 || lifeSec > 3_600) refuseUsage('--life is 1 to 3600 seconds')
  const challenge = createChallenge({ audience, nonces, at: Math.floor(Date.now() / 1_000), lifeSec })
  nonces.save()
  writeJson(call, challenge, `challenge for ${audience}`)
}

async function runAnswer(call: CommandCall): Promise<void> {
  const [file = '', from = ''] = call.args
  const { client, chain } = await openId(call)
  client.close()
  const challenge = parseChallenge(readJsonFile(file))
  const seenOrigin = (call.options['origin'] as string | undefined) ?? refuseUsage('say with --origin where you really are')
  const wallet = await walletOf(call, chain, from)
  const token = answerChallenge(challenge, { wallet, at: Math.floor(Date.now() / 1_000), seenOrigin })
  writeJson(call, { token }, `answer to ${challenge.audience}`)
}

async function runCheck(call: CommandCall): Promise<void> {
  const [file = '', audience = ''] = call.args
  const { token } = readJsonFile(file) as { token?: unknown }
  if (typeof token !== 'string') return refuseUsage(`${file} holds no token`)
  const { client, chain } = await openId(call)
  const nonces = openNonces(call)
  try {
    const source = await sourceOf(call, { client, chain })
    const signedIn = await verifySignIn(source, { token, audience, nonces, at: Math.floor(Date.now() / 1_000) })
    call.out.result(signedIn, `${signedIn.did} signed in with ${signedIn.keyId}, by the state of block ${signedIn.height}`)
  } finally {
    nonces.save()
    client.close()
  }
}

async function runHistory(call: CommandCall): Promise<void> {
  const { client } = await openId(call)
  try {
    const { value } = await client.call<{ value: unknown }>('identity_history', { did: didTextOf(call, call.args[0] ?? '') })
    call.out.result(value, JSON.stringify(value, null, 2))
  } finally {
    client.close()
  }
}

const WALLET_ABOUT = '(passphrase: NARU_PASSPHRASE)'
const NONCES_OPTION = ['--nonces <file>', 'Where the service keeps its open nonces', 'sign-in-nonces.json'] as const

/** Commands of `naru id`. */
export const idCommands: readonly CommandSpec[] = [
  {
    path: 'new <wallet>',
    about: `Make a wallet file, encrypted with age ${WALLET_ABOUT}`,
    options: [['--seed-file <file>', 'Restore from 64 hex digits, - for stdin'], ...TARGET_OPTIONS],
    run: runNew,
  },
  { path: 'show <wallet>', about: `What a wallet holds, secrets left out ${WALLET_ABOUT}`, run: runShow },
  {
    path: 'pairwise <wallet> <audience>',
    about: 'The DID that a wallet has for one agency or service alone',
    options: [
      ['--sponsor <account>', 'Put it on chain, sponsored by a devnet account that may onboard'],
      ['--new', 'A new DID from now on, where the old one must not be used again'],
      ...TARGET_OPTIONS,
    ],
    run: runPairwise,
  },
  {
    path: 'resolve <did>',
    about: 'Document and metadata of a DID (W3C DID resolution); exit code 5 where it does not resolve',
    options: [
      ['--version-id <number>', 'The document of this version'],
      ['--version-time <time>', 'The document at this time, such as 2026-11-23T00:00:00Z'],
      ['--verify', 'Take nothing that is not proven by the validators of the genesis document'],
      GENESIS_OPTION,
      ...TARGET_OPTIONS,
    ],
    run: runResolve,
  },
  { path: 'history <did>', about: 'Versions and states of a DID', options: TARGET_OPTIONS, run: runHistory },
  {
    path: 'erase <wallet> <audience>',
    about: 'Destroy credentials, values and salts that a wallet holds for one audience',
    options: TARGET_OPTIONS.slice(1),
    run: runErase,
  },
  {
    path: 'sign-in challenge <audience>',
    about: 'Service: a challenge of Sign in with Seoul ID for its origin, such as https://library.example',
    options: [['--life <seconds>', 'How long it is good', '300'], NONCES_OPTION, OUT_OPTION, DIR_OPTION],
    run: runChallenge,
  },
  {
    path: 'sign-in answer <challenge> <from>',
    about: 'Holder: answer with the key of a devnet account, or of --key',
    options: [
      ['--origin <origin>', 'Where the challenge was really seen'],
      ['--key <file>', `Key file of the holder ${WALLET_ABOUT}`],
      ['--key-id <id>', 'Name of the key in the account', 'k1'],
      OUT_OPTION,
      ...TARGET_OPTIONS,
    ],
    run: runAnswer,
  },
  {
    path: 'sign-in check <answer> <audience>',
    about: 'Service: who answered, by the proven state of the DID; each nonce counts once',
    options: [NONCES_OPTION, GENESIS_OPTION, ...TARGET_OPTIONS],
    run: runCheck,
  },
]
