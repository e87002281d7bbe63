// Owns: when this node's data was last saved and tested: a small file beside the data, for metrics and the doctor.
// Not here: backups (backup.ts), snapshots (snapshot-folder.ts).
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { TimeMs } from '../../core/base/ids.ts'

const at = z.int().min(0).nullable().default(null)
const MaintenanceSchema = z.object({ version: z.literal(1), backupTestedAtMs: at, snapshotAtMs: at })

/** Wall times in ms; null is never. */
export type Maintenance = { readonly backupTestedAtMs: TimeMs | null; readonly snapshotAtMs: TimeMs | null }

/** The file's name in a data directory. */
export const MAINTENANCE_FILE = 'maintenance.json'

/** What was done when; never, where the file is missing or cannot be read. */
export function readMaintenance(dataDir: string): Maintenance {
  const path = join(dataDir, MAINTENANCE_FILE)
  if (!existsSync(path)) return { backupTestedAtMs: null, snapshotAtMs: null }
  try {
    const { backupTestedAtMs, snapshotAtMs } = MaintenanceSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
    return { backupTestedAtMs, snapshotAtMs }
  } catch {
    return { backupTestedAtMs: null, snapshotAtMs: null }
  }
}

/** Notes what was done; the rest stays. */
export function noteMaintenance(dataDir: string, done: Partial<Maintenance>): void {
  const path = join(dataDir, MAINTENANCE_FILE)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  writeFileSync(`${path}.new`, `${JSON.stringify({ version: 1, ...readMaintenance(dataDir), ...done }, null, 2)}\n`, {
    flush: true,
  })
  renameSync(`${path}.new`, path)
}
