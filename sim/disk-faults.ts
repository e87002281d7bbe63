// Owns: faults of a machine's disk: errors, rot, lost files, an old store put back; and what its operator then does.
// Not here: crashes (machine.ts), the disk (disk.ts).
import { toHex } from '../core/base/bytes.ts'
import { must } from '../core/base/assert.ts'
import { initJournal } from '../node/storage/journal.ts'
import { JOURNAL_SLOT_BYTES } from '../node/storage/journal-slot.ts'
import { WAL_HEADER_BYTES } from '../node/storage/wal-format.ts'
import { LOG_DIR, SIGN_STATE, crashMachine } from './machine.ts'
import { startMachine } from './machine-start.ts'
import type { Machine } from './machine.ts'
import type { Fault } from './plan.ts'
import { startLater } from './stage.ts'
import type { Stage } from './stage.ts'
import { GENESIS_TIME_MS } from './world.ts'

type Of<K extends Fault['kind']> = Extract<Fault, { kind: K }>

/** The next change of this kind fails; the node must stop itself, and comes back later. */
export function failDisk(stage: Stage, machine: Machine, fault: Of<'diskError'>): void {
  if (machine.life === null) return
  machine.ailments.diskError = { kind: fault.change, code: fault.code }
  stage.watch.expectFailure(machine.index, ['WAL_IO', 'JOURNAL_IO', 'STORE_IO'], () => {
    stage.coverage.note(9, `${fault.code} on ${fault.change}`)
    startLater(stage, machine, fault.downMs)
  })
}

function powerOff(machine: Machine): boolean {
  if (machine.life === null) return false
  crashMachine(machine, { mode: 'keep', silent: false })
  return true
}

/** A byte of a file changes while the machine is off. */
export function rotFile(stage: Stage, machine: Machine, fault: Of<'rot'>): void {
  if (!powerOff(machine)) return
  const { disk } = machine
  const flip =
    (at: number) =>
    (bytes: Uint8Array): Uint8Array => {
      if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ 0x40
      return bytes
    }
  stage.coverage.note(9, `rot in ${fault.file}`)
  if (fault.file === 'wal') {
    for (const name of disk.readdirSync(LOG_DIR).filter((file) => file.endsWith('.wal'))) {
      const size = disk.content(`${LOG_DIR}/${name}`)?.length ?? 0
      if (size > WAL_HEADER_BYTES)
        disk.corrupt(`${LOG_DIR}/${name}`, flip(WAL_HEADER_BYTES + stage.random.below(size - WAL_HEADER_BYTES)))
    }
    return startLater(stage, machine, fault.downMs)
  }
  const slots = fault.file === 'bothSlots' ? [0, 1] : [stage.random.below(2)]
  for (const slot of slots) disk.corrupt(SIGN_STATE, flip(slot * JOURNAL_SLOT_BYTES + stage.random.below(40)))
  if (fault.file === 'bothSlots') return refuseAndMend(stage, machine, 'JOURNAL_CORRUPT', fault.downMs)
  // The newest signature may be gone with its slot: the height is closed to this key, and its lock with it.
  stage.watch.onMended(machine.index)
  // The other slot may be torn already.
  expectMending(stage, machine, 'JOURNAL_CORRUPT', fault.downMs)
  startLater(stage, machine, fault.downMs)
}

/** Syncs do nothing for a while, then the power goes and takes what they should have kept. */
export function lieAboutSync(stage: Stage, machine: Machine, fault: Of<'lyingDisk'>): void {
  stage.coverage.note(9, 'lost sync')
  machine.ailments.lyingSync = true
  stage.timeline.after(fault.forMs, () => {
    machine.ailments.lyingSync = false
    if (machine.life === null) return
    crashMachine(machine, { mode: 'lose', silent: true })
    startLater(stage, machine, fault.downMs)
  })
}

/** The write-ahead log is gone, the sign state is there. */
export function loseLog(stage: Stage, machine: Machine, downMs: number): void {
  if (!powerOff(machine)) return
  stage.coverage.note(10, 'log lost')
  dropLog(machine)
  startLater(stage, machine, downMs)
}

function dropLog({ disk }: Machine): void {
  if (!disk.existsSync(LOG_DIR)) return
  for (const name of disk.readdirSync(LOG_DIR)) disk.unlinkSync(`${LOG_DIR}/${name}`)
  disk.syncDirectorySync(LOG_DIR)
}

/** The sign state is gone: the node must not start until its operator has named a height. */
export function loseJournal(stage: Stage, machine: Machine, downMs: number): void {
  if (!powerOff(machine)) return
  stage.coverage.note(10, 'journal lost')
  machine.disk.unlinkSync(SIGN_STATE)
  machine.disk.syncDirectorySync('/data')
  refuseAndMend(stage, machine, 'JOURNAL_MISSING', downMs)
}

/** Should the sign state turn out unreadable, its operator makes a new one; until then the node must refuse to start. */
export function expectMending(stage: Stage, machine: Machine, code: string, downMs: number): void {
  stage.watch.expectFailure(machine.index, [code], () => {
    const { world } = machine.parts
    const publicKeyHex = toHex(must(world.validators[machine.parts.identity], 'a validator').publicKey)
    // No key can have signed above the height that the network works on.
    const afterHeight = stage.watch.height() + 1
    const place = { path: SIGN_STATE, chainTag: world.chainTag, publicKeyHex, disk: machine.disk }
    initJournal({ ...place, afterHeight, atMs: GENESIS_TIME_MS })
    stage.watch.onMended(machine.index)
    startLater(stage, machine, downMs)
  })
}

function refuseAndMend(stage: Stage, machine: Machine, code: string, downMs: number): void {
  expectMending(stage, machine, code, downMs)
  void startMachine(machine)
}

/** Copies the store now and puts the copy back three seconds later; the sign state stays, unless all is put back. */
export function putOldStoreBack(stage: Stage, machine: Machine, fault: Of<'oldStore'> | Of<'oldMachine'>): void {
  const saved = new Map(machine.records)
  const savedDisk = machine.disk.crash('keep')
  stage.timeline.after(fault.atMs - stage.timeline.nowMs(), () => {
    if (!powerOff(machine)) return
    stage.coverage.note(10, fault.kind === 'oldStore' ? 'old store' : 'old backup, sign state too')
    machine.records = saved
    if (fault.kind === 'oldMachine') {
      machine.disk = savedDisk
      stage.watch.onMended(machine.index)
    } else dropLog(machine)
    stage.watch.chain.forget(machine.index)
    startLater(stage, machine, fault.downMs)
  })
}
