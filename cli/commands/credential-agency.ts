// Owns: the agency's side of `naru credential`, and destroying a case. Not here: the holder's and the issuer's.
import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import type { NetworkName } from '../../core/crypto/address.ts'
import { kstDate, parseAccount } from '../../sdk/index.ts'
import { judgePresentation, recordOutcome } from '../../sdk/identity/check.ts'
import type { CheckResult } from '../../sdk/identity/check.ts'
import { fetchFacts } from '../../sdk/identity/check-facts.ts'
import { parsePresentation, parsePresentationRequest } from '../../sdk/identity/presentation.ts'
import type { CommandCall } from '../command.ts'
import { CliError, EXIT, refuseUsage } from '../errors.ts'
import { chainSeconds, newPassphrase, openId, openNonces, readJsonFile, readSealedFile } from '../id-files.ts'
import { senderOf, sourceOf, walletOf, writeJson, writeSealedFile } from '../id-files.ts'
import { requireOption } from './credential-holder.ts'

/** `naru credential ask`. */
export async function runAsk(call: CommandCall): Promise<void> {
  const [policyId = ''] = call.args
  const lifeSec = Number(call.options['life'])
  if (!Number.isSafeInteger(lifeSec) || lifeSec < 1 || lifeSec > 86_400) return refuseUsage('--life is 1 to 86400 seconds')
  const from = requireOption(call, 'from', '--from, the agency')
  const { client, chain } = await openId(call)
  try {
    const agency = await walletOf(call, chain, from)
    const { value: policy } = await client.call<{ value: { version: number; verifier: string } }>('identity_policy', { policyId })
    if (parseAccount(chain, policy.verifier) !== agency.account)
      return refuseUsage(`${policyId} is the policy of ${policy.verifier}`)
    const nonces = openNonces(call)
    const expiresAt = (await chainSeconds(client)) + lifeSec
    const nonce = nonces.issue(expiresAt)
    nonces.save()
    const asked = { policyId, policyVersion: policy.version, verifier: agency.did, nonce, expiresAt }
    writeJson(call, { kind: 'naru-presentation-request', version: 1, ...asked }, `question under ${policyId}`)
  } finally {
    client.close()
  }
}

/** `naru credential verify`. */
export async function runVerify(call: CommandCall): Promise<void> {
  const [file = '', question = ''] = call.args
  const presentation = parsePresentation(readJsonFile(file))
  const request = parsePresentationRequest(readJsonFile(question))
  const { client, chain } = await openId(call)
  try {
    const source = await sourceOf(call, { client, chain })
    const at = await chainSeconds(client)
    const nonces = openNonces(call)
    const isOpen = nonces.use(request.nonce, at)
    nonces.save()
    if (!isOpen)
      throw new CliError(EXIT.verification, 'NONCE_USED', 'the nonce was not given out here, is used or has ended; ask again')
    const result = await judgePresentation(await fetchFacts(source, { request, presentation }), { request, presentation, at })
    const height = call.options['record'] === true ? await record(call, { client, chain }, result) : null
    await keepCase(call, { presentation: readJsonFile(file), result, network: chain.network })
    tellResult(call, result, height)
  } finally {
    client.close()
  }
}

async function record(call: CommandCall, connection: Awaited<ReturnType<typeof openId>>, result: CheckResult): Promise<number> {
  const agency = await walletOf(call, connection.chain, requireOption(call, 'from', '--from, the agency that records'))
  return (await senderOf(connection, agency).send(recordOutcome(result))).height
}

async function keepCase(
  call: CommandCall,
  kept: { presentation: unknown; result: CheckResult; network: NetworkName },
): Promise<void> {
  const path = call.options['case'] as string | undefined
  if (path === undefined) return
  const { result, presentation, network } = kept
  const { receiptCommit, outcome, reasons, claims, checkedAt, height } = result
  const document = { kind: 'naru-case', version: 1, receiptCommit, outcome, reasons, claims, checkedAt, height, presentation }
  await writeSealedFile(path, JSON.stringify(document), { passphrase: await newPassphrase(call, path), network })
}

function tellResult(call: CommandCall, result: CheckResult, recordedAt: number | null): void {
  const { outcome, reasons, claims, receiptCommit, height } = result
  const document = { outcome, reasons, claims, receiptCommit: `0x${receiptCommit}`, height, recordedAt }
  const recorded = recordedAt === null ? '' : `, recorded in block ${recordedAt}`
  if (outcome !== 'PASS') {
    const text = `${outcome} by the state of block ${height}${recorded}: ${reasons.map(({ text: why }) => why).join('; ')}`
    throw new CliError(EXIT.verification, `PRESENTATION_${outcome}`, text, document)
  }
  call.out.result(document, `PASS by the state of block ${height}${recorded}: ${Object.keys(claims).join(', ')}`)
}

/** `naru credential erase`. */
export async function runErase(call: CommandCall): Promise<void> {
  const [path = ''] = call.args
  const from = requireOption(call, 'from', '--from, the privacy officer')
  const { text } = await readSealedFile(call, path)
  const { kind, receiptCommit } = JSON.parse(text) as { kind?: unknown; receiptCommit?: unknown }
  if (kind !== 'naru-case' || typeof receiptCommit !== 'string') return refuseUsage(`${path} holds no case`)
  const { client, chain } = await openId(call)
  try {
    const officer = await walletOf(call, chain, from)
    // Destroyed first: a log entry about what is still there would be a lie.
    destroyFile(path)
    const date = kstDate((await chainSeconds(client)) * 1_000)
    const payload = { receiptCommit: `0x${receiptCommit}`, action: 'VALUE_AND_SALT_DESTROYED', date }
    const { height } = await senderOf({ client, chain }, officer).send({ type: 'identity.erasure.log', payload })
    call.out.result({ path, receiptCommit: `0x${receiptCommit}`, height }, `${path} is destroyed, logged in block ${height}`)
  } finally {
    client.close()
  }
}

// The file is encrypted besides: what a disk keeps of it opens for nobody without the passphrase.
function destroyFile(path: string): void {
  const fd = openSync(path, 'r+')
  try {
    writeSync(fd, randomBytes(statSync(path).size), 0)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  rmSync(path)
}
