// Owns: reading a V8 CPU profile: which part of the program its samples belong to. Not here: making one (profile.ts).

/** The part of a `.cpuprofile` file that is read here; times are monotonic microseconds. */
export type CpuProfile = {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string }
    readonly children?: readonly number[]
  }[]
  readonly startTime: number
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** Microseconds inside a window, by place (package or file, self time) and by named cost. */
export type Costs = { readonly byPlace: Map<string, number>; readonly byName: Map<string, number> }

/** Named costs: the innermost frame that matches decides. Self time of native code and of Node's own goes to who called it. */
const NAMED: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['verifying signatures', /^core\/crypto\/(ed25519|keys|native)[\w.-]*#(verify|ed25519Verify)/],
  ['hashing', /^core\/crypto\/(hash|native|merkle)/],
  ['state tree', /^core\/state\/tree/],
  ['encoding and decoding', /^(core\/codec\/|core\/base\/bytes|msgpackr$)/],
  ['LevelDB', /^(node\/storage\/(level|chain-store|state-store)|classic-level$|abstract-level$|level$)/],
  ['logs of consensus', /^node\/(storage\/|wal|signer)/],
  ['gossip of transactions', /^(@libp2p\/gossipsub$|node\/network\/gossip|node\/tx-relay)/],
  [
    'libp2p streams',
    /^(@libp2p\/|@chainsafe\/libp2p|@multiformats\/|libp2p$|it-|uint8|multiformats$|protons|node\/network\/|race-)/,
  ],
  ['JSON-RPC', /^(rpc\/|node\/api|ws$)/],
  ['mempool', /^node\/(mempool\/|admission-desk)/],
  ['execution', /^(core\/execution\/|core\/state\/|core\/chain\/|modules\/|node\/executor|node\/commit)/],
  ['consensus and driver', /^(consensus\/|node\/)/],
]

const LEAVES: ReadonlyMap<string, string> = new Map([
  ['(garbage collector)', 'garbage collection'],
  ['(idle)', '(idle)'],
  ['(program)', 'outside JavaScript'],
  ['(root)', 'outside JavaScript'],
])

/** Package, file of the project, `node:` module, or the function's own name where it has no file. */
export function placeOf(url: string, functionName: string, root: string): string {
  if (url === '') return functionName
  if (url.startsWith('node:')) return `node:${url.slice(5).split('/').slice(0, 2).join('/')}`
  const packaged = url.lastIndexOf('node_modules/')
  if (packaged === -1) return url.slice(Math.max(0, url.indexOf(root) + root.length)).replace(/^\//, '')
  const [scope = '', name = ''] = url.slice(packaged + 'node_modules/'.length).split('/')
  return scope.startsWith('@') ? `${scope}/${name}` : scope
}

/** Adds the samples of one profile that lie in the window to the costs. `root` is the project's folder. */
export function addProfile(costs: Costs, profile: CpuProfile, window: { fromUs: number; toUs: number }, root: string): void {
  const frames = readFrames(profile, root)
  let at = profile.startTime
  for (let i = 0; i < profile.samples.length; i++) {
    const delta = profile.timeDeltas[i] as number
    at += delta
    if (at < window.fromUs || at > window.toUs) continue
    const frame = frames.get(profile.samples[i] as number)
    if (frame === undefined || frame.name === '(idle)') continue
    costs.byPlace.set(frame.place, (costs.byPlace.get(frame.place) ?? 0) + delta)
    costs.byName.set(frame.name, (costs.byName.get(frame.name) ?? 0) + delta)
  }
}

type Frame = { readonly place: string; readonly name: string }

// Parents come before their children in a profile, so that each frame can inherit from its caller.
function readFrames(profile: CpuProfile, root: string): ReadonlyMap<number, Frame> {
  const frames = new Map<number, Frame>()
  const parents = new Map<number, number>()
  for (const { id, children = [] } of profile.nodes) for (const child of children) parents.set(child, id)
  for (const { id, callFrame } of profile.nodes) {
    const { url, functionName } = callFrame
    const caller = frames.get(parents.get(id) ?? -1)
    const leaf = LEAVES.get(functionName)
    const own = placeOf(url, functionName, root)
    // A native function stands for the file that called it.
    const place = url === '' && leaf === undefined ? (caller?.place ?? own) : own
    const named = leaf ?? NAMED.find(([, pattern]) => pattern.test(`${own}#${functionName}`) || pattern.test(own))?.[0]
    frames.set(id, { place, name: named ?? caller?.name ?? 'Node itself' })
  }
  return frames
}
