// Owns: profiles of known samples against the costs read from them. Not here: real profiles (profile.ts).
import { describe, expect, it } from 'vitest'
import { addProfile, placeOf } from './cpu-profile.ts'
import type { Costs, CpuProfile } from './cpu-profile.ts'

const ROOT = '/home/city/naru'
const frame = (id: number, functionName: string, url: string, children: readonly number[] = []) => {
  return { id, callFrame: { functionName, url }, children }
}

const PROFILE: CpuProfile = {
  nodes: [
    frame(1, '(root)', '', [2, 3, 4, 8]),
    frame(2, '(idle)', ''),
    frame(3, '(garbage collector)', ''),
    frame(4, 'admit', `file://${ROOT}/node/admission-desk.ts`, [5, 7]),
    frame(5, 'verifyBySodium', `file://${ROOT}/core/crypto/ed25519-sodium.node.ts`, [6]),
    frame(6, 'crypto_sign_verify_detached', `file://${ROOT}/node_modules/sodium-native/index.js`),
    frame(7, 'hash', 'node:internal/crypto/hash'),
    frame(8, 'onread', 'node:internal/stream_base_commons', [9]),
    frame(9, 'writev', ''),
  ],
  startTime: 1_000,
  samples: [6, 7, 3, 2, 9, 6],
  timeDeltas: [10, 20, 30, 40, 50, 60],
}

function costsOf(window: { fromUs: number; toUs: number }): Costs {
  const costs: Costs = { byPlace: new Map(), byName: new Map() }
  addProfile(costs, PROFILE, window, ROOT)
  return costs
}

describe('the costs of a profile', () => {
  it('go to the innermost named caller, idle time to nobody', () => {
    expect(Object.fromEntries(costsOf({ fromUs: 0, toUs: 10_000 }).byName)).toEqual({
      'verifying signatures': 70,
      mempool: 20,
      'garbage collection': 30,
      'outside JavaScript': 50,
    })
  })

  it('stand by package and file, native functions by the file that called them', () => {
    expect(Object.fromEntries(costsOf({ fromUs: 0, toUs: 10_000 }).byPlace)).toEqual({
      'sodium-native': 70,
      'node:internal/crypto': 20,
      '(garbage collector)': 30,
      'node:internal/stream_base_commons': 50,
    })
  })

  it('count only samples inside the window', () => {
    expect(Object.fromEntries(costsOf({ fromUs: 1_015, toUs: 1_060 }).byName)).toEqual({ mempool: 20, 'garbage collection': 30 })
  })
})

describe('the place of a function', () => {
  it('is a file of the project, a package with its scope, a part of Node, or its own name', () => {
    expect(placeOf(`file://${ROOT}/core/state/tree.ts`, 'stage', ROOT)).toBe('core/state/tree.ts')
    expect(placeOf(`file://${ROOT}/node_modules/@libp2p/tcp/dist/index.js`, 'dial', ROOT)).toBe('@libp2p/tcp')
    expect(placeOf('node:internal/crypto/hash', 'hash', ROOT)).toBe('node:internal/crypto')
    expect(placeOf('', '(program)', ROOT)).toBe('(program)')
  })
})
