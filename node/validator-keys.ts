// Owns: opening the configured validator keys: key file, its lock, its journal. Not here: which key has a seat (seat-signer.ts).
import { fromHex, toHex } from '../core/base/bytes.ts'
import { createSigner } from '../core/crypto/keys.ts'
import type { Genesis } from '../core/execution/init-genesis.ts'
import type { NodeConfig } from './config.ts'
import { readKey, readPassphrase } from './keystore.ts'
import type { ValidatorKey } from './seat-signer.ts'
import { acquireLock } from './storage/data-lock.ts'
import { openJournal } from './storage/journal.ts'

/** Where a key comes from; what was opened is closed by `releases`. */
export type KeyParts = {
  readonly config: NodeConfig
  readonly genesis: Genesis
  readonly env: Readonly<Record<string, string | undefined>>
  readonly releases: (() => Promise<void> | void)[]
}

/** The keys of `signer` and `nextSigner`, null where not configured. Throws NodeError for key file, lock and journal. */
export async function openValidatorKeys(
  parts: KeyParts,
): Promise<{ readonly validator: ValidatorKey | null; readonly nextValidator: ValidatorKey | null }> {
  const { signer, nextSigner } = parts.config
  return { validator: await openKey(parts, signer), nextValidator: await openKey(parts, nextSigner) }
}

async function openKey({ genesis, env, releases }: KeyParts, signer: NodeConfig['signer']): Promise<ValidatorKey | null> {
  if (signer === null) return null
  const passphrase = readPassphrase(signer, env)
  const { seed, publicKey } = await readKey({ path: signer.keystore, passphrase, network: genesis.network })
  const lock = acquireLock({ path: `${signer.keystore}.lock`, what: 'validator key' })
  releases.push(lock.release)
  const journal = openJournal({
    path: signer.journal,
    chainTag: fromHex(genesis.hash.slice(0, 16)),
    publicKeyHex: toHex(publicKey),
    allowCreate: false,
  })
  releases.push(journal.close)
  return { key: createSigner(seed), publicKey, journal }
}
