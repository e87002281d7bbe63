// Owns: the genesis document of a devnet: councils, roles, validators, identities, money. Not here: how rooms read it (modules).
import { toHex } from '../../core/base/bytes.ts'
import { CITY_PARAMS } from '../../core/chain/params.ts'
import { kstDate } from '../../core/base/civil-time.ts'
import type { ChainParams } from '../../core/chain/params.ts'
import { KEY_PURPOSES } from '../../core/execution/module.ts'
import { buildPointsGenesis, PROGRAMMES } from '../../modules/points/fixtures.ts'
import { DEV_KEY_ID } from './accounts.ts'
import type { DevAccount } from './accounts.ts'

/** Chain id of every devnet. */
export const DEVNET_CHAIN_ID = 'naru-devnet-1'

/** A validator as the genesis document names it. */
export type GenesisValidator = {
  readonly name: string
  readonly account: DevAccount
  readonly peerId: string
  readonly p2pAddress: string
}

/** Everything that the document depends on; the same input gives the same hash. Times are ms. */
export type GenesisInput = {
  readonly timeMs: number
  readonly blockIntervalMs: number
  readonly accounts: readonly DevAccount[]
  readonly validators: readonly GenesisValidator[]
  /** Public keys of the city's root keys; more than half of them decide a recovery. None unless given. */
  readonly rootKeys?: readonly Uint8Array[]
}

const BANKS = [
  { name: 'bank-1', bankCode: '004', title: 'Han River Bank' },
  { name: 'bank-2', bankCode: '088', title: 'Namsan Bank' },
] as const

// Home bank and first balance in won.
const MONEY: Readonly<Record<string, readonly [bank: string, won: number, exempt: boolean]>> = {
  'citizen-1': ['004', 500_000, false],
  'citizen-2': ['004', 500_000, false],
  'citizen-3': ['088', 500_000, false],
  'citizen-4': ['088', 500_000, false],
  'citizen-5': ['088', 500_000, false],
  'merchant-1': ['004', 100_000, true],
  'employer-1': ['088', 1_000_000_000, true],
  'city-treasury': ['004', 10_000_000_000, true],
}

/** Code of the district Mapo-gu. */
const MAPO = '11440'

/** The shop of merchant-1, numbered 100000000000017; its codes are unsigned until its owner adds a key. */
const COFFEE_SHOP = {
  brn: '2208162517',
  mcc: '5814',
  nameAscii: 'MAPO COFFEE',
  nameKo: '마포커피',
  cityAscii: 'SEOUL',
  guCode: MAPO,
  tier: 'SMALL_A',
  qrKey: null,
} as const

const CLASS_BY_NAME: Readonly<Record<string, number>> = {
  'bank-1': 1,
  'bank-2': 1,
  'merchant-1': 1,
  'employer-1': 1,
  'city-treasury': 2,
  'office-1': 2,
  'psp-1': 2,
}

const CREDIT_FACTOR = 10

// Won in the reserve of each of the five programmes.
const POINTS_FUNDING = 100_000_000n

/** Chain parameters of a devnet: short blocks and ten times the credits of a city. */
export function buildDevParams(blockIntervalMs: number): ChainParams {
  return {
    ...CITY_PARAMS,
    blockIntervalMs,
    heartbeatMs: 10_000,
    timeoutProposeMs: 1_000,
    timeoutVoteMs: 400,
    blockUnitsMax: 512,
    creditClasses: CITY_PARAMS.creditClasses.map((row, index) =>
      // The agencies' class is near the bound of its fields already.
      index === 2
        ? row
        : {
            bytes: row.bytes * CREDIT_FACTOR,
            operations: row.operations * CREDIT_FACTOR,
            stateBytes: row.stateBytes * CREDIT_FACTOR,
            refillMs: row.refillMs,
          },
    ),
  }
}

/** The document as JSON, ready for `parseGenesis`. */
export function buildGenesis(input: GenesisInput): Record<string, unknown> {
  const { accounts, validators } = input
  const everyone = [...accounts, ...validators.map(({ account }) => account)]
  const purposes = KEY_PURPOSES.authentication | KEY_PURPOSES.assertion | KEY_PURPOSES.invocation
  const idOf = (name: string): string => accounts.find((account) => account.name === name)?.id ?? ''
  const dids = everyone.map(({ name, id, publicKey }) => ({
    account: id,
    keys: [{ kid: DEV_KEY_ID, publicKey: `0x${toHex(publicKey)}`, purposes }],
    creditClass: CLASS_BY_NAME[name] ?? (name.startsWith('citizen') ? 0 : 2),
  }))
  return {
    chainId: DEVNET_CHAIN_ID,
    network: 'devnet',
    time: input.timeMs,
    rooms: {
      governance: buildGovernance(input, idOf),
      identity: { dids },
      payment: {
        banks: BANKS.map(({ name, bankCode, title }) => ({ bankCode, account: idOf(name), name: title })),
        accounts: Object.entries(MONEY).map(([name, [bank, won, exempt]]) => ({
          account: idOf(name),
          bank,
          amount: String(won),
          exempt,
        })),
        merchants: [{ owner: idOf('merchant-1'), psp: idOf('psp-1'), ...COFFEE_SHOP }],
      },
      points: buildPointsGenesis({
        operator: idOf('points-1'),
        treasury: idOf('city-treasury'),
        funding: POINTS_FUNDING,
      }),
    },
  }
}

/** Officials of labor contracts and of the social insurances. */
const LABOR_ROLES = [
  ['inspector-1', 'INSPECTOR'],
  ['labor-centre-1', 'LABOR_CENTRE'],
  ['nps-1', 'INS_NPS'],
  ['nhis-1', 'INS_NHIS'],
  ['comwel-1', 'INS_COMWEL'],
] as const

type Role = (name: string, code: string, scope?: string | null) => object

// Two officers of elections, since certifying needs two; whoever registers the residents of Mapo; five trustees.
function buildVoteRoles(accounts: readonly DevAccount[], role: Role): readonly object[] {
  const trustees = accounts.filter(({ name }) => name.startsWith('trustee-'))
  return [
    role('election-1', 'ELECTION_OFFICE'),
    role('election-2', 'ELECTION_OFFICE'),
    role('survey-1', 'SURVEY_OFFICE'),
    role('registrar-1', 'REG_AUTH', MAPO),
    ...trustees.map(({ name }) => role(name, 'TRUSTEE')),
  ]
}

const hexOf = (bytes: Uint8Array): string => `0x${toHex(bytes)}`

function buildGovernance(
  { accounts, validators, blockIntervalMs, timeMs, rootKeys = [] }: GenesisInput,
  idOf: (name: string) => string,
): Record<string, unknown> {
  const members = accounts.filter(({ name }) => name.startsWith('council-')).map(({ id }) => id)
  const role = (name: string, code: string, scope: string | null = null) => ({
    role: code,
    did: idOf(name),
    scope,
    validFrom: null,
    validUntil: null,
  })
  return {
    councils: { city: { threshold: 2, members } },
    roles: [
      ...BANKS.map(({ name, bankCode }) => role(name, 'BANK', bankCode)),
      role('city-treasury', 'TREASURY'),
      role('office-1', 'ONBOARDING'),
      role('office-1', 'CITY_GOV'),
      role('psp-1', 'PSP'),
      ...PROGRAMMES.map(({ programmeId }) => role('points-1', 'PROG_OP', programmeId)),
      role('auditor-1', 'AUDITOR'),
      ...buildVoteRoles(accounts, role),
      ...LABOR_ROLES.map(([name, code]) => role(name, code)),
    ],
    validators: validators.map(({ name, account, peerId, p2pAddress }) => ({
      authority: account.id,
      publicKey: `0x${toHex(account.publicKey)}`,
      name,
      peerId,
      addresses: [p2pAddress],
    })),
    // Four and more behave as a city’s; fewer may grow.
    params: { ...buildDevParams(blockIntervalMs), validatorsMin: Math.min(CITY_PARAMS.validatorsMin, validators.length) },
    legalParams: [
      // A devnet's treasury need not wait for midnight in Seoul.
      {
        key: 'points.settleDelayDays',
        effectiveFrom: kstDate(timeMs),
        value: { kind: 'number', value: '0' },
        sourceRef: 'devnet',
      },
    ],
    roots: rootKeys.length === 0 ? null : { threshold: Math.floor(rootKeys.length / 2) + 1, keys: rootKeys.map(hexOf) },
  }
}
