// Owns: that a worker reads a wage from a real node by `naru labor compute`, with page and PDF, and a stranger does not.
// Not here: how it is computed (modules/labor/wage/), what a page holds (sdk/payslip/).
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addDays, kstDate } from '../../core/base/civil-time.ts'
import { guardFolder } from '../helpers/guard.ts'

const main = resolve(import.meta.dirname, '../../cli/main.ts')
const home = mkdtempSync(join(tmpdir(), 'naru-labor-'))
const dir = join(home, 'devnet')
const release = guardFolder(home)

function naru(...args: string[]) {
  const options = { cwd: home, encoding: 'utf8', timeout: 60_000, env: { ...process.env, NARU_DIR: dir } } as const
  return spawnSync(process.execPath, [main, ...args, '--json'], options)
}

/** Sends a transaction; gives its id. */
function send(words: string, from: string, payload: object): string {
  const { status, stdout, stderr } = naru('tx', ...words.split(' '), '--from', from, '--payload', JSON.stringify(payload))
  expect(status, stdout + stderr).toBe(0)
  return (JSON.parse(stdout) as { txId: string }).txId
}

beforeAll(() => {
  const up = naru('devnet', 'up', '-n', '1', '--dir', dir, '--detach', '--wait', 'ready')
  expect(up.status, up.stderr).toBe(0)
})

afterAll(async () => {
  naru('devnet', 'down', '--dir', dir)
  await release()
})

test('a worker reads the month from the chain, with the contract text; nobody else does', () => {
  const text = '단시간근로자 표준근로계약서\n'
  const hash = `0x${createHash('sha256').update(text).digest('hex')}`
  const times = { startMin: 540, endMin: 810, breaks: [{ startMin: 660, endMin: 690 }] }
  const yesterday = addDays(kstDate(Date.now()), -1)
  const accounts = JSON.parse(readFileSync(join(dir, 'accounts.json'), 'utf8')) as { accounts: { name: string; id: string }[] }
  const worker = accounts.accounts.find(({ name }) => name === 'citizen-1')?.id
  const terms = {
    ...{
      headcount: 'LT5',
      startOn: addDays(yesterday, -7),
      endOn: null,
      placeCommit: hash,
      dutiesCode: 'BARISTA',
      dutiesCommit: hash,
    },
    schedule: [times, times, times, times, times, null, null],
    ...{ weeklyHolidayDow: 6, weekStartDow: 0, annualLeave: 'STATUTORY', wageKind: 'HOURLY', ordinaryHourly: '50000' },
    ...{ fixedPay: '0', components: [], calcRule: 'STANDARD', premiumPpm: 500_000, payDay: 10, payMonthOffset: 1 },
    ...{ payMethod: 'DEPOSIT_TOKEN', probationMonths: 0, termGe1Y: true, simpleLabor: false, monthlyScheduledMin: 5_220 },
    ...{ insuranceFlags: 15, ageBand: 'FROM_18', pensionOptIn: false, forbiddenClauses: [], docCommit: hash },
  }
  const offer = { worker, brn: '2208162517', workplaceId: 'MAPO-1', minor: null, docHash: hash, terms }
  const contractId = send('labor offer', 'employer-1', offer)
  send('labor accept', 'citizen-1', { contractId, docHash: hash, isAdult: true })
  send('labor shift propose', 'citizen-1', { contractId, date: yesterday, kind: 'WORK', times })
  send('labor shift confirm', 'employer-1', { contractId, date: yesterday, seq: 0 })
  const ask = ['labor', 'compute', contractId, '--month', `${Math.floor(yesterday / 100)}`]
  const stranger = naru(...ask, '--as', 'citizen-2')
  expect([stranger.status, stranger.stdout]).toEqual([5, expect.stringContaining('READ_NOT_PERMITTED')])
  const [file, html, pdf] = [join(home, 'contract.txt'), join(home, 'wage.html'), join(home, 'wage.pdf')]
  writeFileSync(file, text)
  const pages = ['--lang', 'ko', '--contract', file, '--html', html, '--pdf', pdf]
  const { status, stdout, stderr } = naru(...ask, '--as', 'citizen-1', ...pages)
  expect(status, stderr).toBe(0)
  const { lines } = JSON.parse(stdout) as { lines: { code: string; won: string; quantity: { num: string } }[] }
  expect(lines[0]).toMatchObject({ code: 'BASE', won: '200000', quantity: { num: '240' } })
  expect(readFileSync(html, 'utf8')).toContain(`${hash} (체인에 기록된 해시와 같습니다)`)
  expect(readFileSync(pdf, 'latin1').startsWith('%PDF-1.7')).toBe(true)
})
