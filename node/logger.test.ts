import { expect, test } from 'vitest'
import { createLogger } from './logger.ts'
import type { LoggerOptions } from './logger.ts'

function collect(options: LoggerOptions = {}) {
  const lines: Record<string, unknown>[] = []
  const log = createLogger({ ...options, write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) })
  return { log, lines }
}

test('a line is JSON with level, time, module, message and fields; big integers are text', () => {
  const { log, lines } = collect()
  log.child('chain').info('Block committed', { height: 7, amount: 12n })
  expect(lines).toEqual([
    { level: 'info', time: expect.any(String) as string, module: 'chain', height: 7, amount: '12', msg: 'Block committed' },
  ])
})

test('lines below the level are left out, and the level can change', () => {
  const { log, lines } = collect({ level: 'warn' })
  log.info('quiet')
  log.setLevel('debug')
  log.child('rpc').debug('loud')
  expect(lines.map(({ msg }) => msg)).toEqual(['loud'])
})

test('a module has a level of its own, and so do its children', () => {
  const { log, lines } = collect({ level: 'error', levels: { consensus: 'debug' } })
  log.child('rpc').info('left out')
  log.child('consensus').child('votes').debug('kept')
  expect(lines.map(({ module, msg }) => [module, msg])).toEqual([['consensus.votes', 'kept']])
})

test('an unknown level is refused', () => {
  expect(() => collect().log.setLevel('loud')).toThrow('unknown log level loud; known are debug, info, warn, error, silent')
})

test('a message that repeats too often is held back, and its number is told when the window ends', () => {
  let now = 0
  const { log, lines } = collect({ nowMs: () => now })
  for (let i = 0; i < 100; i++) log.warn('again')
  expect(lines.length).toBe(60)
  now = 10_000
  log.warn('again')
  expect(lines.slice(60).map(({ msg, held }) => [msg, held])).toEqual([
    ['Repeated lines were held back', 40],
    ['again', undefined],
  ])
})

test('errors are never held back', () => {
  const { log, lines } = collect({ nowMs: () => 0 })
  for (let i = 0; i < 100; i++) log.error('broken', { error: new RangeError('x') })
  expect(lines.length).toBe(100)
  expect(lines[0]?.['error']).toMatchObject({ type: 'RangeError', message: 'x' })
})
