// Owns: that the native and the browser parts give the same bytes, whatever library serves them. Not here: the rule (keys.test.ts).
import { spawnSync } from 'node:child_process'
import * as resolved from '#native'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AssertionFault } from '../base/assert.ts'
import { toHex, utf8ToBytes } from '../base/bytes.ts'
import * as browser from './native.browser.ts'
import * as node from './native.node.ts'
import { createOpensslSigner } from './ed25519-openssl.node.ts'

/** Runs in a Node where neither compiled package loads: prints what native.node.ts then gives. */
const WITHOUT_PACKAGES = `
import Module from 'node:module'
const load = Module._load
Module._load = (name, ...rest) => {
  if (name === 'sodium-native' || name === '@chainsafe/hashtree') throw new Error('no build for this machine')
  return load(name, ...rest)
}
const native = await import(process.argv[1])
const seed = new Uint8Array(32).fill(3)
const message = new Uint8Array([1, 2, 3])
const publicKey = native.ed25519PublicKeyRaw(seed)
const signature = native.ed25519SignRaw(seed, message)
const level = new Uint8Array(64)
native.digest64Level(new Uint8Array(128).fill(5), level)
console.log(JSON.stringify({
  parts: native.NATIVE_PARTS,
  publicKey: publicKey.toHex(),
  signature: signature.toHex(),
  level: level.toHex(),
  verdicts: [native.ed25519VerifyRaw(publicKey, message, signature), native.ed25519VerifyRaw(publicKey, level, signature)],
}))`

const bytes = fc.uint8Array({ maxLength: 300 })
const seed = fc.uint8Array({ minLength: 32, maxLength: 32 })

describe('the native seam', () => {
  test('resolves to the Node part under Node, with compiled libraries', () => {
    expect(resolved.NATIVE_PARTS).toEqual({
      ed25519: 'sodium-native',
      sha256: 'node:crypto',
      digest64Level: '@chainsafe/hashtree',
    })
    expect(Object.keys(node).sort()).toEqual(Object.keys(browser).sort())
  })

  test('hashes the vectors of FIPS 180-4', () => {
    for (const part of [node, browser]) {
      expect(part.sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
      expect(part.sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    }
  })

  test('hashes bytes and text alike on both platforms', () => {
    fc.assert(
      fc.property(bytes, fc.string({ unit: 'grapheme' }), (input, text) => {
        expect(node.sha256Hex(input)).toBe(browser.sha256Hex(input))
        expect(toHex(node.sha256Bytes(input))).toBe(node.sha256Hex(input))
        expect(toHex(browser.sha256Bytes(input))).toBe(node.sha256Hex(input))
        expect(node.sha256Hex(text)).toBe(browser.sha256Hex(utf8ToBytes(text)))
        expect(browser.sha256Hex(text)).toBe(node.sha256Hex(text))
        expect(toHex(node.sha256Bytes(text))).toBe(browser.sha256Hex(text))
      }),
    )
  })

  test('digests a level of blocks as SHA-256 of each, also of none', () => {
    for (const blocks of [0, 1, 2, 3, 15, 16, 17, 100]) {
      const input = Uint8Array.from({ length: blocks * 64 }, (_, i) => (i * 31 + blocks) % 256)
      const expected = Array.from({ length: blocks }, (_, i) => node.sha256Hex(input.subarray(i * 64, i * 64 + 64))).join('')
      for (const part of [node, browser]) {
        const output = new Uint8Array(blocks * 32)
        part.digest64Level(input, output)
        expect(toHex(output)).toBe(expected)
      }
    }
  })

  test('stops on a level that is not whole blocks or has no room for the digests', () => {
    for (const part of [node, browser]) {
      expect(() => part.digest64Level(new Uint8Array(65), new Uint8Array(32))).toThrow(AssertionFault)
      expect(() => part.digest64Level(new Uint8Array(128), new Uint8Array(32))).toThrow(AssertionFault)
    }
  })

  test('signs alike by sodium, OpenSSL and noble', () => {
    fc.assert(
      fc.property(seed, bytes, (key, message) => {
        const expected = toHex(node.ed25519SignRaw(key, message))
        expect(toHex(browser.ed25519SignRaw(key, message))).toBe(expected)
        expect(toHex(browser.createSignerRaw(key).sign(message))).toBe(expected)
        expect(toHex(createOpensslSigner(key).sign(message))).toBe(expected)
        const publicKey = toHex(node.ed25519PublicKeyRaw(key))
        expect(toHex(browser.ed25519PublicKeyRaw(key))).toBe(publicKey)
        expect(toHex(createOpensslSigner(key).publicKey)).toBe(publicKey)
      }),
      { numRuns: 30 },
    )
  })

  test('falls back to node:crypto where no compiled package loads, with the same answers', () => {
    const path = new URL('native.node.ts', import.meta.url).href
    const ran = spawnSync(process.execPath, ['--input-type=module', '-e', WITHOUT_PACKAGES, path], { encoding: 'utf8' })
    const key = new Uint8Array(32).fill(3)
    const level = new Uint8Array(64)
    node.digest64Level(new Uint8Array(128).fill(5), level)
    expect(JSON.parse(ran.stdout)).toEqual({
      parts: { ed25519: 'node:crypto', sha256: 'node:crypto', digest64Level: 'node:crypto' },
      publicKey: toHex(node.ed25519PublicKeyRaw(key)),
      signature: toHex(node.ed25519SignRaw(key, new Uint8Array([1, 2, 3]))),
      level: toHex(level),
      verdicts: [true, false],
    })
  })
})
