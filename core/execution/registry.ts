// Owns: lookup tables over the rooms in dependency order. Not here: the list of rooms (modules/registry.ts).
import { assert, must } from '../base/assert.ts'
import type { ErrorDefinition, Failure } from '../base/errors.ts'
import type { Address, Height } from '../base/ids.ts'
import type { ChainParams } from '../chain/params.ts'
import type { RecoveryContent, Roots } from '../chain/recovery.ts'
import { buildValidatorSet } from '../chain/validator-set.ts'
import type { Validator, ValidatorSet } from '../chain/validator-set.ts'
import type { ReadView } from '../state/view.ts'
import type {
  ApplyContext,
  BlockEnv,
  EventDefinition,
  EvidenceCall,
  KeyLookup,
  ModuleDefinition,
  QueryDefinition,
  TransactionDefinition,
} from './module.ts'
import { EnvelopeError } from './errors.ts'
import { buildRestrictions } from './restriction.ts'
import type { Restrictions } from './restriction.ts'

/** Every declaration of every room, found by number or name. */
export type Registry = {
  readonly modules: readonly ModuleDefinition[]
  readonly transactionByType: ReadonlyMap<number, TransactionDefinition>
  readonly transactionByName: ReadonlyMap<string, TransactionDefinition>
  readonly eventByType: ReadonlyMap<number, EventDefinition>
  readonly queryByName: ReadonlyMap<string, QueryDefinition>
  readonly errorByNumber: ReadonlyMap<number, ErrorDefinition>
  /** What not everybody may read. */
  readonly restrictions: Restrictions
  readonly findKey: (view: ReadView, account: Address, keyId: string) => KeyLookup | null
  readonly mayOnboard: (view: ReadView, sponsor: Address, block: BlockEnv) => boolean
  readonly readValidators: (view: ReadView) => readonly Validator[]
  readonly readChainParams: (view: ReadView) => ChainParams
  readonly checkEvidence: (view: ReadView, call: EvidenceCall) => Failure | null
  readonly takeEvidence: (context: ApplyContext, call: EvidenceCall) => Failure | null
  readonly readRoots: (view: ReadView) => Roots | null
  readonly applyRecovery: (context: ApplyContext, content: RecoveryContent) => void
  /** The set of the next block, with who of it proposes. */
  readonly readNextSet: (view: ReadView) => ValidatorSet
  /** The set that signs a height, for every height up to the next one; null above it. Nothing about who proposes. */
  readonly readSetAt: (view: ReadView, height: Height) => ValidatorSet | null
  /** Validators of now and of decided changes, whom others must be able to reach. */
  readonly readPeers: (view: ReadView) => readonly Validator[]
  /** Whether something decided waits for a height, so that the chain should not rest. */
  readonly hasPendingChange: (view: ReadView) => boolean
}

/** Builds the tables; every number and name is unique, every number lies in its room's range. */
export function buildRegistry(modules: readonly ModuleDefinition[]): Registry {
  const transactions = modules.flatMap((room) => room.transactions)
  const events = modules.flatMap((room) => room.events)
  const errors = [...Object.values(EnvelopeError), ...modules.flatMap((room) => Object.values(room.errors))]
  for (const room of modules) {
    for (const { type, name } of [...room.transactions, ...room.events]) {
      assert(type >> 8 === room.number && name.startsWith(`${room.name}.`), `${name} has number and name of room ${room.name}`)
    }
    for (const { number, code } of Object.values(room.errors)) {
      assert(number >> 8 === room.number, `error ${code} has a number of room ${room.name}`)
    }
  }
  const keyRoom = must(
    modules.find((room) => room.findKey !== undefined),
    'one room finds keys',
  )
  const governing = modules.find((room) => room.readValidators !== undefined)
  // One list is one set; whoever walks over many heights meets the same few lists.
  const sets = new WeakMap<readonly Validator[], ValidatorSet>()
  const readValidators = (view: ReadView): readonly Validator[] =>
    must(governing?.readValidators, 'one room keeps the validators')(view)
  return {
    modules,
    transactionByType: unique(transactions, (definition) => definition.type),
    transactionByName: unique(transactions, (definition) => definition.name),
    eventByType: unique(events, (definition) => definition.type),
    queryByName: unique(
      modules.flatMap((room) => room.queries),
      (definition) => definition.name,
    ),
    errorByNumber: unique(errors, (definition) => definition.number),
    restrictions: buildRestrictions(modules),
    findKey: must(keyRoom.findKey, 'the key room finds keys'),
    mayOnboard: must(keyRoom.mayOnboard, 'the key room knows who may onboard'),
    readValidators,
    readChainParams: (view) => must(governing?.readChainParams, 'one room keeps the parameters')(view),
    checkEvidence: (view, call) => must(governing?.checkEvidence, 'one room judges evidence')(view, call),
    takeEvidence: (context, call) => must(governing?.takeEvidence, 'one room takes evidence')(context, call),
    readRoots: (view) => governing?.readRoots?.(view) ?? null,
    applyRecovery: (context, content) => must(governing?.applyRecovery, 'one room replaces the validators')(context, content),
    readPeers: governing?.readPeers ?? readValidators,
    hasPendingChange: (view) => governing?.hasPendingChange?.(view) ?? false,
    readNextSet: (view) => buildValidatorSet(readValidators(view), governing?.readStanding?.(view)),
    readSetAt(view, height) {
      const validators = (governing?.readValidatorsAt ?? readValidators)(view, height)
      if (validators === null) return null
      const known = sets.get(validators) ?? buildValidatorSet(validators)
      sets.set(validators, known)
      return known
    },
  }
}

function unique<K, V>(items: readonly V[], keyOf: (item: V) => K): ReadonlyMap<K, V> {
  const map = new Map(items.map((item) => [keyOf(item), item]))
  assert(map.size === items.length, 'numbers and names in the registry are unique')
  return map
}
