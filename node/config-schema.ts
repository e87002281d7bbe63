// Owns: the keys of the node's configuration, each with its default and one sentence. Not here: reading it (config.ts).
import { z } from 'zod'
import { RPC_LIMIT_ROWS } from '../rpc/limits.ts'
import { LOG_LEVELS } from '../rpc/node-api.ts'
import { MEMPOOL_LIMITS } from './mempool/mempool.ts'

const level = z.enum(LOG_LEVELS)
const count = z.int().min(1)
const listen = z.string().regex(/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, 'expected host:port, such as 127.0.0.1:8545')
const port = z.int().min(0).max(65_535).nullable().default(null)
const multiaddr = z.string().regex(/^\/[a-z0-9]+\//, 'expected a multiaddr, such as /ip4/127.0.0.1/tcp/30300')

const Passphrase = z.discriminatedUnion('from', [
  z.strictObject({ from: z.literal('none') }),
  z.strictObject({ from: z.literal('env'), name: z.string().min(1) }),
  z.strictObject({ from: z.literal('file'), path: z.string().min(1) }),
  z.strictObject({ from: z.literal('systemd-credential'), name: z.string().min(1) }),
  z.strictObject({ from: z.literal('fd'), fd: z.int().min(0) }),
])

const Signer = z.strictObject({
  keystore: z.string().min(1).describe('Key file of the validator: age-encrypted, or narud-dev-key on a devnet.'),
  passphrase: Passphrase.default({ from: 'none' }).describe(
    'Where the passphrase comes from: none, env, file, systemd-credential or fd.',
  ),
  journal: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('The file that keeps the key from signing twice; null is <data.dir>/sign-state.'),
})

const rpcLimitNames = Object.keys(RPC_LIMIT_ROWS) as (keyof typeof RPC_LIMIT_ROWS)[]
const RpcLimitsSchema = z.strictObject(
  Object.fromEntries(rpcLimitNames.map((name) => [name, z.int().min(0).optional()])) as {
    [K in keyof typeof RPC_LIMIT_ROWS]: z.ZodOptional<z.ZodInt>
  },
)

/** Every key with its default and one sentence; unknown keys are errors. */
export const ConfigSchema = z.strictObject({
  version: z.literal(1).default(1).describe('Version of this format.'),
  chain: z
    .strictObject({
      genesis: z.string().min(1).default('genesis.json').describe('The genesis document.'),
      id: z.string().nullable().default(null).describe('Chain id that the genesis document must carry; null takes any.'),
      recoveries: z
        .array(z.string().min(1))
        .default([])
        .describe('Recovery files signed by the city’s root keys, where validators were lost for good.'),
    })
    .prefault({}),
  data: z
    .strictObject({
      dir: z.string().min(1).default('data').describe('Directory of blocks, state and journals.'),
      prune: z
        .strictObject({
          mode: z
            .enum(['archive', 'window', 'proofs'])
            .default('archive')
            .describe('Old blocks: archive keeps all, window those of data.prune.keep, proofs none beyond what rollback needs.'),
          keep: z
            .string()
            .regex(/^\d{1,9}d?$/, 'expected blocks, such as 600000, or days, such as 90d')
            .default('90d')
            .describe('What a window keeps: a number of blocks, or of days with d.'),
        })
        .prefault({}),
    })
    .prefault({}),
  sync: z
    .strictObject({
      snapshot: z
        .enum(['auto', 'never'])
        .default('never')
        .describe('A node without a chain begins from a snapshot of its peers (auto), or fetches every block (never).'),
      checkpoint: z
        .string()
        .regex(/^\d{1,15}:0x[0-9a-f]{64}$/, 'expected height:0x and the block id, as other operators or the city publish it')
        .nullable()
        .default(null)
        .describe('A block, height:0x…, that the fetched snapshot must stand on; null trusts the changes since the genesis.'),
      snapshotEvery: z
        .int()
        .min(0)
        .default(10_000)
        .describe('Heights between two snapshots that this node makes and offers; 0 makes none. The same on all nodes.'),
      snapshotsKept: count.default(2).describe('Snapshots kept for peers.'),
    })
    .prefault({}),
  signer: Signer.nullable().default(null).describe('The validator’s key; null for an observer.'),
  nextSigner: Signer.nullable()
    .default(null)
    .describe('The key that a decided rotation brings; its journal is <data.dir>/sign-state-next unless named.'),
  p2p: z
    .strictObject({
      listen: z.array(multiaddr).default(['/ip4/127.0.0.1/tcp/30300']).describe('Where other nodes reach this one.'),
      peers: z.array(multiaddr).default([]).describe('Validators to dial, each ending in /p2p/<peer id>.'),
      observers: z
        .array(z.string())
        .default([])
        .describe('Peer ids or multiaddrs of nodes that may connect without being validators.'),
      keySeedFile: z
        .string()
        .min(1)
        .nullable()
        .default(null)
        .describe('Seed of the libp2p identity; null is <data.dir>/p2p.key, made on first start.'),
    })
    .prefault({}),
  rpc: z
    .strictObject({
      listen: listen.default('127.0.0.1:8545').describe('Public JSON-RPC listener.'),
      port: port.describe('Replaces the port of rpc.listen.'),
      origins: z.array(z.string()).default([]).describe('Web origins that may call.'),
      hosts: z
        .array(z.string().min(1))
        .nullable()
        .default(null)
        .describe('Host names under which it may be called, besides IP addresses and localhost; null is any on a devnet.'),
      limits: RpcLimitsSchema.prefault({}).describe('Bounds by name, as rpc_limits shows them.'),
    })
    .prefault({}),
  admin: z
    .strictObject({
      socket: z.string().min(1).nullable().default(null).describe('Operator socket; null is <data.dir>/admin.sock.'),
    })
    .prefault({}),
  metrics: z
    .strictObject({
      listen: listen.default('127.0.0.1:9464').describe('Listener of /metrics, /livez and /readyz.'),
      port: port.describe('Replaces the port of metrics.listen.'),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: level.default('info').describe('Least severe level that is written.'),
      levels: z.record(z.string(), level).default({}).describe('Levels by module, such as {consensus: debug}.'),
      file: z.string().min(1).nullable().default(null).describe('Log file; null writes to stderr.'),
    })
    .prefault({}),
  mempool: z
    .strictObject({
      countMax: count.default(MEMPOOL_LIMITS.countMax).describe('Transactions waiting at one time.'),
      bytesMax: count.default(MEMPOOL_LIMITS.bytesMax).describe('Bytes of waiting transactions.'),
      perLaneMax: count.default(MEMPOOL_LIMITS.perLaneMax).describe('Waiting transactions of one account in one nonce lane.'),
      perAccountMax: count.default(MEMPOOL_LIMITS.perAccountMax).describe('Waiting transactions of one account.'),
    })
    .prefault({}),
  devFaults: z
    .boolean()
    .default(false)
    .describe('Allows link faults over the operator socket; refused unless the network is a devnet.'),
})

type Tree = { [key: string]: unknown }

/** Every dotted key that a value can be set at. */
export function configKeys(): readonly string[] {
  const keys: string[] = []
  const walk = (node: Tree, prefix: string): void => {
    const variants = [node, ...((node['anyOf'] as Tree[] | undefined) ?? []), ...((node['oneOf'] as Tree[] | undefined) ?? [])]
    const withKeys = variants.filter((variant) => variant['properties'] !== undefined)
    if (prefix !== '' && withKeys.length === 0) keys.push(prefix)
    for (const variant of withKeys) {
      for (const [name, child] of Object.entries(variant['properties'] as Record<string, Tree>)) {
        walk(child, prefix === '' ? name : `${prefix}.${name}`)
      }
    }
  }
  walk(z.toJSONSchema(ConfigSchema, { io: 'input' }) as Tree, '')
  return [...new Set([...keys, ...PASSPHRASE_KEYS])]
}

const PASSPHRASE_KEYS = ['signer', 'nextSigner'].flatMap((signer) =>
  ['from', 'name', 'path', 'fd'].map((name) => `${signer}.passphrase.${name}`),
)
