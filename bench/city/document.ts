// Owns: the genesis document of a city under load, and its first state with every account. Not here: the store (store.ts).
import { toHex, utf8ToBytes } from '../../core/base/bytes.ts'
import { kstDate } from '../../core/base/civil-time.ts'
import { ZERO_HASH } from '../../core/base/ids.ts'
import { assert } from '../../core/base/assert.ts'
import { CITY_PARAMS } from '../../core/chain/params.ts'
import type { Genesis } from '../../core/execution/init-genesis.ts'
import { textContextOf } from '../../core/execution/init-genesis.ts'
import { KEY_PURPOSES } from '../../core/execution/module.ts'
import { createOverlay } from '../../core/state/overlay.ts'
import type { StateChange } from '../../core/state/overlay.ts'
import type { WriteView } from '../../core/state/view.ts'
import { DEV_KEY_ID } from '../../cli/devnet/accounts.ts'
import type { IdentityGenesis } from '../../modules/identity/schema.ts'
import type { PaymentGenesis } from '../../modules/payment/schema.ts'
import { ECO, ETAX } from '../../modules/points/fixtures.ts'
import { applyGrant, checkGrant } from '../../modules/points/grant-rules.ts'
import type { ProgrammeSpec } from '../../modules/points/schema.ts'
import { eventIdOf, personTagOf } from '../../modules/points/tags.ts'
import { REGISTRY } from '../../modules/registry.ts'
import type { Say } from '../measure.ts'
import { accountAt, brnOf, codeSeedOf, ONBOARDING_OFFICES, onboardingOffice, POINTS_OFFICES, pointsOffice } from './people.ts'
import type { CitySize, Person } from './people.ts'
import { shopNameOf } from './people.ts'
import { publicKeyOf } from '../../core/crypto/keys.ts'

const TEXT = textContextOf('devnet')
const PURPOSES = KEY_PURPOSES.authentication | KEY_PURPOSES.assertion | KEY_PURPOSES.invocation
const CITIZEN_WON = 500_000n
const SHOP_WON = 10_000_000n
// Won in the reserve of each programme: what its budget allows.
const FUNDING = '900000000'
const SALT = new Uint8Array(32).fill(9)
/** Credit classes: citizens and shops live within theirs, offices are agencies. */
const CLASS = { citizen: 0, organisation: 1, agency: 2 } as const

type DocumentRooms = {
  governance: { roles: unknown[] }
  identity: { dids: unknown[] }
  points: { programmes: { funding: string }[] }
}

/** Adds the offices and what funds the programmes to a devnet's document. Changes it. */
export function addOffices(document: unknown): void {
  const { governance, identity, points } = (document as { rooms: DocumentRooms }).rooms
  const enter = ({ address, publicKey }: Person, role: string, scope: string | null): void => {
    const account = TEXT.formatAddress(address)
    const keys = [{ kid: DEV_KEY_ID, publicKey: `0x${toHex(publicKey)}`, purposes: PURPOSES }]
    identity.dids.push({ account, keys, creditClass: CLASS.agency })
    governance.roles.push({ role, did: account, scope, validFrom: null, validUntil: null })
  }
  for (let i = 0; i < POINTS_OFFICES; i++) enter(pointsOffice(i), 'PROG_OP', ETAX.programmeId)
  for (let i = 0; i < ONBOARDING_OFFICES; i++) enter(onboardingOffice(i), 'ONBOARDING', null)
  for (const programme of points.programmes) programme.funding = FUNDING
}

/** The tag of an account's person in a programme. */
export function tagOfAccount(index: number) {
  return personTagOf({ salt: SALT, pseudonym: utf8ToBytes(`account/${index}`) })
}

/** The first state of the whole city: what the document says, and every account, shop and lot, written by the rooms. */
export function buildCityState(genesis: Genesis, size: CitySize, say: Say): readonly StateChange[] {
  const view = createOverlay({ get: () => null })
  const block = { chainId: genesis.chainId, genesisHash: genesis.hash, height: 0, time: genesis.time, params: CITY_PARAMS }
  const sections = addAccounts(genesis, size, say)
  for (const room of REGISTRY.modules) room.genesis?.init(view, sections.get(room.name), block)
  say(`${size.accounts} accounts and ${size.merchants} shops written`)
  grantLots(view, size, block)
  say(`${size.holders} accounts hold points`)
  return view.diff()
}

function addAccounts(genesis: Genesis, size: CitySize, say: Say): ReadonlyMap<string, unknown> {
  const identity = genesis.sections.get('identity') as IdentityGenesis
  const payment = genesis.sections.get('payment') as PaymentGenesis
  const psp = payment.merchants?.[0]?.psp
  assert(psp !== undefined, 'a devnet has a café with its payment operator')
  const dids = [...identity.dids]
  const accounts = [...payment.accounts]
  const merchants = [...(payment.merchants ?? [])]
  for (let index = 0; index < size.accounts; index++) {
    const { address, publicKey } = accountAt(index)
    const isShop = index < size.merchants
    const creditClass = isShop ? CLASS.organisation : CLASS.citizen
    dids.push({ account: address, keys: [{ kid: DEV_KEY_ID, publicKey, purposes: PURPOSES }], creditClass })
    const bank = (index >> 1) % 2 === 0 ? '004' : '088'
    accounts.push({ account: address, bank, amount: isShop ? SHOP_WON : CITIZEN_WON, exempt: isShop })
    if (isShop) {
      const codeSeed = codeSeedOf(index)
      const named = { brn: brnOf(index), mcc: '5814', nameAscii: shopNameOf(index), nameKo: `가게 ${index}`, cityAscii: 'SEOUL' }
      const qrKey = codeSeed === null ? null : publicKeyOf(codeSeed)
      merchants.push({ owner: address, psp, ...named, guCode: '11440', tier: index % 4 === 0 ? 'SMALL_B' : 'SMALL_A', qrKey })
    }
    if (index % 100_000 === 99_999) say(`${index + 1} keys of ${size.accounts}`)
  }
  const added = new Map<string, unknown>([
    ['identity', { ...identity, dids }],
    ['payment', { ...payment, accounts, merchants }],
  ])
  return new Map([...genesis.sections, ...added])
}

// Three lots of taxes paid on time and one of energy saved, by the programmes' own rules.
function grantLots(view: WriteView, size: CitySize, block: Parameters<typeof checkGrant>[1]['block']): void {
  const give = (index: number, spec: ProgrammeSpec, tier: number, event: string): void => {
    const row = spec.table[tier]
    assert(row !== undefined, 'a programme has its rows')
    const item = {
      ...{ to: accountAt(index).address, personTag: tagOfAccount(index), eventId: eventIdOf(spec.programmeId, event) },
      ...{ eventKind: row.kind, eventDate: kstDate(block.time), tier, points: row.points, evidenceCommit: ZERO_HASH },
    }
    const call = { programmeId: spec.programmeId, item, block }
    const refused = checkGrant(view, call)
    assert(refused === null, `a first lot is granted: ${refused?.code ?? ''}`)
    applyGrant(view, call)
  }
  for (let i = 0; i < size.holders; i++) {
    const index = size.merchants + i
    for (let part = 0; part < 3; part++) give(index, ETAX, 1, `first/${index}/${part}`)
    give(index, ECO, 0, `first/${index}`)
  }
}
