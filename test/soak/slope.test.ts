// Owns: examples for lines through points. Not here: a soak.
import { expect, test } from 'vitest'
import { drawPanels, fitLine } from './slope.ts'

test('a line through points that lie on one is that line', () => {
  const points = [0, 1, 2, 5].map((x) => ({ x, y: 3 * x + 7 }))
  expect(fitLine(points).slope).toBeCloseTo(3, 12)
  expect(fitLine(points).at).toBeCloseTo(7, 12)
})

test('least squares weighs points as the formula says', () => {
  const { slope, at } = fitLine([
    { x: 0, y: 0 },
    { x: 1, y: 3 },
    { x: 2, y: 3 },
  ])
  expect(slope).toBeCloseTo(1.5, 12)
  expect(at).toBeCloseTo(0.5, 12)
})

test('too few points have no slope', () => {
  expect(fitLine([])).toEqual({ slope: 0, at: 0 })
  expect(fitLine([{ x: 3, y: 4 }])).toEqual({ slope: 0, at: 4 })
})

test('a picture has a panel and a line for each series', () => {
  const series = new Map([
    ['v1', [{ x: 0, y: 1 }]],
    ['v2', [{ x: 1, y: 2 }]],
  ])
  const svg = drawPanels([
    { title: 'heap, MB', series },
    { title: 'disk, MB', series },
  ])
  expect(svg.match(/<polyline/g)).toHaveLength(4)
  expect(svg).toContain('heap, MB')
  expect(svg).toContain('60.0 min')
})
