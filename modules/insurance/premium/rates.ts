// Owns: which parameter a premium line reads, for a month, and what happens where nothing is decided.
// Not here: the values (modules/governance/insurance-params.ts), the formulas (premium.ts).
import type { CivilMonth } from '../../../core/base/civil-time.ts'
import { failure, isFailure } from '../../../core/base/errors.ts'
import type { Failure } from '../../../core/base/errors.ts'
import type { ReadView } from '../../../core/state/view.ts'
import { lawOn, statuteOn } from '../../governance/keeper.ts'
import type { ParamValue } from '../../governance/keeper.ts'
import { InsuranceError } from '../errors.ts'

/** The value of a parameter in a month; null for one that does not exist. */
export type RateSource = (key: string, month: CivilMonth) => ParamValue | null

/** What to do about a month whose rate is not decided: refuse, or take the latest known one. */
export type Undecided = 'refuse' | 'latest'

/** Classes of employers for the stabilisation rate (domain.md 9). */
export const WORKPLACE_SIZES = ['UNDER_150', 'PRIORITY', 'UNDER_1000', 'FROM_1000'] as const
/** Name of a class. */
export type WorkplaceSize = (typeof WORKPLACE_SIZES)[number]

/** Industries whose accident rate the law's table of this chain has; a council adds others as parameters. */
export const INDUSTRIES = ['RETAIL', 'PROFESSIONAL', 'FINANCE', 'FOOD_MAKING', 'TRANSPORT', 'CONSTRUCTION'] as const

/** What premiums depend on besides pay and month: where the rates come from, and the employer's two classes. */
export type RateQuestion = {
  readonly month: CivilMonth
  readonly source: RateSource
  readonly undecided: Undecided
  readonly size: WorkplaceSize
  readonly industry: string
}

/** A premium's rate as the source has it, or INSURANCE_RATE_UNDECIDED. */
export type RateReader = (key: string) => bigint | Failure

/** The law without any chain: for calculators and for tests. */
export const STATUTE: RateSource = (key, month) => statuteOn(key, month * 100 + 1)

/** The law with what this chain's council decided. */
export function chainRates(view: ReadView): RateSource {
  return (key, month) => lawOn(view, key, month * 100 + 1)
}

/** Reads rates of one month. */
export function rateReader({ month, source, undecided }: Pick<RateQuestion, 'month' | 'source' | 'undecided'>): RateReader {
  return (key) => {
    const found = source(key, month)
    if (found === null) return failure(InsuranceError.RATE_UNDECIDED, { key, month })
    const isUsable = found.standing === 'decided' || (found.standing === 'latest' && undecided === 'latest')
    return isUsable ? found.value : failure(InsuranceError.RATE_UNDECIDED, { key, month })
  }
}

/** Reads several rates at once: their values in order, or the first failure. */
export function readAll<const K extends readonly string[]>(
  read: RateReader,
  keys: K,
): { readonly [I in keyof K]: bigint } | Failure {
  const values: bigint[] = []
  for (const key of keys) {
    const value = read(key)
    if (isFailure(value)) return value
    values.push(value)
  }
  return values as unknown as { readonly [I in keyof K]: bigint }
}
