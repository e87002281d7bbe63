// Owns: what each fault of a plan does to machines and network, and the healing of everything. Not here: which faults (mix.ts),
// faults of the disk (disk-faults.ts).
import { must } from '../core/base/assert.ts'
import { planSetChange } from './council.ts'
import { expectMending, failDisk, lieAboutSync, loseJournal, loseLog, putOldStoreBack, rotFile } from './disk-faults.ts'
import { armCrash, crashMachine, wallTimeOf } from './machine.ts'
import { startMachine } from './machine-start.ts'
import type { Crash, Machine } from './machine.ts'
import { CALM } from './network.ts'
import type { Fault, Plan } from './plan.ts'
import { startLater } from './stage.ts'
import type { Stage } from './stage.ts'

type Of<K extends Fault['kind']> = Extract<Fault, { kind: K }>

/** Plans every fault of the plan. */
export function planFaults(stage: Stage, plan: Plan): void {
  for (const fault of plan.faults) {
    if (fault.kind === 'oldStore' || fault.kind === 'oldMachine') {
      const machine = machineOf(stage, fault.machine)
      const atMs = Math.max(0, fault.atMs - 3_000)
      stage.timeline.after(atMs, () => putOldStoreBack(stage, machine, fault))
    } else stage.timeline.after(fault.atMs, () => applyFault(stage, fault))
  }
}

function machineOf(stage: Stage, index: number): Machine {
  return must(stage.machines[index], `machine ${index}`)
}

function applyFault(stage: Stage, fault: Exclude<Fault, Of<'oldStore'> | Of<'oldMachine'>>): void {
  switch (fault.kind) {
    case 'crash':
      return applyCrash(stage, fault)
    case 'restartAll':
      return applyRestartAll(stage, fault)
    case 'partition':
      return applyPartition(stage, fault)
    case 'oneWay':
      stage.coverage.note(6, 'one-way link')
      stage.network.setCut(fault.from, fault.to, true)
      stage.timeline.after(fault.forMs, () => stage.network.setCut(fault.from, fault.to, false))
      return
    case 'slow':
      stage.coverage.note(6, 'slow node')
      stage.network.setDelay(fault.machine, fault.extraMs)
      stage.timeline.after(fault.forMs, () => stage.network.setDelay(fault.machine, 0))
      return
    case 'pause':
      stage.coverage.note(6, 'paused process')
      machineOf(stage, fault.machine).ailments.pausedUntilMs = stage.timeline.nowMs() + fault.forMs
      return
    case 'links':
      return applyLinks(stage, fault)
    case 'clock':
    case 'frozenClock':
      return applyClock(stage, fault)
    case 'mute':
      return applyMute(stage, fault)
    case 'slowDisk':
      return applySlowDisk(stage, fault)
    case 'diskError':
      return failDisk(stage, machineOf(stage, fault.machine), fault)
    case 'lyingDisk':
      return lieAboutSync(stage, machineOf(stage, fault.machine), fault)
    case 'rot':
      return rotFile(stage, machineOf(stage, fault.machine), fault)
    case 'logLost':
      return loseLog(stage, machineOf(stage, fault.machine), fault.downMs)
    case 'journalLost':
      return loseJournal(stage, machineOf(stage, fault.machine), fault.downMs)
    case 'setChange':
      return planSetChange(stage, fault)
    case 'idle':
      stage.coverage.note(18, 'idle')
      stage.isIdle = true
      stage.timeline.after(fault.forMs, () => {
        stage.isIdle = false
      })
      return
  }
}

function applyMute(stage: Stage, { machine, what, to, forMs }: Of<'mute'>): void {
  const { ailments } = machineOf(stage, machine)
  stage.coverage.note(3, `${what} kept from some`)
  ailments.mute = { what, to }
  stage.timeline.after(forMs, () => {
    ailments.mute = null
  })
}

function applySlowDisk(stage: Stage, { machine, batchMs, forMs }: Of<'slowDisk'>): void {
  const { ailments } = machineOf(stage, machine)
  stage.coverage.note(9, 'slow disk')
  ailments.batchMs = batchMs
  stage.timeline.after(forMs, () => {
    ailments.batchMs = 4
  })
}

function noteCrash(stage: Stage, { mode }: Crash, where: string): void {
  stage.coverage.note(8, where)
  if (mode === 'lose') stage.coverage.note(9, 'unsynced writes lost')
  else if (mode !== 'keep') stage.coverage.note(9, 'torn write')
  const up = stage.machines.filter(({ life }) => life !== null).length
  if (3 * up <= 2 * stage.machines.length) stage.coverage.note(13, 'quorum lost')
}

function applyCrash(stage: Stage, fault: Of<'crash'>): void {
  const machine = machineOf(stage, fault.machine)
  const crash: Crash = { mode: fault.mode, silent: fault.silent }
  if (machine.life === null) return
  if (typeof fault.mode !== 'string') expectMending(stage, machine, 'JOURNAL_CORRUPT', fault.downMs)
  const back = (where: string) => (): void => {
    noteCrash(stage, crash, where)
    startLater(stage, machine, fault.downMs)
  }
  const { boundaries, where = null } = fault
  if (boundaries >= 0)
    return armCrash(machine, { boundaries, where }, crash, back(where === null ? 'at any boundary' : `before ${where}`))
  crashMachine(machine, crash)
  back('between events')()
}

function applyRestartAll(stage: Stage, fault: Of<'restartAll'>): void {
  stage.coverage.note(13, 'all restart')
  for (const machine of stage.machines) {
    const crash: Crash = { mode: fault.mode, silent: true }
    crashMachine(machine, crash)
    noteCrash(stage, crash, 'all at once')
    startLater(stage, machine, fault.downMs + stage.random.below(fault.spreadMs + 1))
  }
}

function applyPartition(stage: Stage, { groups, forMs }: Of<'partition'>): void {
  stage.coverage.note(6, `partition ${groups.map((group) => group.length).join('/')}`)
  const cut = (isCut: boolean): void => {
    for (const group of groups) {
      for (const from of group) {
        for (let to = 0; to < stage.machines.length; to++) if (!group.includes(to)) stage.network.setCut(from, to, isCut)
      }
    }
  }
  cut(true)
  stage.timeline.after(forMs, () => cut(false))
}

function applyLinks(stage: Stage, { rules, forMs }: Of<'links'>): void {
  if (rules.lossPpm > 0) stage.coverage.note(7, 'loss')
  if (rules.copyPpm > 0) stage.coverage.note(7, 'copies')
  if (rules.disorderPpm > 0) stage.coverage.note(7, 'disorder')
  if (rules.latencyMs >= 400) stage.coverage.note(7, 'delay beyond the timeout')
  if (rules.rotPpm > 0) {
    stage.coverage.note(7, 'corrupted bytes')
    stage.watch.excusePenalties()
  }
  stage.network.setRules(rules)
  stage.timeline.after(forMs, () => stage.network.setRules(CALM))
}

function applyClock(stage: Stage, fault: Of<'clock'> | Of<'frozenClock'>): void {
  const machine = machineOf(stage, fault.machine)
  const { ailments } = machine
  if (fault.kind === 'clock') {
    stage.coverage.note(11, fault.skewMs > 0 ? 'fast clock' : 'slow clock')
    ailments.skewMs = fault.skewMs
    stage.timeline.after(fault.forMs, () => {
      ailments.skewMs = 0
    })
    return
  }
  stage.coverage.note(11, 'frozen clock')
  ailments.frozenAtMs = wallTimeOf(machine)
  stage.timeline.after(fault.forMs, () => {
    ailments.frozenAtMs = -1
  })
}

/** Ends every fault: links whole, clocks right, disks well, every machine on. */
export function healAll(stage: Stage): void {
  stage.network.heal()
  stage.isIdle = false
  for (const machine of stage.machines) {
    Object.assign(machine.ailments, {
      skewMs: 0,
      frozenAtMs: -1,
      pausedUntilMs: 0,
      batchMs: 4,
      diskError: null,
      lyingSync: false,
      mute: null,
    })
    if (machine.life !== null) Object.assign(machine.life, { boundariesLeft: -1, where: null })
    void startMachine(machine)
  }
}
