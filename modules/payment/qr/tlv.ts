// Owns: id, length and value as EMVCo's merchant codes write them: two digits, two digits, so many characters.
// Not here: which ids there are (emv.ts).
import { failure } from '../../../core/base/errors.ts'
import type { Failure } from '../../../core/base/errors.ts'
import { QrError } from './errors.ts'

/** One data object; `value` counts characters (code points), not bytes. */
export type DataObject = { readonly id: string; readonly value: string }

const LENGTH_MAX = 99

/** The data objects of a level in their order; `path` names the level in failures, such as `62.` (empty at the root). */
export function parseObjects(text: string, path = ''): readonly DataObject[] | Failure {
  const characters = [...text]
  const objects: DataObject[] = []
  const seen = new Set<string>()
  let at = 0
  while (at < characters.length) {
    const head = characters.slice(at, at + 4).join('')
    if (!/^\d{4}$/.test(head)) return failure(QrError.TLV, { at, got: head })
    const id = head.slice(0, 2)
    const length = Number(head.slice(2))
    const end = at + 4 + length
    if (length === 0) return failure(QrError.LENGTH, { id: path + id, length: 0 })
    if (end > characters.length) return failure(QrError.TLV, { at, id: path + id, length, left: characters.length - at - 4 })
    if (seen.has(id)) return failure(QrError.DUPLICATE_ID, { id: path + id })
    seen.add(id)
    objects.push({ id, value: characters.slice(at + 4, end).join('') })
    at = end
  }
  return objects
}

/** The object as text. Throws RangeError for an id that is not two digits or a value of 0 or more than 99 characters. */
export function formatObject({ id, value }: DataObject): string {
  const length = [...value].length
  if (!/^\d{2}$/.test(id)) throw new RangeError(`a data object has a two-digit id, not ${JSON.stringify(id)}`)
  if (length === 0 || length > LENGTH_MAX)
    throw new RangeError(`data object ${id} holds 1 to ${LENGTH_MAX} characters, not ${length}`)
  return `${id}${String(length).padStart(2, '0')}${value}`
}

/** The value of an id, or null. */
export function textOf(objects: readonly DataObject[], id: string): string | null {
  return objects.find((object) => object.id === id)?.value ?? null
}
