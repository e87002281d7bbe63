// Owns: schemas made of others: option, list, struct, union, literal choice. Not here: single values (fields.ts).
import type { Plain } from './msgpack.ts'
import { refuse } from './schema.ts'
import type { Infer, Json, JsonSchema, Schema } from './schema.ts'

/** A value or null; nil on the wire, may be left out in JSON. */
export function option<T>(inner: Schema<T>): Schema<T | null> {
  return {
    toPlain: (value) => (value === null ? null : inner.toPlain(value)),
    fromPlain: (plain) => (plain === null ? null : inner.fromPlain(plain)),
    toJson: (value, text) => (value === null ? null : inner.toJson(value, text)),
    fromJson: (json, text, path) => (json === null || json === undefined ? null : inner.fromJson(json, text, path)),
    jsonSchema: { oneOf: [inner.jsonSchema, { type: 'null' }] },
    optional: true,
  }
}

/** At most `max` items in order. */
export function list<T>(inner: Schema<T>, max: number): Schema<readonly T[]> {
  const checked = (value: unknown, path: string): readonly unknown[] =>
    Array.isArray(value) && value.length <= max ? value : refuse(path, `a list of at most ${max} items`, value)
  return {
    toPlain: (value) => checked(value, 'list').map((item) => inner.toPlain(item as T)),
    fromPlain: (plain) => checked(plain, 'wire').map((item) => inner.fromPlain(item as Plain)),
    toJson: (value, text) => value.map((item) => inner.toJson(item, text)),
    fromJson: (json, text, path) => checked(json, path).map((item, i) => inner.fromJson(item, text, `${path}[${i}]`)),
    jsonSchema: { type: 'array', items: inner.jsonSchema, maxItems: max },
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the one place where schemas of different types meet in a record.
type AnyFields = { readonly [name: string]: Schema<any> }

/** The object type of a struct's fields. */
export type InferFields<F> = { readonly [K in keyof F]: Infer<F[K]> }

/** Schema of a struct; its fields stay readable, for flags and pages. */
export type StructSchema<T> = Schema<T> & { readonly fields: AnyFields }

/** A tuple of named fields: the order of declaration is the order on the wire and never changes. */
export function struct<const F extends AnyFields>(fields: F): StructSchema<InferFields<F>> {
  const names = Object.keys(fields)
  const schemas = names.map((name) => fields[name] as Schema<unknown>)
  const count = names.length
  return {
    fields,
    toPlain: (value) => {
      const plain: Plain[] = new Array(count)
      for (let i = 0; i < count; i++)
        plain[i] = (schemas[i] as Schema<unknown>).toPlain((value as Record<string, unknown>)[names[i] as string])
      return plain
    },
    fromPlain: (plain) => {
      if (!Array.isArray(plain) || plain.length !== count) return refuse('wire', `a tuple of ${count} fields`, plain)
      const value: Record<string, unknown> = {}
      for (let i = 0; i < count; i++) value[names[i] as string] = (schemas[i] as Schema<unknown>).fromPlain(plain[i] as Plain)
      return value as InferFields<F>
    },
    toJson: (value, text) => {
      const json: Record<string, Json> = {}
      for (const name of names)
        json[name] = (fields[name] as Schema<unknown>).toJson((value as Record<string, unknown>)[name], text)
      return json
    },
    fromJson: (json, text, path) => {
      const source = objectAt(json, path, names)
      const value: Record<string, unknown> = {}
      for (const name of names) value[name] = (fields[name] as Schema<unknown>).fromJson(source[name], text, `${path}.${name}`)
      return value as InferFields<F>
    },
    jsonSchema: {
      type: 'object',
      properties: Object.fromEntries(names.map((name) => [name, (fields[name] as Schema<unknown>).jsonSchema])),
      required: names.filter((name) => (fields[name] as Schema<unknown>).optional !== true),
      additionalProperties: false,
    },
  }
}

function objectAt(json: unknown, path: string, names: readonly string[]): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return refuse(path, `an object with ${names.join(', ')}`, json)
  for (const name of Object.keys(json)) {
    if (!names.includes(name)) refuse(`${path}.${name}`, `one of ${names.join(', ')}`, `unknown field ${name}`)
  }
  return json as Record<string, unknown>
}

// biome-ignore lint/suspicious/noExplicitAny: variants of different types meet here.
type AnyVariants = { readonly [kind: string]: readonly [tag: number, schema: StructSchema<any>] }

/** The tagged-union type of variants: `{kind: 'grant', ...fields}`. */
export type InferVariants<V> = {
  [K in keyof V]: V[K] extends readonly [number, infer S] ? { readonly kind: K } & Infer<S> : never
}[keyof V]

/** One of several structs; a stable number stands for the kind on the wire, its name in JSON (`kind`). */
export function union<const V extends AnyVariants>(variants: V): Schema<InferVariants<V>> {
  const byTag = new Map(Object.entries(variants).map(([kind, [tag, schema]]) => [tag, { kind, schema }]))
  const kinds = Object.keys(variants)
  const variantOf = (kind: unknown, path: string) =>
    typeof kind === 'string' && Object.hasOwn(variants, kind)
      ? (variants[kind] as readonly [number, StructSchema<unknown>])
      : refuse(`${path}.kind`, `one of ${kinds.join(', ')}`, kind)
  return {
    toPlain: (value) => {
      const [tag, schema] = variantOf((value as { kind: unknown }).kind, 'union')
      return [tag, schema.toPlain(value)]
    },
    fromPlain: (plain) => {
      const pair = Array.isArray(plain) && plain.length === 2 ? plain : refuse('wire', 'a kind and its value', plain)
      const variant = byTag.get(pair[0] as number) ?? refuse('wire', 'a known kind', pair[0])
      return { kind: variant.kind, ...(variant.schema.fromPlain(pair[1] as Plain) as object) } as InferVariants<V>
    },
    toJson: (value, text) => {
      const kind = (value as { kind: string }).kind
      return { kind, ...(variantOf(kind, 'union')[1].toJson(value, text) as object) } as Json
    },
    fromJson: (json, text, path) => {
      if (typeof json !== 'object' || json === null) return refuse(path, `an object with kind (${kinds.join(', ')})`, json)
      const { kind, ...rest } = json as Record<string, unknown>
      const [, schema] = variantOf(kind, path)
      return { kind, ...(schema.fromJson(rest, text, path) as object) } as InferVariants<V>
    },
    jsonSchema: {
      oneOf: kinds.map((kind) => kindSchema(kind, (variants[kind] as readonly [number, Schema<unknown>])[1].jsonSchema)),
    },
  }
}

function kindSchema(kind: string, schema: JsonSchema): JsonSchema {
  const properties = { kind: { const: kind }, ...(schema['properties'] as object) }
  return { ...schema, properties, required: ['kind', ...((schema['required'] as readonly string[]) ?? [])] }
}

/** One of a fixed set of words; its stable number on the wire. */
export function choice<const C extends { readonly [name: string]: number }>(names: C): Schema<keyof C & string> {
  const byNumber = new Map(Object.entries(names).map(([name, number]) => [number, name]))
  const known = Object.keys(names)
  return {
    toPlain: (value) =>
      Object.hasOwn(names, value) ? (names[value] as number) : refuse('choice', `one of ${known.join(', ')}`, value),
    fromPlain: (plain) =>
      (byNumber.get(plain as number) ?? refuse('wire', `one of ${known.join(', ')}`, plain)) as keyof C & string,
    toJson: (value) => value,
    fromJson: (json, _text, path) =>
      typeof json === 'string' && Object.hasOwn(names, json)
        ? (json as keyof C & string)
        : refuse(path, `one of ${known.join(', ')}`, json),
    jsonSchema: { enum: known },
  }
}
