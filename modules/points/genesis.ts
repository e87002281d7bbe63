// Owns: how the points section of the genesis document becomes state. Not here: its shape (schema.ts).
import { CodecError } from '../../core/base/errors.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { WriteView } from '../../core/state/view.ts'
import { checkWonMove } from '../payment/keeper.ts'
import { fund } from './prog-fund.ts'
import { NO_BOOKS, reserveAccount } from './programme.ts'
import { checkSpec } from './rules.ts'
import type { PointsGenesis } from './schema.ts'
import { programmeBooks, programmes } from './store.ts'

/** Writes programmes as approved and funded. Throws CodecError naming the path of what is wrong. */
export function initPoints(view: WriteView, section: PointsGenesis, block: BlockEnv): void {
  const context = { view, emit: () => undefined }
  for (const [index, { operator, spec, treasury, funding }] of (section?.programmes ?? []).entries()) {
    const path = `points.programmes[${index}]`
    const { programmeId, ...rest } = spec
    const refused = checkSpec(spec)
    if (refused !== null) throw new CodecError(`${path}.spec: ${refused.text} (${refused.detail?.['field'] ?? ''})`)
    if (programmes.has(view, programmeId)) throw new CodecError(`${path}.spec.programmeId: stands in the list twice`)
    programmes.set(view, programmeId, { ...rest, operator, state: 'ACTIVE', treasury })
    programmeBooks.set(view, programmeId, NO_BOOKS)
    if (funding === 0n) continue
    if (treasury === null) throw new CodecError(`${path}.treasury: somebody has to pay the funding`)
    const move = { from: treasury, to: reserveAccount(programmeId), amount: funding, block }
    const short = checkWonMove(view, move)
    if (short !== null) throw new CodecError(`${path}.funding: ${short.text}`)
    fund(context, { programmeId, amount: funding, from: treasury, block })
  }
}
