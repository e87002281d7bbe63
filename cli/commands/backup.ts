// Owns: `naru backup`: what chain data cannot bring back. Not here: what is in one (node/maintenance/backup.ts).
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { heightOption } from '../chain-place.ts'
import type { CommandCall, CommandSpec } from '../command.ts'
import { CONFIG_OPTIONS, configFlags } from '../config-flags.ts'
import { refuseUsage } from '../errors.ts'
import { formatTable } from '../output.ts'

async function load() {
  const [backup, { readBackup }, { REGISTRY }] = await Promise.all([
    import('../../node/maintenance/backup.ts'),
    import('../../node/maintenance/backup-folder.ts'),
    import('../../modules/registry.ts'),
  ])
  return { ...backup, readBackup, registry: REGISTRY }
}

async function runCreate(call: CommandCall): Promise<void> {
  const [{ createBackup }, { loadConfig }, { readGenesis }] = await Promise.all([
    load(),
    import('../../node/config.ts'),
    import('../genesis-file.ts'),
  ])
  const file = call.options['config'] as string
  const { config } = loadConfig({ file, env: call.env, flags: configFlags(call.options) })
  const { genesis } = readGenesis(config.chain.genesis)
  const out = resolve(call.args[0] ?? refuseUsage('name the folder to make'))
  const manifest = createBackup({ config, configText: readFileSync(file, 'utf8'), genesis, out, nowMs: Date.now() })
  const names = manifest.files.map(({ name }) => name).join(', ')
  const hint = config.signer === null ? '' : '\nkeep it apart from the passphrase; p2p.key in it is not encrypted'
  call.out.result({ dir: out, ...manifest }, `made ${out}: ${names}${hint}`)
}

async function runTest(call: CommandCall): Promise<void> {
  const { testBackup, readBackup, registry } = await load()
  const dir = resolve(call.args[0] ?? '')
  const checks = await testBackup(dir, registry, call.env['NARU_PASSPHRASE'])
  const { chainId, createdAtMs, signedHeight } = readBackup(dir)
  const noted = await noteTested(call, { dir, createdAtMs, signedHeight })
  const rows = checks.map(({ name, text }) => [name, text])
  call.out.result({ ok: true, dir, chainId, createdAtMs, signedHeight, checks, noted }, formatTable(rows))
}

// The node tells the time of the last tested backup as a metric; a drill on another machine has nobody to tell.
async function noteTested(
  call: CommandCall,
  tested: { dir: string; createdAtMs: number; signedHeight: number },
): Promise<string | null> {
  const file = call.options['config'] as string | undefined
  if (file === undefined) return null
  const [{ loadConfig }, { noteBackupTested }] = await Promise.all([
    import('../../node/config.ts'),
    import('../../node/upkeep/backup-tested.ts'),
  ])
  const { config } = loadConfig({ file, env: call.env })
  noteBackupTested(config.data.dir, { ...tested, testedAtMs: Date.now() })
  return config.data.dir
}

async function runRestore(call: CommandCall): Promise<void> {
  const { restoreBackup, registry } = await load()
  const into = resolve((call.options['into'] as string | undefined) ?? refuseUsage('name the folder to restore into with --into'))
  const afterHeight = heightOption(call, 'afterHeight', '--after-height')
  const dir = resolve(call.args[0] ?? '')
  const manifest = restoreBackup({ dir, into, registry, afterHeight })
  const signed = manifest.publicKey === null ? '' : `; the key signs only above height ${afterHeight ?? 0}`
  const next = 'next: naru snapshot restore, or let the node sync from the others'
  call.out.result(
    { into, files: manifest.files.map(({ name }) => name), signedHeight: manifest.signedHeight, afterHeight },
    `restored ${manifest.files.length} files into ${into}${signed}\n${next}`,
  )
}

/** Commands of `naru backup`. */
export const backupCommands: readonly CommandSpec[] = [
  {
    path: 'create <out>',
    about: 'Copy configuration, genesis, key, sign state, network identity and peers into a new folder',
    options: CONFIG_OPTIONS,
    run: runCreate,
  },
  {
    path: 'test <dir>',
    about: 'Restore a backup into a temporary folder and open everything (passphrase: NARU_PASSPHRASE)',
    options: [['-c, --config <file>', 'Configuration of the node whose metric then tells the time of this test']],
    run: runTest,
  },
  {
    path: 'restore <dir>',
    about: 'Restore a backup into an empty folder',
    options: [
      ['--into <dir>', 'The folder'],
      ['--after-height <height>', 'A height at or above every one that the key may have signed since the backup'],
    ],
    run: runRestore,
  },
]
