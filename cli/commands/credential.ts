// Owns: `naru credential`: both sides of a verification without documents, from request to record, and destroying a case.
// Not here: wallets and DIDs (id.ts), verdicts (sdk/identity/check.ts).
import type { CommandSpec } from '../command.ts'
import { GENESIS_OPTION, OUT_OPTION } from '../id-files.ts'
import { TARGET_OPTIONS } from '../target.ts'
import { runAsk, runErase, runVerify } from './credential-agency.ts'
import { runHold, runPresent, runRequest } from './credential-holder.ts'
import { runIssue, runRevoke, runStatus } from './credential-issuer.ts'

const WALLET_ABOUT = '(passphrase: NARU_PASSPHRASE)'
const FROM = (who: string) => ['--from <account>', `${who}: a devnet name, or an account together with --key`] as const
const KEY = [
  ['--key <file>', `Key file ${WALLET_ABOUT}`],
  ['--key-id <id>', 'Name of the key in the account', 'k1'],
] as const
const NONCES = ['--nonces <file>', 'Where the agency keeps its open nonces', 'agency-nonces.json'] as const

/** Commands of `naru credential`. */
export const credentialCommands: readonly CommandSpec[] = [
  {
    path: 'request <wallet> <issuer>',
    about: `Holder: ask an issuer for a credential, bound to the key that the wallet keeps for one audience ${WALLET_ABOUT}`,
    options: [
      ['--for <audience>', 'The agency or service that will see it'],
      ['--nonce <text>', 'What the issuer gave for this request'],
      OUT_OPTION,
      ...TARGET_OPTIONS,
    ],
    run: runRequest,
  },
  {
    path: 'issue <request>',
    about: 'Issuer: a credential in answer to a request; every claim can be disclosed alone',
    options: [
      FROM('Issuer'),
      ['--type <vct>', 'Type of the credential'],
      ['--claims <json>', 'Claims as a JSON object, or @ and a file'],
      ['--list <number>', 'Status list of the issuer', '1'],
      ['--ledger <file>', 'Status entries that are taken, without names', 'status-entries.json'],
      ['--days <number>', 'Days until it ends', '30'],
      ['--nonce <text>', 'The nonce that the request must answer'],
      ...KEY,
      OUT_OPTION,
      ...TARGET_OPTIONS,
    ],
    run: runIssue,
  },
  {
    path: 'hold <wallet> <credential>',
    about: `Holder: put a credential into the wallet ${WALLET_ABOUT}`,
    options: [['--for <audience>', 'The agency or service that will see it'], ...TARGET_OPTIONS],
    run: runHold,
  },
  {
    path: 'ask <policy>',
    about: 'Agency: ask a holder under a policy of the council',
    options: [
      FROM('Agency'),
      ['--life <seconds>', 'How long the question stands', '600'],
      NONCES,
      ...KEY,
      OUT_OPTION,
      ...TARGET_OPTIONS,
    ],
    run: runAsk,
  },
  {
    path: 'present <wallet> <question>',
    about: `Holder: consent on chain and show the least that the policy needs ${WALLET_ABOUT}`,
    options: [['--dry-run', 'Only say what would be shown'], GENESIS_OPTION, OUT_OPTION, ...TARGET_OPTIONS],
    run: runPresent,
  },
  {
    path: 'verify <presentation> <question>',
    about: 'Agency: judge a presentation with proof; exit code 12 where it does not pass',
    options: [
      ['--record', 'Record the outcome on chain'],
      ['--case <file>', `Keep presentation and verdict in an encrypted file ${WALLET_ABOUT}`],
      FROM('Agency, to record'),
      NONCES,
      ...KEY,
      GENESIS_OPTION,
      ...TARGET_OPTIONS,
    ],
    run: runVerify,
  },
  {
    path: 'status <issuer> <list>',
    about: 'Fetch a whole status list against its proven digest; --index is looked up here, the node never learns it',
    options: [['--index <number>', 'Say whether this entry is set'], GENESIS_OPTION, ...TARGET_OPTIONS],
    run: runStatus,
  },
  {
    path: 'revoke <list> <index>',
    about: 'Issuer: set an entry of a status list, among decoys that are taken already',
    options: [
      FROM('Issuer'),
      ['--decoys <number>', 'Entries that nobody has, set along', '3'],
      ['--ledger <file>', 'Status entries that are taken, without names', 'status-entries.json'],
      ...KEY,
      ...TARGET_OPTIONS,
    ],
    run: runRevoke,
  },
  {
    path: 'erase <case>',
    about: `Privacy officer: destroy a case with its values and salts, and log it on chain ${WALLET_ABOUT}`,
    options: [FROM('Privacy officer'), ...KEY, ...TARGET_OPTIONS],
    run: runErase,
  },
]
