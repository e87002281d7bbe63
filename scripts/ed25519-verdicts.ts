// Owns: the table of verdicts on the public Ed25519 test sets (docs/reference/ed25519.md); exit code 1 when the rule's three
// implementations disagree anywhere. Not here: the cases (ed25519-vectors.ts), the judges (ed25519-judges.ts).
// Use: node scripts/ed25519-verdicts.ts [--node PATH]...   each PATH is another Node whose node:crypto judges too.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { toHex } from '../core/base/bytes.ts'
import { isCanonicalKeyAndSignature } from '../core/crypto/ed25519-rule.ts'
import { type Judge, LONE_JUDGES, RULE_JUDGES } from './ed25519-judges.ts'
import { readSignatureCases, type SignatureCase } from './ed25519-vectors.ts'

type Report = { node: string; openssl: string; acceptedAlone: Record<string, number>; differing: string[] }

function formatTable(rows: readonly (readonly (string | number)[])[]): string {
  const [head = [], ...body] = rows
  const lines = [head, head.map((_, column) => (column === 0 ? '---' : '---:')), ...body]
  return lines.map((row) => `| ${row.join(' | ')} |`).join('\n')
}

function countBySet(cases: readonly SignatureCase[], sets: readonly string[], isCounted: (i: number) => boolean): number[] {
  return sets.map((set) => cases.filter((one, i) => one.set === set && isCounted(i)).length)
}

function judgeAll(cases: readonly SignatureCase[], judges: readonly Judge[]): boolean[][] {
  return judges.map(({ judge }) => cases.map((one) => judge(one)))
}

/** Another Node's verdicts, by a script that needs no type stripping. */
function askOtherNode(path: string, cases: readonly SignatureCase[]): Report {
  const input = cases.map(({ set, name, publicKey, message, signature, expected }) => ({
    set,
    name,
    publicKey: toHex(publicKey),
    message: toHex(message),
    signature: toHex(signature),
    precheck: isCanonicalKeyAndSignature(publicKey, signature),
    expected,
  }))
  const script = fileURLToPath(new URL('ed25519-node20.mjs', import.meta.url))
  const ran = spawnSync(path, [script], { input: JSON.stringify(input), encoding: 'utf8', timeout: 60_000 })
  if (ran.stdout === null || ran.stdout === '') throw new Error(`${path} gave no answer: ${ran.error?.message ?? ran.stderr}`)
  return JSON.parse(ran.stdout) as Report
}

/** Prints both tables and returns how many verdicts differ from the rule's. */
function printVerdicts(otherNodes: readonly string[]): number {
  const cases = readSignatureCases()
  const sets = [...new Set(cases.map(({ set }) => set))]
  const ruled = judgeAll(cases, RULE_JUDGES)
  const differs = cases.map((one, i) => ruled.some((verdicts) => verdicts[i] !== one.expected))
  const others = otherNodes.map((path) => askOtherNode(path, cases))
  const otherName = ({ node, openssl }: Report): string => `Node ${node.slice(1)}, OpenSSL ${openssl}`

  const totals = countBySet(cases, sets, () => true)
  const accepted = countBySet(cases, sets, (i) => cases[i]?.expected === true)
  const disagreements = countBySet(cases, sets, (i) => differs[i] === true)
  console.log(`The rule, by ${RULE_JUDGES.map(({ name }) => name).join(', ')}`)
  console.log(`on Node ${process.versions.node}, OpenSSL ${process.versions.openssl}\n`)
  const rows = sets.map((set, i) => [
    set,
    totals[i] ?? 0,
    accepted[i] ?? 0,
    (totals[i] ?? 0) - (accepted[i] ?? 0),
    disagreements[i] ?? 0,
  ])
  console.log(formatTable([['set', 'cases', 'accepted', 'rejected', 'disagreements'], ...rows]))
  for (const other of others) {
    console.log(
      `\npre-check + node:crypto of ${otherName(other)}: ${cases.length} cases, ${other.differing.length} disagreements`,
    )
    for (const name of other.differing) console.log(`  differs: ${name}`)
  }
  for (const [i, one] of cases.entries()) if (differs[i]) console.log(`  differs: ${one.set} ${one.name}`)

  console.log('\nAccepted by each library alone, without the pre-check\n')
  const alone = judgeAll(cases, LONE_JUDGES).map((verdicts, j) => [
    LONE_JUDGES[j]?.name ?? '',
    ...countBySet(cases, sets, (i) => verdicts[i] === true),
  ])
  const otherRows = others.map((other) => [
    `node:crypto of ${otherName(other)}`,
    ...sets.map((set) => other.acceptedAlone[set] ?? 0),
  ])
  console.log(formatTable([['library', ...sets], ['(the rule)', ...accepted], ...alone, ...otherRows]))
  return differs.filter(Boolean).length + others.reduce((sum, { differing }) => sum + differing.length, 0)
}

const { values } = parseArgs({ options: { node: { type: 'string', multiple: true, default: [] } } })
process.exitCode = printVerdicts(values.node) === 0 ? 0 : 1
