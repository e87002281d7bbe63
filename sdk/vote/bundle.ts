// Owns: the bundle of a poll: what `vote_verifyBundle` gives, in pages, as one file. Not here: recounting it (verify.ts).
import { NodeError } from '../../core/base/errors.ts'
import { fromJson } from '../../core/codec/schema.ts'
import type { Infer, Json } from '../../core/codec/schema.ts'
import type { NetworkName } from '../../core/crypto/address.ts'
import { textContextOf } from '../../core/execution/init-genesis.ts'
import { BundleSchema } from '../../modules/vote/queries.ts'

/** A file that anyone can recount without a node: the answers of `vote_verifyBundle` in their order. */
export type BundleFile = {
  readonly format: 'naru-poll-bundle/v1'
  readonly network: NetworkName
  readonly pages: readonly Json[]
}

/** Poll, tally, key, shares, and every voter with the counted ballot. */
export type Bundle = Omit<Infer<typeof BundleSchema>, 'next'>

/**
 * Reads a bundle file. Throws NodeError BUNDLE_INVALID where pages are missing or of different states of the poll, CodecError
 * naming the path of what has another form.
 */
export function readBundle(file: BundleFile): Bundle {
  if (file.format !== 'naru-poll-bundle/v1' || !Array.isArray(file.pages) || file.pages.length === 0)
    throw new NodeError('BUNDLE_INVALID', 'this is no naru-poll-bundle/v1 file; export one with naru vote bundle')
  const text = textContextOf(file.network)
  const pages = file.pages.map((page, i) => fromJson(BundleSchema, page, text, `$.pages[${i}]`))
  const [first] = file.pages as readonly { readonly [field: string]: Json }[]
  const whole = ['poll', 'tally', 'key', 'dealings', 'shares', 'anon']
  const isOne = (file.pages as readonly { readonly [field: string]: Json }[]).every((page) =>
    whole.every((field) => JSON.stringify(page[field]) === JSON.stringify(first?.[field])),
  )
  if (!isOne)
    throw new NodeError('BUNDLE_INVALID', 'the poll changed between two pages; export it again, best after it is closed')
  const { next: _, ...bundle } = pages[0] as Infer<typeof BundleSchema>
  return { ...bundle, rows: pages.flatMap((page) => page.rows) }
}
