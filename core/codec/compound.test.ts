// Owns: tuples, lists, options, unions and choices: exact bytes, JSON both ways, every refusal. Not here: single values (fields.test.ts).
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../base/bytes.ts'
import { CodecError } from '../base/errors.ts'
import { textOn } from '../../test/helpers/network-text.ts'
import { choice, list, option, struct, union } from './compound.ts'
import { bool, code, u8, u32, u64 } from './fields.ts'
import { decode, encode, fromJson, toJson } from './schema.ts'

const TEXT = textOn('devnet')
const Point = struct({ x: u8, y: u8 })
const Shape = union({ dot: [0, struct({ at: Point })], line: [7, struct({ from: Point, to: Point })] })
const Colour = choice({ red: 0, blue: 5 })
const Drawing = struct({ name: code(8), colour: Colour, shapes: list(Shape, 3), scale: option(u64) })
const DRAWING = {
  name: 'map',
  colour: 'blue',
  shapes: [
    { kind: 'dot', at: { x: 1, y: 2 } },
    { kind: 'line', from: { x: 0, y: 0 }, to: { x: 200, y: 3 } },
  ],
  scale: 9n,
} as const
const DRAWING_HEX = '94a36d6170059292009192010292079292000092ccc803d30000000000000009'
const DRAWING_JSON = { ...DRAWING, scale: '9' }

const refuses = (hex: string, message: string): void =>
  expect(() => decode(Drawing, fromHex(hex), 1_000)).toThrow(new CodecError(message))
const refusesJson = (json: unknown, message: string): void =>
  expect(() => fromJson(Drawing, json, TEXT)).toThrow(new CodecError(message))

describe('a record of records', () => {
  it('is a tuple of its fields in the order of declaration', () => {
    expect(toHex(encode(Drawing, DRAWING))).toBe(DRAWING_HEX)
    expect(decode(Drawing, fromHex(DRAWING_HEX), 1_000)).toEqual(DRAWING)
    expect(toHex(encode(Drawing, { ...DRAWING, shapes: [], scale: null }))).toBe('94a36d61700590c0')
  })

  it('takes the fields of a value in any order and nothing beside them', () => {
    const { name, colour, shapes, scale } = DRAWING
    expect(toHex(encode(Drawing, { scale, shapes, colour, name }))).toBe(DRAWING_HEX)
    expect(toHex(encode(Point, { y: 2, extra: 1, x: 1 } as never))).toBe('920102')
  })

  it('reads and writes JSON', () => {
    expect(toJson(Drawing, DRAWING, TEXT)).toEqual(DRAWING_JSON)
    expect(fromJson(Drawing, DRAWING_JSON, TEXT)).toEqual(DRAWING)
    const { scale: _, ...rest } = DRAWING_JSON
    expect(fromJson(Drawing, rest, TEXT)).toEqual({ ...DRAWING, scale: null })
  })

  it('describes itself in JSON Schema', () => {
    expect(Point.jsonSchema).toEqual({
      type: 'object',
      properties: { x: { type: 'integer', minimum: 0, maximum: 255 }, y: { type: 'integer', minimum: 0, maximum: 255 } },
      required: ['x', 'y'],
      additionalProperties: false,
    })
    expect((Drawing.jsonSchema as { required: unknown }).required).toEqual(['name', 'colour', 'shapes'])
    expect(Colour.jsonSchema).toEqual({ enum: ['red', 'blue'] })
    const kinds = (Shape.jsonSchema as unknown as { oneOf: { required: string[]; properties: { kind: unknown } }[] }).oneOf
    expect(kinds.map(({ required, properties }) => [properties.kind, required])).toEqual([
      [{ const: 'dot' }, ['kind', 'at']],
      [{ const: 'line' }, ['kind', 'from', 'to']],
    ])
  })
})

describe('from the wire', () => {
  it('a tuple has exactly its fields', () => {
    refuses('93a36d61700590', 'wire: expected a tuple of 4 fields, got an array')
    refuses('95a36d61700590c0c0', 'wire: expected a tuple of 4 fields, got an array')
    refuses('c0', 'wire: expected a tuple of 4 fields, got null')
  })

  it('a map is no record', () => {
    refuses('84', 'type byte 0x84 is not part of the format')
    refuses('de0001', 'type byte 0xde is not part of the format')
    refuses('df00000001', 'type byte 0xdf is not part of the format')
  })

  it.each(['c70100ff', 'c8000100ff', 'c90000000100ff', 'd400ff', 'd500ffff', 'd6ffffffffff', 'd7ff00', 'd800'])(
    'an extension (%s) is refused',
    (hex) => {
      expect(() => decode(option(u8), fromHex(hex), 100)).toThrow(/type byte 0x(c[789]|d[4-8]) is not part of the format/)
    },
  )

  it('the unused type byte is refused', () => {
    expect(() => decode(option(u8), fromHex('c1'), 100)).toThrow(new CodecError('type byte 0xc1 is not part of the format'))
  })

  it('a list has at most its bound', () => {
    refuses(
      '94a36d61700594920091920102920091920102920091920102920091920102c0',
      'wire: expected a list of at most 3 items, got an array',
    )
    refuses('94a36d617005c0c0', 'wire: expected a list of at most 3 items, got null')
  })

  it('a list has its shortest header', () => {
    expect(() => decode(list(u8, 100), fromHex('dc000101'), 100)).toThrow(
      new CodecError('a length or integer in a longer form than needed'),
    )
    expect(() => decode(list(u8, 100), fromHex('dd0000000101'), 100)).toThrow(
      new CodecError('type byte 0xdd is not part of the format'),
    )
    const sixteen = `dc0010${'01'.repeat(16)}`
    expect(toHex(encode(list(u8, 100), new Array<number>(16).fill(1)))).toBe(sixteen)
    expect(decode(list(u8, 100), fromHex(sixteen), 100)).toHaveLength(16)
  })

  it('a kind is known and stands in a pair', () => {
    refuses('94a36d6170059192039101c0', 'wire: expected a known kind, got 3')
    refuses('94a36d61700591920091c0c0', 'wire: expected a tuple of 2 fields, got null')
    refuses('94a36d617005919100c0', 'wire: expected a kind and its value, got an array')
    // A kind as 64 bits would be a second form of the same value.
    refuses('94a36d6170059192d3000000000000000091920102c0', 'wire: expected a known kind, got 0')
  })

  it('a choice is one of its numbers', () => {
    refuses('94a36d61700190c0', 'wire: expected one of red, blue, got 1')
    refuses('94a36d6170a372656490c0', 'wire: expected one of red, blue, got "red"')
  })
})

describe('from JSON', () => {
  it('unknown fields are refused by name', () => {
    refusesJson(
      { ...DRAWING_JSON, color: 'red' },
      '$.color: expected one of name, colour, shapes, scale, got "unknown field color"',
    )
    const polluted: unknown = JSON.parse('{"x":1,"y":2,"__proto__":{"z":3}}')
    expect(() => fromJson(Point, polluted, TEXT)).toThrow(
      new CodecError('$.__proto__: expected one of x, y, got "unknown field __proto__"'),
    )
  })

  it('what is missing or wrong is named by its path', () => {
    const { name: _, ...nameless } = DRAWING_JSON
    refusesJson(nameless, '$.name: expected 1 to 8 characters of A-Z a-z 0-9 _ . -, got nothing')
    refusesJson(
      { ...DRAWING_JSON, shapes: [{ kind: 'dot', at: { x: 1, y: 256 } }] },
      '$.shapes[0].at.y: expected u8, an integer from 0 to 255, got 256',
    )
    refusesJson(
      { ...DRAWING_JSON, shapes: [{ kind: 'line', from: { x: 1, y: 1 } }] },
      '$.shapes[0].to: expected an object with x, y, got nothing',
    )
    refusesJson({ ...DRAWING_JSON, shapes: {} }, '$.shapes: expected a list of at most 3 items, got a object')
    refusesJson(
      { ...DRAWING_JSON, shapes: new Array(4).fill(DRAWING.shapes[0]) },
      '$.shapes: expected a list of at most 3 items, got an array',
    )
    refusesJson({ ...DRAWING_JSON, scale: 9 }, '$.scale: expected a decimal string from 0 to 2^64-1, got 9')
    refusesJson([], '$: expected an object with name, colour, shapes, scale, got an array')
    refusesJson(null, '$: expected an object with name, colour, shapes, scale, got null')
  })

  it.each([undefined, 'circle', 'toString', '__proto__', 0, null])('a kind of %j is refused', (kind) => {
    const json = { ...DRAWING_JSON, shapes: [{ kind, at: { x: 1, y: 1 } }] }
    expect(() => fromJson(Drawing, json, TEXT)).toThrow(/^\$\.shapes\[0\]\.kind: expected one of dot, line, got /)
  })

  it.each(['green', 'constructor', 5, null])('a choice of %j is refused', (word) => {
    expect(() => fromJson(Colour, word, TEXT)).toThrow(/^\$: expected one of red, blue, got /)
  })
})

describe('values of our own', () => {
  it('are refused before they become bytes', () => {
    expect(() => encode(Colour, 'green' as never)).toThrow(new CodecError('choice: expected one of red, blue, got "green"'))
    expect(() => encode(Colour, 'toString' as never)).toThrow(new CodecError('choice: expected one of red, blue, got "toString"'))
    expect(() => encode(Shape, { kind: 'valueOf' } as never)).toThrow(CodecError)
    expect(() => encode(list(bool, 1), [true, true])).toThrow(CodecError)
    expect(() => encode(Point, { x: 1 } as never)).toThrow(CodecError)
    expect(() => encode(option(u32), undefined as never)).toThrow(CodecError)
  })
})
