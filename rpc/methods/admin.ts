// Owns: admin_* methods of the operator's socket.
// Not here: the socket (operator-server.ts); the public listener has none of these.
import { NodeError } from '../../core/base/errors.ts'
import { choice, option, struct } from '../../core/codec/compound.ts'
import { bool, text, u32, u53, u8 } from '../../core/codec/fields.ts'
import type { Json, JsonSchema } from '../../core/codec/schema.ts'
import { refuseCall } from '../errors.ts'
import { defineMethod } from '../method.ts'
import type { Method } from '../method.ts'
import { LOG_LEVELS } from '../node-api.ts'
import type { AdminApi, LogLevel } from '../node-api.ts'

const DONE: JsonSchema = { const: true }
const LEVEL = choice(Object.fromEntries(LOG_LEVELS.map((name, index) => [name, index])) as Record<LogLevel, number>)
const LINK_FAULT = struct({ drop: bool, delayMs: u32, jitterMs: u32, lossPercent: option(u8) })

/** Every admin method over the operator's interface. */
export function buildAdminMethods(admin: AdminApi): readonly Method[] {
  return [
    defineMethod({
      name: 'admin_status',
      about: 'The node in one object: chain, consensus, mempool, peers, storage.',
      params: struct({}),
      result: { type: 'object' },
      run: () => admin.status() as Json,
    }),
    defineMethod({
      name: 'admin_peers',
      about: 'The connected peers.',
      params: struct({}),
      result: { type: 'array', items: { type: 'object', description: 'peer, name, address, direction, height, queuedBytes' } },
      run: ({ node }) => node.peers().map((peer) => ({ ...peer })),
    }),
    defineMethod({
      name: 'admin_consensusState',
      about: 'Height, round, step, locks and the votes of the present round: whose are here, and who says to hold whose.',
      params: struct({}),
      result: { type: 'object' },
      run: () => admin.consensusState() as Json,
    }),
    defineMethod({
      name: 'admin_setLogLevel',
      about: 'Sets the least severe level that the node logs.',
      params: struct({ level: LEVEL }),
      result: DONE,
      run: (_call, { level }) => done(() => admin.setLogLevel(level)),
    }),
    defineMethod({
      name: 'admin_addPeer',
      about: 'Dials a peer at a multiaddr.',
      params: struct({ address: text(256) }),
      result: DONE,
      run: (_call, { address }) => done(() => admin.addPeer(address)),
    }),
    defineMethod({
      name: 'admin_setLinkFault',
      about: 'Drops, delays or loses what comes from and goes to a peer, for drills; without fault the link is whole again.',
      params: struct({ peer: text(128), fault: option(LINK_FAULT) }),
      result: DONE,
      run: (_call, { peer, fault }) => done(() => admin.setLinkFault(peer, fault)),
    }),
    defineMethod({
      name: 'admin_setClockOffset',
      about: 'Sets the clock of a devnet node that many ms ahead of or behind real time, now and after restarts.',
      params: struct({ aheadMs: u53, behindMs: u53 }),
      result: DONE,
      run: (_call, { aheadMs, behindMs }) => done(() => admin.setClockOffset(aheadMs - behindMs)),
    }),
    ...buildSigningMethods(admin),
    ...buildUpkeepMethods(admin),
    shutdownMethod(admin),
  ]
}

function shutdownMethod(admin: AdminApi): Method {
  return defineMethod({
    name: 'admin_shutdown',
    about: 'Stops the node once this is answered.',
    params: struct({}),
    result: DONE,
    run: ({ afterReply }) => done(() => afterReply(admin.shutdown)),
  })
}

function buildSigningMethods(admin: AdminApi): readonly Method[] {
  return [
    defineMethod({
      name: 'admin_doctor',
      about: 'What the running node contributes to naru doctor; nothing secret is in it.',
      params: struct({}),
      result: { type: 'object' },
      run: () => admin.doctor() as Json,
    }),
    defineMethod({
      name: 'admin_pauseSigning',
      about: 'Signs nothing until admin_resumeSigning, beyond a restart too; the node goes on following the chain.',
      params: struct({ reason: text(200) }),
      result: DONE,
      run: (_call, { reason }) => done(() => admin.pauseSigning(reason)),
    }),
    defineMethod({
      name: 'admin_resumeSigning',
      about: 'Signs again, above every height at which a foreign signature under our key was seen; what had paused it, or null.',
      params: struct({}),
      result: { type: ['object', 'null'], description: 'reason, text, sinceMs, height' },
      run: () => admin.resumeSigning() as Json,
    }),
  ]
}

function buildUpkeepMethods(admin: AdminApi): readonly Method[] {
  return [
    defineMethod({
      name: 'admin_upkeep',
      about: 'Sizes on disk, snapshots on offer, and the snapshot, pruning or compaction that runs or ran last.',
      params: struct({}),
      result: { type: 'object' },
      run: () => admin.upkeep() as Json,
    }),
    defineMethod({
      name: 'admin_snapshot',
      about:
        'Begins a snapshot of the head, in a new folder `out` (an absolute path) or on the shelf for peers; see admin_upkeep.',
      params: struct({ out: option(text(1_024)) }),
      result: DONE,
      run: (_call, { out }) => {
        if (out !== null && !out.startsWith('/')) return refuseCall('INVALID_PARAMS', 'out is an absolute path', { path: 'out' })
        return begun(() => admin.beginSnapshot(out))
      },
    }),
    defineMethod({
      name: 'admin_prune',
      about: 'Begins to delete bodies, receipts and indexes below the last `keep` blocks; admin_upkeep tells how far.',
      params: struct({ keep: u53 }),
      result: DONE,
      run: (_call, { keep }) => begun(() => admin.beginPrune(keep)),
    }),
    defineMethod({
      name: 'admin_compact',
      about: 'Begins to rewrite every table of the store, which gives deleted room back; admin_upkeep tells how far.',
      params: struct({}),
      result: DONE,
      run: () => begun(admin.beginCompact),
    }),
  ]
}

/** What the node cannot do for lack of such a peer, level or address is the operator's parameter. */
function done(perform: () => void): true {
  try {
    perform()
  } catch (thrown) {
    if (thrown instanceof NodeError) return refuseCall('INVALID_PARAMS', thrown.message, { reason: thrown.code })
    throw thrown
  }
  return true
}

/** As `done`, for what begins work in the background. */
async function begun(begin: () => Promise<void>): Promise<true> {
  try {
    await begin()
  } catch (thrown) {
    if (thrown instanceof NodeError) return refuseCall('INVALID_PARAMS', thrown.message, { reason: thrown.code })
    throw thrown
  }
  return true
}
