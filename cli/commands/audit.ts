// Owns: `naru audit`: a stopped node's store against its own signed history. Not here: the audit (node/maintenance).
import { resolve } from 'node:path'
import type { AuditReport } from '../../node/maintenance/audit.ts'
import type { AuditPoint } from '../../node/maintenance/audit-point.ts'
import type { AuditStart } from '../../node/maintenance/audit-start.ts'
import type { Extent } from '../../node/maintenance/audit-store.ts'
import { PLACE_OPTIONS, createProgressNote, findPlace, heightOption } from '../chain-place.ts'
import type { CommandCall, CommandSpec } from '../command.ts'
import { CliError, EXIT, refuseUsage } from '../errors.ts'
import { trustedBlock } from './snapshot.ts'

/** Blocks between two points of a run that can be resumed. */
const SAVE_EVERY = 2_000

async function runAudit(call: CommandCall): Promise<void> {
  const [{ auditStore }, { loadAuditPoint, saveAuditPoint }, { openStopped }, { REGISTRY }] = await Promise.all([
    import('../../node/maintenance/audit.ts'),
    import('../../node/maintenance/audit-point.ts'),
    import('../../node/maintenance/stopped-store.ts'),
    import('../../modules/registry.ts'),
  ])
  const from = heightOption(call, 'from', '--from')
  const invariantsEvery = heightOption(call, 'invariantsEvery', '--invariants-every') ?? 0
  const place = await findPlace(call)
  const { store, close } = await openStopped(place.dataDir)
  const note = createProgressNote(call)
  try {
    const parts = { store, registry: REGISTRY, genesis: place.genesis }
    const resume = call.options['resume'] as string | undefined
    const point = resume === undefined ? null : loadAuditPoint(resolve(resume), place.genesis.hash)
    if (point !== null) call.out.note(`going on above height ${point.height}, up to where an earlier run found everything right`)
    const keep = (reached: AuditPoint): void => {
      if (resume !== undefined) saveAuditPoint(resolve(resume), place.genesis.hash, reached)
    }
    const outcome = await auditStore({
      ...parts,
      point,
      save: { every: SAVE_EVERY, keep },
      invariantsEvery,
      start: (extent) => findStart(call, parts, extent, from),
      onProgress: (progress) => note(() => `height ${progress.height} of ${progress.top}, ${formatRates(progress)}`),
    })
    if ('top' in outcome) tellReport(call, place.dataDir, outcome)
    else {
      const { key, height, what, expected, found } = outcome
      const where = height === null ? key : `${key} (height ${height})`
      throw new CliError(EXIT.verification, 'AUDIT_FAILED', `${where}: ${what}\n  expected: ${expected}\n  found: ${found}`, {
        ...outcome,
      })
    }
  } finally {
    await close()
  }
}

type Parts = Parameters<typeof import('../../node/maintenance/audit-start.ts').buildRewoundStart>[0]

async function findStart(call: CommandCall, parts: Parts, extent: Extent, from: number | null): Promise<AuditStart> {
  const starts = await import('../../node/maintenance/audit-start.ts')
  const snapshot = call.options['snapshot'] as string | undefined
  if (snapshot !== undefined) {
    const { readSnapshotStart } = await import('../../node/maintenance/snapshot-start.ts')
    return readSnapshotStart(parts, resolve(snapshot), trustedBlock(call))
  }
  if (from !== null && from > 1) return starts.buildRewoundStart(parts, from, extent.top)
  if (extent.oldest === 1) return starts.buildGenesisStart(parts)
  const text = `bodies below height ${extent.oldest} are not in this store, so it cannot be executed from genesis`
  return refuseUsage(`${text}: begin with --from (as far as undo records reach, 256 blocks) or with --snapshot`)
}

function formatRates({ blocks, txs, ms }: { blocks: number; txs: number; ms: number }): string {
  return `${Math.round((blocks * 1_000) / ms)} blocks/s, ${Math.round((txs * 1_000) / ms)} tx/s`
}

function tellReport(call: CommandCall, dataDir: string, report: AuditReport): void {
  const { from, top, blocks, txs, signatures, stateRecords, stateRoot, ms } = report
  const seconds = (ms / 1_000).toFixed(1)
  const executed = `${report.executed} of them executed from height ${from} to ${top}`
  const done = `${blocks} blocks checked, ${executed}, ${txs} transactions, ${signatures} signatures`
  call.out.result(
    { ok: true, dataDir, ...report, stateRoot: `0x${stateRoot}` },
    `sound: ${done}, ${stateRecords} state records, root 0x${stateRoot}; ${seconds} s, ${formatRates(report)}`,
  )
}

/** The command `naru audit`. */
export const auditCommands: readonly CommandSpec[] = [
  {
    path: '',
    about: 'Execute a stopped node’s whole history again and compare every record; exit code 12 at the first wrong one',
    options: [
      ...PLACE_OPTIONS,
      ['--from <height>', 'First block to execute; lower ones are checked by signature, link and root alone'],
      ['--snapshot <dir>', 'Begin at the state of a snapshot'],
      ['--trust <block>', 'With --snapshot: block id that is believed'],
      ['--resume <file>', 'Keep in this file how far the audit is, and go on from there if it is there'],
      ['--invariants-every <blocks>', 'How often the rooms’ invariants are checked; 0 is at the end alone', '1000'],
    ],
    run: runAudit,
  },
]
