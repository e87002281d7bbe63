// Owns: when a backup of this node was last tried out, as a small file in its data directory. Not here: trying one (maintenance).
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Height, TimeMs } from '../../core/base/ids.ts'

/** What is noted of a backup that opened. */
export type BackupTested = {
  readonly testedAtMs: TimeMs
  readonly createdAtMs: TimeMs
  readonly signedHeight: Height
  readonly dir: string
}

const NAME = 'backup-tested.json'

/** Notes a backup that was tried out with success. */
export function noteBackupTested(dataDir: string, tested: BackupTested): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const path = join(dataDir, NAME)
  writeFileSync(`${path}.new`, `${JSON.stringify(tested, null, 2)}\n`, { mode: 0o600, flush: true })
  renameSync(`${path}.new`, path)
}

/** When a backup was last tried out with success, in ms; 0 when none was, or the note cannot be read. */
export function readBackupTested(dataDir: string): TimeMs {
  const path = join(dataDir, NAME)
  if (!existsSync(path)) return 0
  try {
    const { testedAtMs } = JSON.parse(readFileSync(path, 'utf8')) as Partial<BackupTested>
    return typeof testedAtMs === 'number' && Number.isSafeInteger(testedAtMs) && testedAtMs > 0 ? testedAtMs : 0
  } catch {
    return 0
  }
}
