// Owns: tests of data-lock.ts with real processes and real files.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { NodeError } from '../../core/base/errors.ts'
import { acquireLock } from './data-lock.ts'
import { type FileSystem, nodeFileSystem } from './file-system.ts'

let root: string
let path: string
let children: ChildProcess[]

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'naru-lock-'))
  path = join(root, 'data', 'LOCK.naru')
  children = []
})

afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(root, { recursive: true, force: true })
})

function acquire() {
  return acquireLock({ path, what: 'data directory' })
}

function errorOf(action: () => unknown): { code: string; message: string } {
  try {
    action()
  } catch (error) {
    if (error instanceof NodeError) return { code: error.code, message: error.message }
    throw error
  }
  return { code: 'none', message: '' }
}

/** Starts a process that tries for the lock, says `held` or the error code, and stays. */
async function startContender(): Promise<{ child: ChildProcess; answer: string }> {
  const script = `
    import { acquireLock } from ${JSON.stringify(new URL('./data-lock.ts', import.meta.url).href)}
    let answer = 'held'
    try { acquireLock({ path: ${JSON.stringify(path)}, what: 'data directory' }) } catch (error) { answer = error.code }
    process.stdout.write(answer)
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, answer: chunk.toString() }
}

async function killHard(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

function writeHolder(part: Record<string, unknown>): void {
  const lock = acquire()
  const own = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  lock.release()
  writeFileSync(path, JSON.stringify({ ...own, token: '0123456789abcdef', ...part }))
}

describe('one holder at a time', () => {
  test('DATA_DIR_LOCKED: a second acquisition names the process and the file', () => {
    const lock = acquire()
    const { code, message } = errorOf(acquire)
    expect(code).toBe('DATA_DIR_LOCKED')
    expect(message).toBe(
      `data directory is held by process ${process.pid} (lock ${path}): stop that process, or use another directory.`,
    )
    lock.release()
  })

  test('a released lock can be taken again, and nothing else stays in the directory', () => {
    const lock = acquire()
    expect(readdirSync(join(root, 'data'))).toEqual(['LOCK.naru'])
    lock.release()
    lock.release()
    expect(readdirSync(join(root, 'data'))).toEqual([])
    acquire().release()
  })

  test('a late second release does not remove the lock of the next holder', () => {
    const first = acquire()
    first.release()
    const second = acquire()
    first.release()
    expect(errorOf(acquire).code).toBe('DATA_DIR_LOCKED')
    second.release()
  })

  test('a live other process holds it, and kill -9 of that process frees it', async () => {
    const { child, answer } = await startContender()
    expect(answer).toBe('held')
    const { code, message } = errorOf(acquire)
    expect(code).toBe('DATA_DIR_LOCKED')
    expect(message).toContain(`process ${child.pid} `)
    await killHard(child)
    const lock = acquire()
    expect(readdirSync(join(root, 'data'))).toEqual(['LOCK.naru'])
    lock.release()
  })

  test('of several processes that find a dead holder exactly one takes over', async () => {
    const { child } = await startContender()
    await killHard(child)
    const answers = await Promise.all([1, 2, 3, 4].map(startContender))
    expect(answers.map(({ answer }) => answer).sort()).toEqual(['DATA_DIR_LOCKED', 'DATA_DIR_LOCKED', 'DATA_DIR_LOCKED', 'held'])
  })
})

describe('who counts as dead', () => {
  test('a holder from before the machine was started again', () => {
    writeHolder({ bootId: 'another boot' })
    acquire().release()
  })

  test.runIf(process.platform === 'linux')('a process id that was given to another process since', () => {
    writeHolder({ startTime: '1' })
    acquire().release()
  })

  test('a process id that nobody has', () => {
    writeHolder({ pid: 2 ** 22 + 1, startTime: '1' })
    acquire().release()
  })

  test('a contender that died in the middle of a takeover does not block the next one', () => {
    writeHolder({ pid: 2 ** 22 + 1 })
    const claim = `${path}.takeover-0123456789abcdef`
    writeFileSync(claim, readFileSync(path, 'utf8').replace('0123456789abcdef', 'fedcba9876543210'))
    const lock = acquire()
    expect(readdirSync(join(root, 'data'))).toEqual(['LOCK.naru'])
    lock.release()
  })

  test('a live contender in the middle of a takeover is not disturbed', () => {
    writeHolder({})
    const alive = readFileSync(path, 'utf8')
    writeFileSync(path, alive.replace(`"pid":${process.pid}`, `"pid":${2 ** 22 + 1}`))
    writeFileSync(`${path}.takeover-0123456789abcdef`, alive)
    expect(errorOf(acquire).code).toBe('DATA_DIR_LOCKED')
  })

  test('a holder that took over between our judgement and our claim keeps the lock', () => {
    writeHolder({})
    const alive = readFileSync(path, 'utf8').replace('0123456789abcdef', '1111111111111111')
    rmSync(path)
    writeHolder({ pid: 2 ** 22 + 1 })
    const disk: FileSystem = {
      ...nodeFileSystem,
      linkSync: (from, to) => {
        nodeFileSystem.linkSync(from, to)
        if (to.includes('.takeover-')) writeFileSync(path, alive)
      },
    }
    expect(errorOf(() => acquireLock({ path, what: 'data directory', disk })).code).toBe('DATA_DIR_LOCKED')
    expect(readFileSync(path, 'utf8')).toBe(alive)
    expect(readdirSync(join(root, 'data'))).toEqual(['LOCK.naru'])
  })

  test('DATA_DIR_LOCKED: a lock file that is not ours is never removed', () => {
    writeHolder({})
    for (const text of ['', 'garbage', '{}', '{"pid":-1,"bootId":"","startTime":"","token":"0123456789abcdef"}']) {
      writeFileSync(path, text)
      const { code, message } = errorOf(acquire)
      expect(code).toBe('DATA_DIR_LOCKED')
      expect(message).toContain('if no node uses it, delete that file')
      expect(readFileSync(path, 'utf8')).toBe(text)
    }
  })

  test('LOCK_IO: a path that cannot be made is a fault with its reason', () => {
    writeFileSync(join(root, 'file'), '')
    const { code, message } = errorOf(() => acquireLock({ path: join(root, 'file', 'LOCK.naru'), what: 'key file' }))
    expect(code).toBe('LOCK_IO')
    expect(message).toMatch(/^cannot lock key file by .*ENOTDIR|EEXIST/)
  })
})
