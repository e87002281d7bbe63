// Owns: disks that end or refuse, for tests: a small file system where mounting is permitted, else the limits that any user has.
// Not here: what the node does about it (test/e2e/disk.test.ts).
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

function run(file: string, ...words: string[]): boolean {
  return spawnSync(file, words, { stdio: 'ignore' }).status === 0
}

/** True where this process may mount a file system. */
export function canMount(): boolean {
  const dir = mkdtempSync(join(tmpdir(), 'naru-e2e-mount-'))
  try {
    if (!run('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir)) return false
    return run('umount', dir)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** A small file system of its own. */
export type SmallDisk = {
  /** Fills it until this many bytes are free. */
  readonly fill: (bytesLeft: number) => void
  readonly empty: () => void
  readonly remount: (mode: 'ro' | 'rw') => boolean
  readonly unmount: () => void
}

const FILLER = 'filler'

/** Mounts a file system of this many megabytes at a path, which is made. Throws where that is not permitted. */
export function mountSmallDisk(path: string, megabytes: number): SmallDisk {
  mkdirSync(path, { recursive: true })
  if (!run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'tmpfs', path)) throw new Error(`cannot mount at ${path}`)
  return {
    fill(bytesLeft) {
      const { bavail, bsize } = statfsSync(path)
      writeFileSync(join(path, FILLER), new Uint8Array(Math.max(0, bavail * bsize - bytesLeft)))
    },
    empty: () => rmSync(join(path, FILLER), { force: true }),
    remount: (mode) => run('mount', '-o', `remount,${mode}`, path),
    unmount() {
      if (!run('umount', path)) run('umount', '-l', path)
    },
  }
}

/** From now on the process may not make any file longer than this: writes beyond it fail as on a full disk. */
export function limitFileSize(pid: number, bytes: number): void {
  if (!run('prlimit', `--pid=${pid}`, `--fsize=${bytes}`)) throw new Error('prlimit is missing; it comes with util-linux')
}
