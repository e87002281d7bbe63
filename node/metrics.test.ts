import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'

test('two nodes in one process count for themselves', async () => {
  const [a, b] = [createMetrics({ version: '1', commit: 'a' }), createMetrics({ version: '1', commit: 'b' })]
  a.chainHeight.set(7)
  b.chainHeight.set(9)
  expect(await a.text()).toContain('naru_chain_height 7\n')
  expect(await b.text()).toContain('naru_chain_height 9\n')
  expect(await a.text()).toContain('naru_build_info{version="1",commit="a"} 1\n')
})

test('what is collected is looked up at each reading', async () => {
  const metrics = createMetrics({ version: '1', commit: 'a' })
  let waiting = 1
  metrics.onCollect(() => metrics.mempoolTxs.set(waiting))
  expect(await metrics.text()).toContain('naru_mempool_txs 1\n')
  waiting = 2
  expect(await metrics.text()).toContain('naru_mempool_txs 2\n')
})

test('every name begins with naru_, and counters end in _total', async () => {
  const text = await createMetrics({ version: '1', commit: 'a' }).text()
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, kind]) => ({ name: name ?? '', kind: kind ?? '' }))
  expect(types.length).toBeGreaterThan(20)
  for (const { name, kind } of types) {
    expect(name.startsWith('naru_')).toBe(true)
    expect(name.endsWith('_total')).toBe(kind === 'counter')
  }
})
