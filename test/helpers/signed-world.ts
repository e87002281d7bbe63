// Owns: a genesis with validators and citizens whose signatures are real, for tests of node/. Not here: the world itself (sim).
import { createWorld } from '../../sim/world.ts'

/** The simulator's world of `n` validators, with Ed25519 in place of its cheap signatures. */
export function createSignedWorld(n: number): ReturnType<typeof createWorld> {
  return createWorld(n, 'ed25519')
}
