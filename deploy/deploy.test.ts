// Owns: alerts, their cases, runbooks and dashboard fit the metrics that a node has. Not here: promtool (not needed to run these).
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { createMetrics } from '../node/metrics.ts'

const ROOT = join(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

type Rule = {
  readonly alert: string
  readonly expr: string
  readonly annotations: { readonly runbook: string; readonly summary: string }
}
const RULES = (parse(read('deploy/prometheus/alerts.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  ({ rules }) => rules,
)

type Case = { readonly input_series: { series: string }[]; readonly alert_rule_test: { alertname: string }[] }
const CASES = (parse(read('deploy/prometheus/alerts.test.yml')) as { tests: Case[] }).tests

type Panel = { readonly title: string; readonly targets: readonly { readonly expr: string }[] }
const PANELS = (JSON.parse(read('deploy/grafana/naru.json')) as { panels: Panel[] }).panels

/** Names of metrics in an expression, those of a histogram's parts without their ending. */
function metricsIn(expression: string): string[] {
  return [...expression.matchAll(/\bnaru_[a-z0-9_]+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ''))
}

describe('what operators install', () => {
  it('names only metrics that a node has', async () => {
    const known = new Set((await createMetrics({ version: '1', commit: 'x' }).describe()).map(({ name }) => name))
    const used = [
      ...RULES.flatMap(({ expr }) => metricsIn(expr)),
      ...PANELS.flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsIn(expr))),
      ...CASES.flatMap(({ input_series }) => input_series.flatMap(({ series }) => metricsIn(series))),
    ]
    expect(used.length).toBeGreaterThan(40)
    expect(used.filter((name) => !known.has(name))).toEqual([])
  })

  it('has every metric of the first day', async () => {
    const known = new Set((await createMetrics({ version: '1', commit: 'x' }).describe()).map(({ name }) => name))
    const wanted = [
      'chain_height chain_final_age_seconds consensus_round consensus_rounds_total consensus_missing_votes_total',
      'consensus_step_seconds tx_admission_total tx_final_seconds mempool_txs mempool_bytes p2p_peers p2p_messages_total',
      'rpc_requests_total rpc_seconds rpc_queue_depth store_bytes store_reclaimable_bytes',
      'snapshot_last_success_timestamp_seconds backup_last_tested_timestamp_seconds ready signing_paused build_info',
      'clock_offset_vs_peers_seconds twin_seen',
    ].flatMap((names) => names.split(' '))
    expect(wanted.filter((name) => !known.has(`naru_${name}`))).toEqual([])
  })

  it.each(RULES.map((rule) => [rule.alert, rule] as const))('%s has a page and a case', (alert, rule) => {
    const { runbook, summary } = rule.annotations
    expect(summary).toContain('$labels.instance')
    expect(existsSync(join(ROOT, runbook))).toBe(true)
    const page = read(runbook)
    expect(page.startsWith(`# ${alert}\n`)).toBe(true)
    expect(page).toContain('**What to do.**')
    expect(CASES.some(({ alert_rule_test }) => alert_rule_test.some(({ alertname }) => alertname === alert))).toBe(true)
  })

  it('has an alert for everything that must wake somebody', () => {
    expect(RULES.map(({ alert }) => alert).sort()).toEqual([
      'NaruBackupUntested',
      'NaruClockOff',
      'NaruDiskFillsUp',
      'NaruFewPeers',
      'NaruNoFinalBlock',
      'NaruOwnVotesMissing',
      'NaruSigningPaused',
      'NaruTwinSeen',
      'NaruUpgradeNotReady',
    ])
  })

  it('runs containers without rights on a read-only root', () => {
    const services = (
      parse(read('deploy/docker/compose.yaml'), { merge: true }) as { services: Record<string, Record<string, unknown>> }
    ).services
    for (const name of ['v1', 'v2', 'v3', 'v4']) expect(services[name]).toMatchObject({ read_only: true, cap_drop: ['ALL'] })
    expect(read('deploy/docker/Dockerfile')).toMatch(/^USER naru$/m)
  })
})
