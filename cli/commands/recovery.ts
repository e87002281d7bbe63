// Owns: `naru recovery`: a recovery file made, signed offline, shown and checked. Not here: what it does (node/recovery-start.ts,
// modules/governance), what makes it hold (core/chain/recovery.ts).
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { equalBytes, toHex } from '../../core/base/bytes.ts'
import type { Recovery } from '../../core/chain/recovery.ts'
import { recoveryHashOf, recoverySigningBytes } from '../../core/chain/recovery.ts'
import { ValidatorSchema } from '../../core/chain/validator-set.ts'
import type { Validator } from '../../core/chain/validator-set.ts'
import { createSigner } from '../../core/crypto/keys.ts'
import { textContextOf } from '../../core/execution/init-genesis.ts'
import { readKey } from '../../node/keystore.ts'
import { formatRecovery, readRecovery } from '../../node/recovery-file.ts'
import type { RecoveryFile } from '../../node/recovery-file.ts'
import { PLACE_OPTIONS, findPlace, findSignState, heightOption } from '../chain-place.ts'
import type { CommandCall, CommandSpec } from '../command.ts'
import { CliError, EXIT, refuseUsage } from '../errors.ts'
import { formatTable } from '../output.ts'

/** Rounds left free above the last one that this node signed, for survivors that went on a little further. */
const ROUNDS_AHEAD = 100

async function runCreate(call: CommandCall): Promise<void> {
  const [file = '', ...descriptions] = call.args
  if (existsSync(file)) refuseUsage(`${file} is there already; name a new file`)
  const { openPlace } = await import('../recovery-place.ts')
  const place = await findPlace(call)
  const { genesis } = place
  const { head, last } = await openPlace(place, findSignState(call, place))
  if (head.height === 0) refuseUsage('this chain has no blocks yet: begin it anew with another genesis document')
  const kept = keep(head.set.validators, String(call.options['keep'] ?? ''))
  const added = descriptions.map((path) => readDescription(path, genesis.network))
  const validators = [...kept.filter(({ authority }) => !added.some((seat) => seat.authority === authority)), ...added]
  const signed = last !== null && last.height === head.height + 1 ? last.round : 0
  const firstRound = heightOption(call, 'round', '--round') ?? signed + ROUNDS_AHEAD
  const { chainId, hash: genesisHash, network } = genesis
  const { height, blockId } = head
  const recovery: Recovery = { content: { chainId, genesisHash, height, blockId, firstRound, validators }, signatures: [] }
  write(file, { network, recovery })
  tell(call, file, { network, recovery }, `${file} is not signed yet: naru recovery sign ${file} --key <root key>`)
}

function keep(present: readonly Validator[], names: string): readonly Validator[] {
  return names
    .split(',')
    .filter((name) => name !== '')
    .map((name) => {
      const seat = present.find((validator) => validator.name === name)
      return seat ?? refuseUsage(`${name} is no validator; they are ${present.map((validator) => validator.name).join(', ')}`)
    })
}

function readDescription(path: string, network: RecoveryFile['network']): Validator {
  const { name, authority, publicKey, peerId, addresses = [] } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  return ValidatorSchema.fromJson({ authority, publicKey, name, peerId, addresses }, textContextOf(network), path)
}

function write(file: string, recovery: RecoveryFile): void {
  writeFileSync(`${file}.new`, formatRecovery(recovery))
  renameSync(`${file}.new`, file)
}

async function runSign(call: CommandCall): Promise<void> {
  const [file = ''] = call.args
  const path = call.options['key'] as string | undefined
  if (path === undefined) return refuseUsage('name the file of the root key with --key')
  const { network, recovery } = readRecovery(file)
  const { seed, publicKey } = await readKey({ path, passphrase: call.env['NARU_PASSPHRASE'], network })
  const signature = createSigner(seed).sign(recoverySigningBytes(recovery.content))
  const others = recovery.signatures.filter((known) => !equalBytes(known.publicKey, publicKey))
  const signed = { network, recovery: { ...recovery, signatures: [...others, { publicKey, signature }] } }
  write(file, signed)
  tell(call, file, signed, `signed by 0x${toHex(publicKey)}; ${signed.recovery.signatures.length} signatures in ${file}`)
}

function runShow(call: CommandCall): void {
  const [file = ''] = call.args
  tell(call, file, readRecovery(file), null)
}

async function runVerify(call: CommandCall): Promise<void> {
  const [file = ''] = call.args
  const { recovery, network } = readRecovery(file)
  const { checkHere, checkByGenesis } = await import('../recovery-place.ts')
  const data = call.options['data'] !== undefined || call.options['genesis'] === undefined
  if (data) {
    const place = await findPlace(call)
    await checkHere(place, findSignState(call, place), recovery)
    tell(call, file, { network, recovery }, `holds, and this node can start with it: --recovery ${resolve(file)}`)
    return
  }
  const { readGenesis } = await import('../genesis-file.ts')
  const fault = checkByGenesis(readGenesis(String(call.options['genesis'])).genesis, recovery)
  if (fault !== null) throw new CliError(EXIT.verification, fault.code, fault.text)
  tell(call, file, { network, recovery }, 'the city’s root keys decided it; whether it fits a node, tell with --data')
}

function tell(call: CommandCall, file: string, { network, recovery }: RecoveryFile, note: string | null): void {
  const { content, signatures } = recovery
  const recoveryHash = `0x${recoveryHashOf(content)}`
  const json = JSON.parse(formatRecovery({ network, recovery })) as Record<string, unknown>
  const rows = [
    ['chain', `${content.chainId} (${network}), genesis 0x${content.genesisHash}`],
    ['last block of the old validators', `height ${content.height}, 0x${content.blockId}`],
    ['new validators from', `height ${content.height + 1}, round ${content.firstRound}`],
    ['validators', content.validators.map(({ name, publicKey }) => `${name} 0x${toHex(publicKey).slice(0, 16)}…`).join(', ')],
    ['recoveryHash', recoveryHash],
    ['signed by', signatures.map(({ publicKey }) => `0x${toHex(publicKey)}`).join(', ') || 'nobody yet'],
  ]
  call.out.result({ file, recoveryHash, ...json }, `${formatTable(rows)}${note === null ? '' : `\n${note}`}`)
}

/** Commands of `naru recovery`. */
export const recoveryCommands: readonly CommandSpec[] = [
  {
    path: 'create <file> [descriptions...]',
    about: 'Write a recovery for a stopped survivor’s head: the validators to keep, and newcomers by their validator.json',
    options: [
      ...PLACE_OPTIONS,
      ['--sign-state <file>', 'The survivor’s sign state (default: the configuration’s, or sign-state in or beside --data)'],
      ['--observer', 'This node has no key'],
      ['--keep <names>', 'Present validators that go on, with commas between', ''],
      ['--round <round>', 'First round of the new validators; above the last round that any of those kept has signed at H+1'],
    ],
    run: runCreate,
  },
  {
    path: 'sign <file>',
    about: 'Add the signature of one root key; needs the file and the key alone (passphrase: NARU_PASSPHRASE)',
    options: [['--key <file>', 'Key file of the root key']],
    run: runSign,
  },
  { path: 'show <file>', about: 'What a recovery file says and who signed it', run: runShow },
  {
    path: 'verify <file>',
    about: 'Check a recovery against a stopped node (--data), or against the root keys of a genesis document alone (--genesis)',
    options: [
      ...PLACE_OPTIONS,
      ['--sign-state <file>', 'The node’s sign state (default: the configuration’s, or sign-state in or beside --data)'],
      ['--observer', 'This node has no key'],
    ],
    run: runVerify,
  },
]
