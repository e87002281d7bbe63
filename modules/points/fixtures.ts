// Owns: the city's five programmes with their published rules, for a devnet's and a test's genesis.
// Not here: how they get into one.
import { toJson } from '../../core/codec/schema.ts'
import type { Json } from '../../core/codec/schema.ts'
import { POINTS_MAX, ProgrammeSpecSchema } from './schema.ts'
import type { ProgrammeSpec, Tier } from './schema.ts'

const TEXT = { formatAddress: () => '', parseAddress: () => null }
const tier = (kind: string, from: bigint, points: bigint): Tier => ({ kind, from, points })
const FIXTURE: Omit<ProgrammeSpec, 'programmeId' | 'ruleKind' | 'table'> = {
  ...{ capDay: 0n, capYear: 0n, capTotal: 0n, startOn: 20260101, endOn: 20301231, expiryMonths: 60 },
  ...{ transfer: 'NONE', reserve: 'FULL', persons: 'TAG', budget: 1_000_000_000n },
}

/** Local tax paid on time after an electronic notice (won of tax), or by automatic payment. May be given to anyone. */
export const ETAX: ProgrammeSpec = {
  ...FIXTURE,
  programmeId: 'ETAX',
  ruleKind: 'TIER',
  table: [tier('ENOTICE', 0n, 500n), tier('ENOTICE', 300_000n, 1_000n), tier('AUTOPAY', 0n, 500n)],
  transfer: 'ANY',
}

/** Energy saved in six months against the average of two years, percent. */
export const ECO: ProgrammeSpec = {
  ...FIXTURE,
  programmeId: 'ECO',
  ruleKind: 'TIER',
  table: [tier('SAVING', 5n, 10_000n), tier('SAVING', 10n, 30_000n), tier('SAVING', 15n, 50_000n)],
  capYear: 100_000n,
  transfer: 'FAMILY',
}

/** Kilometres driven less than in the year before, percent. */
export const CAR: ProgrammeSpec = {
  ...FIXTURE,
  programmeId: 'CAR',
  ruleKind: 'TIER',
  table: [tier('LESS', 1n, 20_000n), tier('LESS', 10n, 30_000n), tier('LESS', 20n, 50_000n), tier('LESS', 30n, 70_000n)],
  capYear: 70_000n,
}

/** A completed survey; persons are tokens, so that a reward does not lead to an answer. */
export const SURVEY: ProgrammeSpec = {
  ...FIXTURE,
  programmeId: 'SURVEY',
  ruleKind: 'FIXED',
  table: [tier('SURVEY', 0n, 1_000n)],
  capTotal: 1_000n,
  persons: 'TOKEN',
}

/** A day's walk, a check-up; backed by its budget, funded as merchants are paid. */
export const HEALTH: ProgrammeSpec = {
  ...FIXTURE,
  programmeId: 'HEALTH',
  ruleKind: 'FIXED',
  table: [tier('WALK', 0n, 100n), tier('CHECKUP', 0n, 150n)],
  capDay: 200n,
  reserve: 'BUDGET',
  budget: POINTS_MAX,
}

/** All five. */
export const PROGRAMMES: readonly ProgrammeSpec[] = [ETAX, ECO, CAR, SURVEY, HEALTH]

/** The genesis section with these programmes, each funded with so many won by the treasury; accounts as text. */
export function buildPointsGenesis(
  by: { operator: string; treasury: string; funding: bigint },
  specs: readonly ProgrammeSpec[] = PROGRAMMES,
): Record<string, Json> {
  const { operator, treasury, funding } = by
  return {
    programmes: specs.map((spec) => ({
      ...{ operator, treasury, funding: funding.toString() },
      spec: toJson(ProgrammeSpecSchema, spec, TEXT),
    })),
  }
}
