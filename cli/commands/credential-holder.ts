// Owns: the holder's side of `naru credential`. Not here: the agency's and the issuer's.
import { addDays, kstDate } from '../../sdk/index.ts'
import { requestCredential } from '../../sdk/identity/credential-request.ts'
import { consentTo, fetchPolicy, planPresentation, present } from '../../sdk/identity/holder.ts'
import type { Plan } from '../../sdk/identity/holder.ts'
import { decodeBase64url } from '../../sdk/identity/jws.ts'
import { formatPresentation, parsePresentationRequest } from '../../sdk/identity/presentation.ts'
import { readCredential } from '../../sdk/identity/sd-jwt-vc.ts'
import { holdCredential, holdReceipt, keyFor } from '../../sdk/identity/wallet-data.ts'
import type { CommandCall } from '../command.ts'
import { refuseUsage } from '../errors.ts'
import {
  chainSeconds,
  openId,
  readJsonFile,
  readWalletFile,
  senderOf,
  sourceOf,
  writeJson,
  writeWalletFile,
} from '../id-files.ts'
import { didTextOf } from '../target.ts'

/** The option's text. Throws a usage error where it is left out. */
export function requireOption(call: CommandCall, name: string, flag: string): string {
  return (call.options[name] as string | undefined) ?? refuseUsage(`say ${flag}`)
}

/** `naru credential request`. */
export async function runRequest(call: CommandCall): Promise<void> {
  const [path = '', issuer = ''] = call.args
  const audience = didTextOf(call, requireOption(call, 'for', '--for, the audience that will see the credential'))
  const nonce = requireOption(call, 'nonce', '--nonce, which the issuer gave')
  const { client, chain } = await openId(call)
  try {
    const { data, passphrase } = await readWalletFile(call, path)
    const { key, data: next } = keyFor(chain, data, audience)
    if (next !== data) await writeWalletFile(path, next, passphrase)
    const ask = { issuer: didTextOf(call, issuer), nonce, at: await chainSeconds(client) }
    writeJson(call, { request: requestCredential({ ...ask, publicKey: key.publicKey, sign: key.sign }) }, 'request')
  } finally {
    client.close()
  }
}

/** `naru credential hold`. */
export async function runHold(call: CommandCall): Promise<void> {
  const [path = '', file = ''] = call.args
  const audience = didTextOf(call, requireOption(call, 'for', '--for, the audience that will see the credential'))
  const { credential } = readJsonFile(file) as { credential?: unknown }
  if (typeof credential !== 'string') return refuseUsage(`${file} holds no credential`)
  const { vct, issuer, holderKey, claims } = await readCredential(credential)
  const { client, chain } = await openId(call)
  client.close()
  const { data, passphrase } = await readWalletFile(call, path)
  const { key, data: next } = keyFor(chain, data, audience)
  if (!Buffer.from(key.publicKey).equals(holderKey))
    return refuseUsage(`the credential is bound to another key than the one for ${audience}`)
  await writeWalletFile(path, holdCredential(next, { audience, vct, issuer, compact: credential }), passphrase)
  call.out.result(
    { vct, issuer, audience, claims: Object.keys(claims) },
    `${vct} of ${issuer} is in ${path}, for ${audience} alone`,
  )
}

/** `naru credential present`. */
export async function runPresent(call: CommandCall): Promise<void> {
  const [path = '', file = ''] = call.args
  const request = parsePresentationRequest(readJsonFile(file))
  const { client, chain } = await openId(call)
  try {
    const source = await sourceOf(call, { client, chain })
    const { data, passphrase } = await readWalletFile(call, path)
    const policy = await fetchPolicy(source, request)
    const plan = await planPresentation(data, policy, request.verifier)
    if (call.options['dryRun'] === true) return tellPlan(call, plan)
    const { key: holder, data: known } = keyFor(chain, data, request.verifier)
    const at = await chainSeconds(client)
    const expiresOn = addDays(kstDate(at * 1_000), 1)
    const { action, receipt: draft } = consentTo(chain, { request, plan, holder, expiresOn })
    const { height } = await senderOf({ client, chain }, holder).send(action)
    const receipt = { ...draft, height }
    // The receipt goes into the wallet before anything is shown: without its salt nobody could dispute the outcome.
    await writeWalletFile(path, holdReceipt(known, receipt), passphrase)
    const salt = decodeBase64url(receipt.salt)
    writeJson(call, formatPresentation(await present({ request, plan, holder, receipt, salt, at })), 'presentation')
  } finally {
    client.close()
  }
}

function tellPlan(call: CommandCall, { policy, chosen, unmet }: Plan): void {
  const shown = chosen.map(({ credential, disclose }) => ({ vct: credential.vct, issuer: credential.issuer, disclose }))
  const { purposeCode, legalBasis, retentionDays } = policy
  const lines = [
    `purpose ${purposeCode}, basis ${legalBasis}, kept for ${retentionDays} days`,
    ...shown.map(({ vct, disclose }) => `${vct}: ${disclose.join(', ')}`),
    ...unmet.map((names) => `not in the wallet: ${names.join(' or ')}`),
  ]
  call.out.result({ purposeCode, legalBasis, retentionDays, shown, unmet }, lines.join('\n'))
}
