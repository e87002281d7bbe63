// Owns: transfers of citizens: some good, some with a bad signature or a gap in their nonces. Not here: what becomes of them.
import { isFailure } from '../core/base/errors.ts'
import type { ChainNode } from '../node/chain-node.ts'
import type { Random } from './prng.ts'
import type { World } from './world.ts'

const BAD_PPM = 30_000
const GAP_PPM = 30_000
const LANES = 3

/** Submits one transfer at a node; true when it was admitted. */
export function submitTransfer(world: World, node: ChainNode, random: Random): boolean {
  const from = random.pick(world.citizens)
  const to = random.pick(world.citizens)
  const lane = random.below(LANES)
  const expected = node.mempool.nextNonce(from.address, lane) ?? node.desk.nextNonce(from.address, lane)
  const nonce = random.chance(GAP_PPM) ? expected + BigInt(1 + random.below(3)) : expected
  const amount = BigInt(1 + random.below(1_000))
  const validUntil = node.head().height + 20 + random.below(200)
  const tx = world.signTransfer(from, { to: to.address, amount, lane, nonce, validUntil })
  const wire = tx.bytes
  if (random.chance(BAD_PPM)) wire[wire.length - 1] = ((wire[wire.length - 1] as number) + 1) & 0xff
  if (isFailure(node.desk.admit(wire))) return false
  node.publishTransaction(tx.id, wire)
  return true
}
