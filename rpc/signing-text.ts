// Owns: a transaction in plain words, made from its bytes, so that nobody signs what they cannot read.
// Not here: the bytes (core/chain).
import type { Json } from '../core/codec/schema.ts'
import type { TxBody } from '../core/chain/transaction.ts'
import { renderBytes, renderPayload } from './render.ts'
import type { Forms } from './render.ts'

/** One `path: value` line for each single value; an empty list or object says so. */
function listFields(value: Json, path: string, lines: string[]): void {
  if (typeof value !== 'object' || value === null) {
    lines.push(`  ${path}: ${value === null ? '(none)' : String(value)}`)
    return
  }
  const entries = Array.isArray(value)
    ? value.map((item: Json, i) => [`${path}[${i}]`, item] as const)
    : Object.entries(value as { [key: string]: Json }).map(
        ([name, item]) => [path === '' ? name : `${path}.${name}`, item] as const,
      )
  if (entries.length === 0 && path !== '') lines.push(`  ${path}: (empty)`)
  for (const [name, item] of entries) listFields(item, name, lines)
}

/** Lines that name the transaction's type, chain, sender, order, expiry, sponsor and every field of its payload. */
export function formatSigningText(body: TxBody, { forms, chainId }: { forms: Forms; chainId: string }): string {
  const definition = forms.registry.transactionByType.get(body.type)
  const { sponsor } = body
  const lines = [
    definition === undefined ? `Unknown transaction type ${body.type}` : definition.name,
    definition === undefined ? 'This node cannot read the payload; do not sign it.' : definition.about,
    `  chain: ${chainId} (tag ${renderBytes(body.chainTag)})`,
    `  sender: ${forms.text.formatAddress(body.sender)}, key ${body.keyId}`,
    `  order: lane ${body.lane}, number ${body.nonce}`,
    `  valid until block: ${body.validUntil}`,
    `  sponsor: ${sponsor === null ? '(none)' : `${forms.text.formatAddress(sponsor.account)}, key ${sponsor.keyId}`}`,
    'Content:',
  ]
  const payload = renderPayload(body, forms)
  if (typeof payload === 'string') lines.push(`  bytes: ${payload}`)
  else listFields(payload, '', lines)
  return lines.join('\n')
}
