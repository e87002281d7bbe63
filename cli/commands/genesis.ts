// Owns: `naru genesis`: check a genesis document and tell its hash.
// Not here: its rules (core/execution/init-genesis.ts, modules).
import { readFileSync } from 'node:fs'
import type { CommandCall, CommandSpec } from '../command.ts'
import { CliError, EXIT } from '../errors.ts'
import { formatTable } from '../output.ts'

async function runCheck(call: CommandCall): Promise<void> {
  const file = call.args[0] ?? 'genesis.json'
  const { readGenesis } = await import('../genesis-file.ts')
  const { genesis, validators } = readGenesis(file)
  const document = {
    chainId: genesis.chainId,
    network: genesis.network,
    genesisHash: `0x${genesis.hash}`,
    time: genesis.time,
    validators,
  }
  const rows = [
    ['chain', `${genesis.chainId} (${genesis.network})`],
    ['hash', `0x${genesis.hash}`],
    ['time', new Date(genesis.time).toISOString()],
    ['validators', validators.join(', ')],
  ]
  call.out.result(document, formatTable(rows))
}

async function runHash(call: CommandCall): Promise<void> {
  const { readGenesis } = await import('../genesis-file.ts')
  const { genesis } = readGenesis(call.args[0] ?? 'genesis.json')
  call.out.result({ genesisHash: `0x${genesis.hash}` }, `0x${genesis.hash}`)
}

type NewValidator = {
  readonly name: string
  readonly publicKey: string
  readonly peerId: string
  readonly addresses: readonly string[]
  readonly authority: string
}

/** Adds the validators' public descriptions, which `naru init` prints, to a skeleton. */
async function runAddValidator(call: CommandCall): Promise<void> {
  const [file, ...descriptions] = call.args
  const path = file ?? 'genesis.json'
  const { addValidators } = await import('../genesis-file.ts')
  const added = descriptions.map((description) => readDescription(description))
  const names = addValidators(path, added)
  call.out.result({ file: path, validators: names }, `${path} now names ${names.join(', ')}`)
}

function readDescription(path: string): NewValidator {
  const document = JSON.parse(readFileSync(path, 'utf8')) as Partial<NewValidator>
  for (const key of ['name', 'publicKey', 'peerId', 'authority'] as const) {
    if (typeof document[key] !== 'string')
      throw new CliError(EXIT.config, 'GENESIS_VALIDATOR', `${path} has no ${key}; it is the validator.json that naru init wrote`)
  }
  return { addresses: [], ...document } as NewValidator
}

/** Commands of `naru genesis`. */
export const genesisCommands: readonly CommandSpec[] = [
  { path: 'check [file]', about: 'Tell whether a genesis document is valid, with its hash', run: runCheck },
  { path: 'hash [file]', about: 'The genesis hash alone', run: runHash },
  {
    path: 'add-validator <file> <descriptions...>',
    about: 'Add validators to a skeleton, from their validator.json',
    run: runAddValidator,
  },
]
