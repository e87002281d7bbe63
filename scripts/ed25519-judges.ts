// Owns: the ways to judge an Ed25519 signature: the rule three times over, and each library alone.
// Not here: the cases (scripts/ed25519-vectors.ts), the table (scripts/ed25519-verdicts.ts).
import { hashes, verify } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import sodium from 'sodium-native'
import { isCanonicalKeyAndSignature, verifyReference } from '../core/crypto/ed25519-rule.ts'
import { verifyByOpenssl } from '../core/crypto/ed25519-openssl.node.ts'
import { verifyBySodium } from '../core/crypto/ed25519-sodium.node.ts'
import type { SignatureCase } from './ed25519-vectors.ts'

hashes.sha512 = sha512

/** A name for the table and a verdict. */
export type Judge = { readonly name: string; readonly judge: (claim: SignatureCase) => boolean }

/** A library that throws on malformed input has refused it. */
function refuseOnThrow(judge: () => boolean): boolean {
  try {
    return judge()
  } catch {
    return false
  }
}

const bySodium: Judge['judge'] = (c) => verifyBySodium(sodium, c.publicKey, c.message, c.signature)
const byOpenssl: Judge['judge'] = (c) => verifyByOpenssl(c.publicKey, c.message, c.signature)
const isAllowed: Judge['judge'] = (c) => isCanonicalKeyAndSignature(c.publicKey, c.signature)

/** The rule, by three implementations that must never differ. They may not throw. */
export const RULE_JUDGES: readonly Judge[] = [
  { name: 'pre-check + sodium-native', judge: (c) => isAllowed(c) && bySodium(c) },
  { name: 'pre-check + node:crypto', judge: (c) => isAllowed(c) && byOpenssl(c) },
  { name: 'reference', judge: (c) => verifyReference(c.publicKey, c.message, c.signature) },
]

/** Each library without our pre-check; they differ, and may. */
export const LONE_JUDGES: readonly Judge[] = [
  { name: 'sodium-native', judge: (c) => refuseOnThrow(() => bySodium(c)) },
  { name: 'node:crypto', judge: (c) => refuseOnThrow(() => byOpenssl(c)) },
  { name: 'noble', judge: (c) => refuseOnThrow(() => verify(c.signature, c.message, c.publicKey)) },
  {
    name: 'noble, zip215: false',
    judge: (c) => refuseOnThrow(() => verify(c.signature, c.message, c.publicKey, { zip215: false })),
  },
]
