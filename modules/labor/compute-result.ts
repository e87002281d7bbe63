// Owns: the wage engine's answer as JSON-RPC gives it. Not here: the engine (wage/), pages made of it.
import type { Infer } from '../../core/codec/schema.ts'
import { choice, list, option, struct } from '../../core/codec/compound.ts'
import { bool, code, text, u16, u32, u64 } from '../../core/codec/fields.ts'
import type { WageBreakdown, WageLine } from './wage/types.ts'

const FractionSchema = struct({ num: u64, den: u64 })

const LineResult = struct({
  code: code(32),
  name: text(32),
  from: u32,
  to: u32,
  unit: choice({ MINUTE: 0, DAY: 1, MONTH: 2 }),
  quantity: FractionSchema,
  rate: FractionSchema,
  ppm: u32,
  krw: u64,
  isCut: bool,
  /** The amount as a person can check it. */
  formula: text(160),
  law: text(64),
})

/** Answer of labor_compute. */
export const BreakdownResult = struct({
  from: u32,
  to: u32,
  gross: u64,
  lines: list(LineResult, 128),
  days: list(
    struct({
      ...{ date: u32, holiday: option(code(16)), plannedMin: u16, workMin: u16, excessMin: u16, nightMin: u16 },
      ...{ holidayMin: u16, holidayOverMin: u16, paidHolidayMin: u16, leaveMin: u16, closureMin: u16, breakMissingMin: u16 },
    }),
    64,
  ),
  weeks: list(
    struct({
      ...{ from: u32, to: u32, holidayOn: u32, bookedOn: u32, status: code(32), absentOn: option(u32) },
      ...{ contractedMin: u32, weeks: u16, restMin: FractionSchema },
    }),
    8,
  ),
  flags: list(struct({ code: code(32), date: u32, minutes: u32 }), 256),
})

const shown = ({ num, den }: { num: bigint; den: bigint }): string => (den === 1n ? `${num}` : `${num}/${den}`)

/** The arithmetic of a line in words of digits. */
export function formulaOf({ unit, quantity, rate, ppm }: Pick<WageLine, 'unit' | 'quantity' | 'rate' | 'ppm'>): string {
  const share = ppm === 1_000_000 ? '' : ` x ${ppm}/1000000`
  if (unit === 'MINUTE') return `${shown(rate)} won/h x ${shown(quantity)} min / 60${share}`
  return `${shown(rate)} won/${unit === 'DAY' ? 'day' : 'month'} x ${shown(quantity)}${share}`
}

/** A breakdown as the answer holds it. */
export function breakdownOf(breakdown: WageBreakdown): Infer<typeof BreakdownResult> {
  const { period, gross, days, weeks, flags } = breakdown
  const lineOf = (line: WageLine, isCut: boolean) => {
    const { code: lineCode, name, from, to, unit, quantity, rate, ppm, won, law } = line
    return { code: lineCode, name, from, to, unit, quantity, rate, ppm, krw: won, isCut, formula: formulaOf(line), law }
  }
  const lines = [...breakdown.lines.map((line) => lineOf(line, false)), ...breakdown.cuts.map((line) => lineOf(line, true))]
  return { from: period.from, to: period.to, gross, lines, days: [...days], weeks: [...weeks], flags: [...flags] }
}
