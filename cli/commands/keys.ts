// Owns: `naru keys`: key files and the sign state. Not here: their formats (node/keystore.ts, node/storage/journal.ts).
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fromHex, isHex, toHex } from '../../core/base/bytes.ts'
import { createKey, changePassphrase, readKey, readPassphrase } from '../../node/keystore.ts'
import type { CommandCall, CommandSpec } from '../command.ts'
import { CONFIG_OPTIONS, configFlags } from '../config-flags.ts'
import { refuseUsage } from '../errors.ts'
import { formatTable } from '../output.ts'
import { readSecret } from '../secrets.ts'

const PASSPHRASE = 'NARU_PASSPHRASE'

async function runNew(call: CommandCall): Promise<void> {
  const path = call.args[0] ?? ''
  const passphrase = await readSecret({ env: call.env, variable: PASSPHRASE, question: `passphrase for ${path}`, confirm: true })
  await tellKey(call, path, await createKey({ path, passphrase }))
}

async function runImport(call: CommandCall): Promise<void> {
  const path = call.args[0] ?? ''
  const from = call.options['seedFile'] as string | undefined
  const text = readFileSync(from === undefined || from === '-' ? 0 : from, 'utf8')
    .trim()
    .replace(/^0x/, '')
  if (!isHex(text, 32)) refuseUsage('the seed is 64 hex digits, in --seed-file or on stdin')
  const passphrase = await readSecret({ env: call.env, variable: PASSPHRASE, question: `passphrase for ${path}`, confirm: true })
  await tellKey(call, path, await createKey({ path, passphrase, seed: fromHex(text) }))
}

async function tellKey(call: CommandCall, path: string, key: { readonly publicKey: Uint8Array }): Promise<void> {
  const publicKey = `0x${toHex(key.publicKey)}`
  call.out.result({ path, publicKey }, `${path}: public key ${publicKey}`)
}

async function runExport(call: CommandCall): Promise<void> {
  if (call.options['revealSecret'] !== true) refuseUsage('this prints the secret seed; say so with --reveal-secret')
  const path = call.args[0] ?? ''
  const passphrase = isDevKey(path)
    ? undefined
    : await readSecret({ env: call.env, variable: PASSPHRASE, question: `passphrase of ${path}` })
  const { seed, publicKey } = await readKey({ path, passphrase, network: isDevKey(path) ? 'devnet' : 'city' })
  call.out.result({ seed: `0x${toHex(seed)}`, publicKey: `0x${toHex(publicKey)}` }, `0x${toHex(seed)}`)
}

async function runPassphrase(call: CommandCall): Promise<void> {
  const path = call.args[0] ?? ''
  const from = await readSecret({ env: call.env, variable: PASSPHRASE, question: `present passphrase of ${path}` })
  const to = await readSecret({ env: call.env, variable: 'NARU_NEW_PASSPHRASE', question: 'new passphrase', confirm: true })
  await changePassphrase({ path, from, to })
  call.out.result({ path, changed: true }, `${path} has a new passphrase`)
}

function isDevKey(path: string): boolean {
  return existsSync(path) && readFileSync(path, 'utf8').includes('"narud-dev-key"')
}

function runList(call: CommandCall): void {
  const dir = call.args[0] ?? '.'
  const keys = readdirSync(dir)
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isFile())
    .flatMap((path) => {
      const head = readFileSync(path).subarray(0, 200).toString('latin1')
      const kind = head.startsWith('age-encryption.org/')
        ? 'encrypted'
        : head.includes('"narud-dev-key"')
          ? 'devnet, unencrypted'
          : null
      return kind === null ? [] : [{ path, kind, mode: (statSync(path).mode & 0o777).toString(8) }]
    })
  call.out.result(
    { keys },
    keys.length === 0 ? `no key files in ${dir}` : formatTable(keys.map(({ path, kind, mode }) => [path, kind, mode])),
  )
}

/** The journal that a configuration's key belongs to. */
async function findPlace(call: CommandCall) {
  const [{ loadConfig }, { readGenesis }] = await Promise.all([import('../../node/config.ts'), import('../genesis-file.ts')])
  const { config } = loadConfig({ file: call.options['config'] as string, env: call.env, flags: configFlags(call.options) })
  if (config.signer === null) return refuseUsage('this configuration is an observer’s: it has no signer')
  const { genesis } = readGenesis(config.chain.genesis)
  const passphrase = readPassphrase(config.signer, call.env)
  const { publicKey } = await readKey({ path: config.signer.keystore, passphrase, network: genesis.network })
  return { path: config.signer.journal, chainTag: fromHex(genesis.hash.slice(0, 16)), publicKeyHex: toHex(publicKey) }
}

async function runShowState(call: CommandCall): Promise<void> {
  const place = await findPlace(call)
  const { readJournal } = await import('../../node/storage/journal.ts')
  const { state, damaged } = readJournal(place)
  const point = (record: typeof state.last) =>
    record === null
      ? null
      : {
          height: record.height,
          round: record.round,
          step: record.step,
          blockId: record.blockIdHex === null ? null : `0x${record.blockIdHex}`,
        }
  const document = {
    path: place.path,
    publicKey: `0x${place.publicKeyHex}`,
    floorHeight: state.floorHeight,
    last: point(state.last),
    lock: point(state.lastLock),
    damaged,
  }
  const last =
    state.last === null
      ? 'nothing signed yet'
      : `last signed height ${state.last.height} round ${state.last.round} step ${state.last.step}`
  call.out.result(
    document,
    `${place.path}: ${last}; nothing at or below height ${state.floorHeight} is signed${damaged ? '; one slot is damaged' : ''}`,
  )
}

async function runInitState(call: CommandCall): Promise<void> {
  const text = String(call.options['afterHeight'] ?? '')
  if (!/^\d{1,15}$/.test(text))
    refuseUsage('name with --after-height a height at or above every height that this key may have signed')
  const place = await findPlace(call)
  const { initJournal } = await import('../../node/storage/journal.ts')
  initJournal({ ...place, afterHeight: Number(text) })
  call.out.result({ path: place.path, afterHeight: Number(text) }, `${place.path} now signs only above height ${text}`)
}

/** Commands of `naru keys`. */
export const keysCommands: readonly CommandSpec[] = [
  { path: 'new <file>', about: `Make an encrypted key (passphrase: ${PASSPHRASE}, or asked for)`, run: runNew },
  {
    path: 'import <file>',
    about: 'Encrypt a seed of 64 hex digits',
    options: [['--seed-file <file>', 'File with the seed; - or nothing is stdin']],
    run: runImport,
  },
  {
    path: 'export <file>',
    about: 'Print the secret seed of a key file',
    options: [['--reveal-secret', 'Yes, print the secret']],
    run: runExport,
  },
  { path: 'passphrase <file>', about: 'Encrypt a key file with another passphrase (NARU_NEW_PASSPHRASE)', run: runPassphrase },
  { path: 'list [dir]', about: 'Key files in a directory', run: runList },
  { path: 'sign-state show', about: 'What the validator’s key has signed', options: CONFIG_OPTIONS, run: runShowState },
  {
    path: 'sign-state init',
    about: 'A new sign state, after the old one was lost',
    options: [...CONFIG_OPTIONS, ['--after-height <height>', 'Nothing at or below this height is ever signed']],
    run: runInitState,
  },
]
