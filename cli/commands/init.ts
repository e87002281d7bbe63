// Owns: `naru init`: what a new validator or observer of a real network begins with. Not here: devnets (devnet.ts).
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { CommandCall, CommandSpec } from '../command.ts'
import { CliError, EXIT, refuseUsage } from '../errors.ts'
import { readSecret } from '../secrets.ts'

type Init = {
  readonly dir: string
  readonly network: 'city' | 'test'
  readonly chainId: string
  readonly name: string
  readonly listen: string
  readonly observer: boolean
}

function parseInit({ options, args }: CommandCall): Init {
  const network = options['network']
  if (network !== 'city' && network !== 'test')
    return refuseUsage(`--network is city or test, not ${String(network)}; for a devnet there is naru devnet up`)
  const name = String(options['name'])
  if (!/^[A-Za-z0-9_.-]{1,32}$/.test(name))
    refuseUsage(`--name has 1 to 32 characters of A-Z a-z 0-9 _ . -, not ${JSON.stringify(name)}`)
  const chainId = String(options['chainId'] ?? `naru-${network}-1`)
  return {
    dir: resolve(args[0] ?? '.'),
    network,
    chainId,
    name,
    listen: String(options['listen']),
    observer: options['observer'] === true,
  }
}

async function runInit(call: CommandCall): Promise<void> {
  const init = parseInit(call)
  const config = join(init.dir, 'naru.yaml')
  if (existsSync(config)) throw new CliError(EXIT.usage, 'EXISTS', `${config} is already there and is not replaced`)
  const passphrase = init.observer
    ? null
    : await readSecret({
        env: call.env,
        variable: 'NARU_PASSPHRASE',
        question: 'passphrase for the validator key',
        confirm: true,
      })
  mkdirSync(init.dir, { recursive: true, mode: 0o700 })
  const files = passphrase === null ? [] : await writeValidator(init, passphrase)
  const genesis = join(init.dir, 'genesis.json')
  if (!existsSync(genesis)) {
    const { buildSkeleton } = await import('../genesis-file.ts')
    writeFileSync(
      genesis,
      `${JSON.stringify(buildSkeleton({ chainId: init.chainId, network: init.network, timeMs: Date.now() }), null, 2)}\n`,
    )
    files.push(genesis)
  }
  writeFileSync(config, configText(init))
  files.push(config)
  const next = init.observer
    ? 'put the network’s genesis.json beside it, then: naru node start --config naru.yaml'
    : 'gather all founders’ validator.json in one genesis.json (naru genesis add-validator), then naru genesis check'
  call.out.result({ dir: init.dir, files, next }, `${files.map((file) => `wrote ${file}`).join('\n')}\nnext: ${next}`)
}

async function writeValidator(init: Init, passphrase: string): Promise<string[]> {
  const [
    { createKey, readOrCreatePeerSeed },
    { generateKeyPairFromSeed },
    { peerIdFromPrivateKey },
    address,
    { toHex },
    { GENESIS_ACCOUNT_HASH },
  ] = await Promise.all([
    import('../../node/keystore.ts'),
    import('@libp2p/crypto/keys'),
    import('@libp2p/peer-id'),
    import('../../core/crypto/address.ts'),
    import('../../core/base/bytes.ts'),
    import('../../core/execution/init-genesis.ts'),
  ])
  const key = join(init.dir, 'validator.age')
  const { publicKey } = await createKey({ path: key, passphrase })
  const peerKey = await generateKeyPairFromSeed('Ed25519', readOrCreatePeerSeed(join(init.dir, 'p2p.key')))
  const authority = address.deriveAddress({ genesisHash: GENESIS_ACCOUNT_HASH, publicKey, nonce: 0n })
  const description = {
    name: init.name,
    authority: address.formatAddress(authority, address.NETWORKS[init.network].hrp),
    publicKey: `0x${toHex(publicKey)}`,
    peerId: peerIdFromPrivateKey(peerKey).toString(),
    addresses: [init.listen],
  }
  const file = join(init.dir, 'validator.json')
  writeFileSync(file, `${JSON.stringify(description, null, 2)}\n`)
  return [key, join(init.dir, 'p2p.key'), file]
}

function configText({ chainId, listen, observer }: Init): string {
  const signer = observer
    ? 'signer: null'
    : 'signer: { keystore: ./validator.age, passphrase: { from: env, name: NARU_PASSPHRASE }, journal: ./sign-state }'
  return `version: 1
chain: { genesis: ./genesis.json, id: ${chainId} }
data: { dir: ./data }
${signer}
p2p:
  listen: [${listen}]
  peers: []
  keySeedFile: ./p2p.key
rpc: { listen: 127.0.0.1:8545 }
metrics: { listen: 127.0.0.1:9464 }
log: { level: info }
`
}

/** The command `naru init`. */
export const initCommands: readonly CommandSpec[] = [
  {
    path: '[dir]',
    about: 'Configuration, key and genesis skeleton for a real network',
    options: [
      ['--network <network>', 'city or test', 'city'],
      ['--chain-id <id>', 'Chain id (default: naru-<network>-1)'],
      ['--name <name>', 'The validator’s name for people', 'validator'],
      ['--listen <multiaddr>', 'Where other nodes reach this one', '/ip4/0.0.0.0/tcp/30300'],
      ['--observer', 'A node without a key'],
    ],
    run: runInit,
  },
]
