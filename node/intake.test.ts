// Owns: tests of the order in which transactions are checked, its bounds, and its end. Not here: the check itself.
import { describe, expect, it } from 'vitest'
import { must } from '../core/base/assert.ts'
import { failure } from '../core/base/errors.ts'
import { createVirtualTime } from '../test/helpers/virtual-nodes.ts'
import { WAITING_BYTES_MAX, createIntake } from './intake.ts'
import { MempoolError } from './mempool/errors.ts'

const FULL = failure(MempoolError.FULL)

function createRig() {
  const time = createVirtualTime(0)
  const admitted: number[] = []
  const admit = (wire: Uint8Array) => {
    admitted.push(wire[0] as number)
    return FULL
  }
  const intake = createIntake({ clock: time.clock, admit })
  return { time, admitted, intake }
}

describe('the intake', () => {
  it('answers each transaction in order, empty batches at once', async () => {
    const { time, intake, admitted } = createRig()
    const outcomes = intake.take('peer', [new Uint8Array([1]), new Uint8Array([2])])
    expect(await intake.take('peer', [])).toEqual([])
    await time.advance(1)
    expect(await outcomes).toEqual([FULL, FULL])
    expect(admitted).toEqual([1, 2])
  })

  it('lets clients and peers take turns: a flood of the one does not keep the other waiting', async () => {
    const { time, intake, admitted } = createRig()
    for (let i = 0; i < 100; i++) void intake.take('peer', [new Uint8Array([1])])
    void intake.take('client', [new Uint8Array([2])])
    await time.advance(1)
    expect(admitted.indexOf(2)).toBeLessThan(2)
  })

  it('is bounded by count and by bytes for each source, and has room again afterwards', async () => {
    const { time, intake } = createRig()
    const large = Array.from({ length: 64 }, () => new Uint8Array(65_536))
    let taken = 0
    while (intake.take('peer', large) !== null) taken++
    expect(taken * 64 * 65_536).toBe(WAITING_BYTES_MAX)
    expect(intake.take('client', large)).not.toBeNull()
    let small = 0
    while (intake.take('client', [new Uint8Array(1)]) !== null) small++
    expect(small).toBe(8_192 - 64)
    await time.advance(1)
    expect(intake.take('peer', large)).not.toBeNull()
  })

  it('checks nothing once stopped: the store is about to close', async () => {
    const { time, intake, admitted } = createRig()
    void intake.take('peer', [new Uint8Array([1])])
    intake.stop()
    await time.advance(10)
    expect(admitted).toEqual([])
    expect(intake.take('client', [new Uint8Array([1])])).toBeNull()
  })

  it('goes on to the next while a check is done elsewhere, keeps the order of outcomes, and counts what is not answered', async () => {
    const time = createVirtualTime(0)
    const open: ((outcome: typeof FULL) => void)[] = []
    const begun: number[] = []
    const admit = (wire: Uint8Array) => {
      begun.push(wire[0] as number)
      return wire[0] === 1 ? new Promise<typeof FULL>((resolve) => open.push(resolve)) : FULL
    }
    const intake = createIntake({ clock: time.clock, admit })
    const first = intake.take('peer', [new Uint8Array([1]), new Uint8Array([2])])
    const second = intake.take('peer', [new Uint8Array([3])])
    await time.advance(1)
    expect(begun).toEqual([1, 2, 3])
    expect(await second).toEqual([FULL])
    const slow = Array.from({ length: 8_191 }, () => new Uint8Array([1]))
    expect(intake.take('peer', slow)).not.toBeNull()
    await time.advance(1)
    expect(intake.take('peer', [new Uint8Array([4])])).toBeNull()
    const other = failure(MempoolError.DUPLICATE)
    must(open.shift(), 'an open check')(other)
    expect(await first).toEqual([other, FULL])
    expect(intake.take('peer', [new Uint8Array([4])])).not.toBeNull()
  })
})
