// Owns: parameter schemas that exist in JSON alone. Not here: schemas of chain records (core).
import { CodecError } from '../core/base/errors.ts'
import type { Schema } from '../core/codec/schema.ts'

function jsonOnly(): never {
  throw new CodecError('this value exists in JSON alone')
}

/** Any JSON value, read later by a schema that another parameter names. */
export const anyJson: Schema<unknown> = {
  toPlain: jsonOnly,
  fromPlain: jsonOnly,
  toJson: jsonOnly,
  fromJson: (json) => json,
  jsonSchema: {},
}
