// Owns: the temporary files in which records wait for their order while a snapshot is made.
// Not here: making it (snapshot-make.ts).
import { NodeError } from '../../core/base/errors.ts'

/** A state record with its key in the tree. */
export type BucketEntry = { readonly treeKey: Uint8Array; readonly key: string; readonly value: Uint8Array }

const TREE_KEY_BYTES = 32
const HEAD_BYTES = TREE_KEY_BYTES + 8

/** Key in the tree, two lengths, key, value. */
export function encodeEntry({ treeKey, key, value }: BucketEntry): Uint8Array {
  const text = new TextEncoder().encode(key)
  const out = new Uint8Array(HEAD_BYTES + text.length + value.length)
  const view = new DataView(out.buffer)
  out.set(treeKey)
  view.setUint32(TREE_KEY_BYTES, text.length)
  view.setUint32(TREE_KEY_BYTES + 4, value.length)
  out.set(text, HEAD_BYTES)
  out.set(value, HEAD_BYTES + text.length)
  return out
}

/** The entries of a bucket in the order in which they came. Throws NodeError SNAPSHOT_IO for a file that was cut off. */
export function decodeBucket(content: Uint8Array): BucketEntry[] {
  const view = new DataView(content.buffer, content.byteOffset, content.length)
  const decoder = new TextDecoder()
  const entries: BucketEntry[] = []
  for (let at = 0; at < content.length; ) {
    const keyAt = at + HEAD_BYTES
    const valueAt = keyAt > content.length ? keyAt : keyAt + view.getUint32(at + TREE_KEY_BYTES)
    const end = keyAt > content.length ? keyAt : valueAt + view.getUint32(at + TREE_KEY_BYTES + 4)
    if (end > content.length) throw new NodeError('SNAPSHOT_IO', 'a temporary file of the snapshot was cut off: check the disk')
    entries.push({
      treeKey: content.slice(at, at + TREE_KEY_BYTES),
      key: decoder.decode(content.subarray(keyAt, valueAt)),
      value: content.slice(valueAt, end),
    })
    at = end
  }
  return entries
}
