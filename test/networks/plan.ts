// Owns: the format of a fault network: nodes, load, steps with their moment, fault and expectations. Not here: carrying it out.
import { readFileSync } from 'node:fs'
import { z } from 'zod'

const name = z.string().regex(/^(v[1-9]\d?|o[1-4])$/, 'expected a node such as v1, or o1 of addNode')
const names = z.array(name).min(1)
const duration = z.string().regex(/^\d+(\.\d+)?(ms|s|m)$/, 'expected a duration such as 200ms, 1.5s or 2m')
const delay = z.string().regex(/^\d+(\.\d+)?(ms|s)(±\d+)?$/, 'expected a delay such as 300ms or 300ms±50')
const skew = z.string().regex(/^[+-]\d+(\.\d+)?(ms|s|m)$/, 'expected a skew such as +2s or -500ms')
const count = z.int().min(1)

/** The moment of a step, counted from the end of the step before; without one it is at once. */
const When = z.union([
  z.strictObject({ blocks: count.describe('Blocks of the most advanced node.') }),
  z.strictObject({ finals: count.describe('Transfers acknowledged as final.') }),
  z.strictObject({ after: duration.describe('Time.') }),
])

/** What must hold after a step, before the next one begins. */
const Expectation = z.discriminatedUnion('that', [
  z.strictObject({ that: z.literal('blocks'), nodes: names, count, roundMax: z.int().min(0).optional() }),
  z.strictObject({ that: z.literal('noBlocks'), for: duration }),
  z.strictObject({ that: z.literal('caughtUp'), nodes: names, withinBlocks: count }),
  z.strictObject({ that: z.literal('stopped'), nodes: names, exit: z.int().min(0).max(255), code: z.string().min(1) }),
  z.strictObject({ that: z.literal('logged'), nodes: names, line: z.string().min(1) }),
  z.strictObject({ that: z.literal('quarantined'), nodes: names }),
  z.strictObject({ that: z.literal('signsAgain'), nodes: names }),
  z.strictObject({ that: z.literal('notSigning'), nodes: names, blocks: count }),
])

const common = {
  when: When.optional(),
  why: z.string().optional().describe('One sentence for the reader.'),
  expect: z.array(Expectation).default([]),
}
const act = <N extends string, S extends z.ZodRawShape>(action: N, shape: S) =>
  z.strictObject({ do: z.literal(action), ...shape, ...common })

/** One step: what is done, when, and what must hold then. */
const Step = z.discriminatedUnion('do', [
  act('watch', {}),
  act('kill', {
    nodes: names,
    walRecordsMin: count.optional().describe('Records that the log of the running height must hold.'),
  }),
  act('stop', { nodes: names }),
  act('start', { nodes: names }),
  act('restart', { nodes: names }),
  act('rollingRestart', { nodes: names, blocksBetween: count }),
  act('pause', { nodes: names }),
  act('resume', { nodes: names }),
  act('split', { groups: z.array(names).min(2) }),
  act('delay', { nodes: names, by: delay }),
  act('loss', { nodes: names, percent: z.int().min(1).max(100) }),
  act('heal', {}),
  act('fillDisk', { nodes: names, bytesLeft: z.int().min(0) }),
  act('emptyDisk', { nodes: names }),
  act('tearWal', { nodes: names }),
  act('flip', { nodes: names, in: z.enum(['wal', 'journal', 'state']) }),
  act('skewClock', { nodes: names, by: skew }),
  act('wipe', { nodes: names }),
  act('addNode', {}),
  act('join', { nodes: names, approvedBy: names }),
  act('remove', { nodes: names, approvedBy: names }),
])

/** A fault network. */
export const NetworkPlan = z.strictObject({
  about: z.string().min(10).describe('What it shows, in one sentence.'),
  nodes: z.int().min(1).max(16).describe('Validators.'),
  blockTime: duration.default('200ms'),
  links: z
    .enum(['any', 'filter', 'namespaces'])
    .default('any')
    .describe('How links fail; any takes the best that the machine has.'),
  load: z
    .strictObject({ accounts: count.max(200) })
    .default({ accounts: 12 })
    .describe('Accounts that pay without pause.'),
  smallDisks: z.record(name, count).default({}).describe('Nodes with a small disk of their own, in MiB.'),
  skews: z.record(name, skew).default({}).describe('Clocks that are wrong from the start.'),
  ci: z.boolean().default(false).describe('Part of the selection of every test run.'),
  repairs: z.int().min(0).default(0).describe('Nodes whose data an operator must remove by hand; more is a violation.'),
  steps: z.array(Step).min(1),
})

/** A fault network that was checked. */
export type NetworkPlan = z.infer<typeof NetworkPlan>
/** One of its steps. */
export type Step = NetworkPlan['steps'][number]
/** One of its expectations. */
export type Expectation = z.infer<typeof Expectation>
/** The moment of a step. */
export type When = z.infer<typeof When>

/** A file that is no fault network, with every place that is wrong. */
export class PlanError extends Error {
  override readonly name = 'PlanError'
}

/** Reads and checks a file. Throws PlanError naming file, place and reason. */
export function readPlan(path: string): NetworkPlan {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new PlanError(`${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
  const parsed = NetworkPlan.safeParse(json)
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path: place, message }) => `${place.join('.') || 'document'}: ${message}`)
    throw new PlanError(`${path} is no fault network:\n  ${lines.join('\n  ')}`)
  }
  checkNames(path, parsed.data)
  return parsed.data
}

function checkNames(path: string, plan: NetworkPlan): void {
  const added = plan.steps.filter((step) => step.do === 'addNode').length
  const numbered = (letter: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${letter}${i + 1}`)
  const known = new Set([...numbered('v', plan.nodes), ...numbered('o', added)])
  const used = JSON.stringify([plan.smallDisks, plan.skews, plan.steps]).matchAll(/"([vo]\d+)"/g)
  for (const [, found = ''] of used)
    if (!known.has(found)) throw new PlanError(`${path} names ${found}, but has only ${[...known].join(', ')}`)
  if (added > 0 && plan.links !== 'filter') throw new PlanError(`${path}: a network with addNode says "links": "filter"`)
  for (const step of plan.steps) {
    const disks = step.do === 'fillDisk' || step.do === 'emptyDisk' ? step.nodes : []
    const without = disks.find((node) => plan.smallDisks[node] === undefined)
    if (without !== undefined) throw new PlanError(`${path}: ${step.do} of ${without}, which has no small disk in smallDisks`)
  }
}
