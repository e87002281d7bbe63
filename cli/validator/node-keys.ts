// Owns: the keys of the node that a command speaks for: its consensus key, its next one, its network identity and addresses.
// Not here: key files (node/keystore.ts), what is signed (request.ts).
import { existsSync } from 'node:fs'
import { fromHex, toHex } from '../../core/base/bytes.ts'
import { createSigner } from '../../core/crypto/keys.ts'
import type { Signer } from '../../core/crypto/ed25519-rule.ts'
import { loadConfig } from '../../node/config.ts'
import type { NodeConfig } from '../../node/config.ts'
import { createKey, readKey, readOrCreatePeerSeed, readPassphrase, writeDevKey } from '../../node/keystore.ts'
import { initJournal } from '../../node/storage/journal.ts'
import type { CommandCall } from '../command.ts'
import { configFlags } from '../config-flags.ts'
import { refuseUsage } from '../errors.ts'
import type { RpcAddress } from '../rpc-client.ts'
import type { ChainRow } from './chain-view.ts'

/** The configuration of the node that the command runs beside. */
export function readNodeConfig(call: CommandCall): NodeConfig {
  const file = call.options['config'] as string
  if (!existsSync(file)) refuseUsage(`there is no configuration at ${file}; name the node’s own with --config`)
  return loadConfig({ file, env: call.env, flags: configFlags(call.options) }).config
}

/** The node itself: `--rpc`, else the listener of its configuration. */
export function rpcOfNode(call: CommandCall, config: NodeConfig): RpcAddress {
  return (call.options['rpc'] as string | undefined) ?? `http://${config.rpc.listen}`
}

/** The consensus key of `signer`. */
export async function readConsensusKey(call: CommandCall, config: NodeConfig, chain: ChainRow): Promise<Signer> {
  const { signer } = config
  if (signer === null) return refuseUsage('this configuration is an observer’s: give it a signer (naru keys new, then signer:)')
  return openKey(call, signer, chain)
}

/** The key of `nextSigner`; a missing key file and journal are made. */
export async function readNextKey(
  call: CommandCall,
  config: NodeConfig,
  chain: ChainRow,
): Promise<{ readonly key: Signer; readonly created: boolean }> {
  const { nextSigner } = config
  if (nextSigner === null)
    return refuseUsage(
      'name the new key in the configuration first: nextSigner: { keystore: ./validator-2.age, passphrase: { … } }',
    )
  const created = !existsSync(nextSigner.keystore)
  if (created) await makeKey(call, nextSigner, chain)
  const key = await openKey(call, nextSigner, chain)
  if (!existsSync(nextSigner.journal)) {
    if (!created) refuseUsage(`sign state ${nextSigner.journal} is missing: restore it, or run naru keys sign-state init`)
    const chainTag = fromHex(chain.genesisHash.slice(2, 18))
    initJournal({ path: nextSigner.journal, chainTag, publicKeyHex: toHex(key.publicKey), afterHeight: 0 })
  }
  return { key, created }
}

/** The libp2p identity of the node. */
export async function readPeerId(config: NodeConfig): Promise<string> {
  const [{ generateKeyPairFromSeed }, { peerIdFromPrivateKey }] = await Promise.all([
    import('@libp2p/crypto/keys'),
    import('@libp2p/peer-id'),
  ])
  const key = await generateKeyPairFromSeed('Ed25519', readOrCreatePeerSeed(config.p2p.keySeedFile))
  return peerIdFromPrivateKey(key).toString()
}

const ANY_HOST = /^\/ip[46]\/(0\.0\.0\.0|::)\//

/** Where others reach the node: `--address`, else the listeners that name a host. */
export function addressesOf(call: CommandCall, config: NodeConfig): readonly string[] {
  const named = call.options['address'] as readonly string[] | undefined
  const addresses = named ?? config.p2p.listen.filter((address) => !ANY_HOST.test(address))
  if (addresses.length === 0)
    return refuseUsage('say with --address where others reach this node, such as /dns4/v5.seoul.example/tcp/30300')
  return addresses
}

type SignerConfig = NonNullable<NodeConfig['signer']>

async function openKey(call: CommandCall, signer: SignerConfig, { network }: ChainRow): Promise<Signer> {
  const passphrase = readPassphrase(signer, call.env)
  const { seed } = await readKey({ path: signer.keystore, passphrase, network })
  return createSigner(seed)
}

async function makeKey(call: CommandCall, signer: SignerConfig, { network }: ChainRow): Promise<void> {
  const passphrase = readPassphrase(signer, call.env)
  if (passphrase !== undefined) await createKey({ path: signer.keystore, passphrase })
  else if (network === 'devnet') writeDevKey(signer.keystore, crypto.getRandomValues(new Uint8Array(32)))
  else refuseUsage(`a key is encrypted outside a devnet: give nextSigner a passphrase source`)
}
