// Owns: the checks: from what was measured to pass, warn or fail, with threshold and fix (interfaces.md 1.7). Pure.
// Not here: measuring (measure.ts, running.ts).
import { CHECK_IDS } from './facts.ts'
import type { Check, CheckId, DoctorFacts, RunningFacts } from './facts.ts'

type Verdict = Omit<Check, 'id'>
type Judge = (facts: DoctorFacts) => Verdict

const DAY_MS = 86_400_000
const GIB = 1_073_741_824
const THRESHOLDS = {
  clockWarnMs: 250,
  clockFailMs: 1_000,
  diskWarnDays: 14,
  diskFailDays: 3,
  diskWarnShare: 10,
  diskFailShare: 3,
  inodeWarnShare: 5,
  reclaimableShare: 30,
  roundsWarn: 5,
  headAgeFactor: 10,
  backupWarnDays: 7,
  backupFailDays: 30,
  openFiles: 65_536,
  memoryPressure: 10,
  rpcRejectedPermille: 10,
  upgradeWarnMs: DAY_MS,
  modePrivate: 0o077,
} as const

const T = THRESHOLDS

const pass = (measured: string, threshold: string): Verdict => ({ status: 'pass', measured, threshold, fix: 'nothing to do' })
const warn = (measured: string, threshold: string, fix: string): Verdict => ({ status: 'warn', measured, threshold, fix })
const fail = (measured: string, threshold: string, fix: string): Verdict => ({ status: 'fail', measured, threshold, fix })
const skip = (threshold: string): Verdict => ({
  status: 'skip',
  measured: 'no node answers',
  threshold,
  fix: 'start the node and ask again',
})

const checkClock: Judge = ({ files, running }) => {
  const threshold = `warn ${T.clockWarnMs} ms, fail ${T.clockFailMs} ms from the other validators; a time service runs`
  const fix = 'start a time service: systemctl enable --now systemd-timesyncd (or chrony)'
  const service =
    files.isNtpActive === null ? 'time service unknown' : `time service ${files.isNtpActive ? 'active' : 'inactive'}`
  const offsetMs = running?.clockOffsetMs ?? null
  const measured = `${offsetMs === null ? 'offset unknown' : `${offsetMs} ms`}, ${service}`
  if (offsetMs !== null && Math.abs(offsetMs) >= T.clockFailMs) return fail(measured, threshold, fix)
  if (offsetMs !== null && Math.abs(offsetMs) >= T.clockWarnMs) return warn(measured, threshold, fix)
  return files.isNtpActive === false ? warn(measured, threshold, fix) : pass(measured, threshold)
}

const checkDisk: Judge = ({ files, running }) => {
  const { freeBytes, totalBytes, freeInodeShare } = files.disk
  const share = totalBytes === 0 ? 100 : Math.floor((100 * freeBytes) / totalBytes)
  const growth = running?.storeGrowthBytesPerDay ?? null
  const days = growth === null || growth <= 0 ? null : Math.floor(freeBytes / growth)
  const threshold =
    `warn under ${T.diskWarnDays} days or ${T.diskWarnShare} %, fail under ${T.diskFailDays} days or ${T.diskFailShare} % free;` +
    ` inodes warn under ${T.inodeWarnShare} %`
  const measured =
    `${(freeBytes / GIB).toFixed(1)} GiB free (${share} %)` +
    `${days === null ? '' : `, ${days} days at the present growth`}` +
    `${freeInodeShare === null ? '' : `, ${freeInodeShare} % inodes free`}`
  const fix = 'make room, move data.dir to a larger disk, or naru prune --keep with the node stopped'
  if (share < T.diskFailShare || (days !== null && days < T.diskFailDays)) return fail(measured, threshold, fix)
  const isTight = share < T.diskWarnShare || (days !== null && days < T.diskWarnDays)
  if (isTight || (freeInodeShare !== null && freeInodeShare < T.inodeWarnShare)) return warn(measured, threshold, fix)
  return pass(measured, threshold)
}

const checkStore: Judge = ({ files, running }) => {
  const { exists, isClean, hasManifest } = files.store
  const threshold = `manifest readable, last close clean, at most ${T.reclaimableShare} % reclaimable`
  if (!exists) return warn('no store yet', threshold, 'nothing to do before the first start; else check data.dir')
  if (!hasManifest)
    return fail('the manifest is missing or empty', threshold, 'restore a snapshot, or sync again into an empty data.dir')
  if (running === null && !isClean)
    return warn(
      'the last process ended without closing',
      threshold,
      'start it: it recovers by itself; look for power cuts or kills',
    )
  if (running === null) return pass('manifest readable, closed cleanly', threshold)
  const { storeBytes, storeReclaimableBytes } = running
  const share = storeBytes === 0 ? 0 : Math.floor((100 * storeReclaimableBytes) / storeBytes)
  const measured = `open, ${(storeBytes / GIB).toFixed(2)} GiB, ${share} % reclaimable`
  const fix = 'naru prune with the node stopped rewrites the tables and gives the space back'
  return share > T.reclaimableShare ? warn(measured, threshold, fix) : pass(measured, threshold)
}

const checkKey: Judge = ({ files }) => {
  const { isExpected, exists, mode, isOwn, isEncrypted, isDevnet } = files.key
  const threshold = 'mode 0600, our own file, encrypted unless on a devnet'
  if (!isExpected) return pass('an observer has no key', threshold)
  if (!exists) return fail('the key file is missing', threshold, 'restore it from your backup, or check signer.keystore')
  const faults = [
    ...((mode & T.modePrivate) === 0 ? [] : [`mode ${mode.toString(8)}`]),
    ...(isOwn ? [] : ['owned by another user']),
    ...(isEncrypted || isDevnet ? [] : ['not encrypted on a real network']),
  ]
  const fix = 'chmod 600 and chown the key file; make an encrypted one with naru keys new or naru keys import'
  return faults.length > 0
    ? fail(faults.join(', '), threshold, fix)
    : pass(`mode ${mode.toString(8)}, ${isEncrypted ? 'encrypted' : 'devnet key'}`, threshold)
}

const checkSignState: Judge = ({ files, running }) => {
  const { error, height, isBesideKey } = files.signState
  const threshold = 'readable, ours, not older than the chain’s last block with our signature, on the disk of the key'
  if (!files.key.isExpected) return pass('an observer signs nothing', threshold)
  if (error !== null)
    return fail(
      error,
      threshold,
      'restore it, or naru keys sign-state init --after-height above every height the key may have signed',
    )
  const signed = running?.ownSignedHeight ?? null
  const journal = running?.journalHeight ?? height
  if (signed !== null && journal < signed) {
    const measured = `reaches block ${journal}, but the chain holds our signature of block ${signed}`
    return fail(measured, threshold, `stop, and naru keys sign-state init --after-height ${signed + 1000} or higher`)
  }
  if (!isBesideKey)
    return fail(
      'lies on another disk than the key',
      threshold,
      'keep key and sign state together: set signer.journal beside the key',
    )
  return pass(`reaches block ${journal}${signed === null ? '' : `, chain ${signed}`}`, threshold)
}

const checkTwin: Judge = ({ files, running }) => {
  const threshold = 'no signature under our key that this process did not make'
  const fix = 'find and stop the other process, make sure that it stays off, then admin_resumeSigning'
  const seen = running === null ? (files.pause?.reason === 'twin' ? files.pause.text : null) : running.twin
  if (seen !== null) return fail(`seen: ${seen}; nothing is signed`, threshold, fix)
  const pause = running === null ? (files.pause?.text ?? null) : running.pause
  if (pause !== null)
    return warn(`none, but signing is paused: ${pause}`, threshold, 'admin_resumeSigning when the reason is gone')
  return pass('none seen', threshold)
}

const checkPeers: Judge = ({ running }) => {
  const threshold = 'warn under quorum + 1 with ourselves, fail under quorum; no validator twice'
  if (running === null) return skip(threshold)
  const { connected, quorum, validatorCount, isValidator } = running
  const names = new Set(connected)
  const doubles = [...names].filter((name) => connected.filter((other) => other === name).length > 1)
  const inReach = names.size + (isValidator ? 1 : 0)
  const measured = `${inReach} of ${validatorCount} validators in reach, ${quorum} are a quorum`
  const fix = 'see naru consensus why; check p2p.peers, firewalls, and whether the others run'
  if (inReach < quorum) return fail(measured, threshold, fix)
  if (doubles.length > 0)
    return warn(`${measured}; connected twice: ${doubles.join(', ')}`, threshold, 'look for a second node with that network key')
  return inReach < Math.min(quorum + 1, validatorCount) ? warn(measured, threshold, fix) : pass(measured, threshold)
}

const checkRound: Judge = ({ running }) => {
  const threshold =
    `warn over ${T.roundsWarn} of 100 blocks in a later round; ` +
    `fail without a block for ${T.headAgeFactor} block times or 3 heartbeats`
  if (running === null) return skip(threshold)
  const { roundsAboveZero, blocksLooked, headAgeMs, blockIntervalMs, heartbeatMs } = running
  const ageS = Math.floor(headAgeMs / 1_000)
  const measured = `${roundsAboveZero} of ${blocksLooked} blocks in a later round, the last is ${ageS} s old`
  const fix = 'naru consensus why tells the cause'
  // An idle chain has a block per heartbeat: silence is counted from there on.
  if (headAgeMs > Math.max(T.headAgeFactor * blockIntervalMs, 3 * heartbeatMs)) return fail(measured, threshold, fix)
  return roundsAboveZero > T.roundsWarn ? warn(measured, threshold, fix) : pass(measured, threshold)
}

const checkVersion: Judge = ({ files, running }) => {
  const threshold = 'the version of most validators; fail within 24 h of a planned upgrade without it'
  if (running === null) return skip(threshold)
  const { version, versions, plannedUpgradeMs } = running
  const others = Object.values(versions)
  const same = others.filter((other) => other === version).length
  const measured = `${version}; ${same} of ${others.length} others run the same`
  if (plannedUpgradeMs !== null && plannedUpgradeMs < T.upgradeWarnMs)
    return fail(
      `${measured}; an upgrade is due in ${Math.floor(plannedUpgradeMs / 3_600_000)} h`,
      threshold,
      'install the planned release',
    )
  if (files.version !== version)
    return warn(`${measured}; installed is ${files.version}`, threshold, 'restart the node to run what is installed')
  return others.length > 0 && 2 * same < others.length
    ? warn(measured, threshold, 'ask the others which release the network agreed on')
    : pass(measured, threshold)
}

const checkConfig: Judge = ({ files, running }) => {
  const threshold = 'the running node has the file’s values; no unknown NARU_ variables; no public operator listener'
  if (files.publicAdmin !== null)
    return fail(
      files.publicAdmin,
      threshold,
      'bind metrics.listen to loopback or an operators’ network; keep admin.socket off shared folders',
    )
  const drift = running === null ? [] : driftOf(files.config, running)
  if (drift.length > 0)
    return warn(`changed since the start: ${drift.join(', ')}`, threshold, 'restart the node to take the file’s values')
  if (files.configWarnings.length > 0)
    return warn(files.configWarnings.join('; '), threshold, 'remove or rename what is named: naru config print --origin')
  return pass(running === null ? 'file in order' : 'as in the file', threshold)
}

function driftOf(file: Readonly<Record<string, string>>, { config }: RunningFacts): readonly string[] {
  const keys = new Set([...Object.keys(file), ...Object.keys(config)])
  return [...keys].filter((key) => file[key] !== config[key]).sort()
}

const checkPorts: Judge = ({ running }) => {
  const threshold = 'another validator has connected to our listener'
  if (running === null) return skip(threshold)
  if (running.validatorCount < 2) return pass('a validator alone needs nobody', threshold)
  if (running.hasInbound) return pass('reached from outside', threshold)
  return warn(
    'no validator has connected from outside; all connections are our own',
    threshold,
    'open the port of p2p.listen in the firewall; compare it with the address in the validator set',
  )
}

const checkBackup: Judge = ({ nowMs, files }) => {
  const threshold = `warn after ${T.backupWarnDays} days, fail after ${T.backupFailDays} days since a tested backup`
  const fix = 'naru backup create DIR, then naru backup test DIR'
  if (!files.key.isExpected) return pass('an observer has nothing that sync cannot bring back', threshold)
  if (files.key.isDevnet) return pass('a devnet key needs no backup', threshold)
  if (files.backupTestedAtMs === null) return fail('no backup was ever tested on this machine', threshold, fix)
  const days = Math.floor((nowMs - files.backupTestedAtMs) / DAY_MS)
  const measured = `tested ${days} days ago`
  if (days >= T.backupFailDays) return fail(measured, threshold, fix)
  return days >= T.backupWarnDays ? warn(measured, threshold, fix) : pass(measured, threshold)
}

const checkLimits: Judge = ({ files }) => {
  const { openFilesMax, memoryMaxBytes, memoryPressure } = files
  const threshold = `at least ${T.openFiles} open files; memory pressure under ${T.memoryPressure} %`
  const measured =
    `${openFilesMax === null ? 'open files unknown' : `${openFilesMax} open files`}, ` +
    `${memoryMaxBytes === null ? 'no memory limit' : `memory limit ${(memoryMaxBytes / GIB).toFixed(1)} GiB`}` +
    `${memoryPressure === null ? '' : `, pressure ${memoryPressure} %`}`
  if (openFilesMax !== null && openFilesMax < T.openFiles)
    return warn(measured, threshold, 'raise it: LimitNOFILE=65536 in the unit, or ulimit -n 65536')
  if (memoryPressure !== null && memoryPressure >= T.memoryPressure)
    return warn(measured, threshold, 'give the machine or the unit more memory')
  return pass(measured, threshold)
}

const checkRpc: Judge = ({ running }) => {
  const threshold = `warn over ${T.rpcRejectedPermille / 10} % of calls refused by limits`
  if (running === null) return skip(threshold)
  const { p99Ms, calls, rejected, waiting } = running.rpc
  const permille = calls === 0 ? 0 : Math.floor((1_000 * rejected) / calls)
  const measured = `p99 ${p99Ms === null ? 'unknown' : `${p99Ms} ms`}, ${waiting} waiting, ${permille / 10} % of ${calls} refused`
  const fix = 'spread readers over observers, or raise rpc.limits'
  return permille > T.rpcRejectedPermille ? warn(measured, threshold, fix) : pass(measured, threshold)
}

const JUDGES: Readonly<Record<CheckId, Judge>> = {
  clock: checkClock,
  disk: checkDisk,
  store: checkStore,
  key: checkKey,
  'sign-state': checkSignState,
  twin: checkTwin,
  peers: checkPeers,
  round: checkRound,
  version: checkVersion,
  config: checkConfig,
  ports: checkPorts,
  backup: checkBackup,
  limits: checkLimits,
  rpc: checkRpc,
}

/** Every check in order. */
export function runChecks(facts: DoctorFacts): readonly Check[] {
  return CHECK_IDS.map((id) => ({ id, ...JUDGES[id](facts) }))
}
