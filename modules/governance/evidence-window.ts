// Owns: how far back evidence is taken: 100,000 blocks and 48 hours, both must have passed (consensus.md 4, G8).
// Not here: judging evidence (evidence.ts). State knows no header of the past, so a few blocks are marked with their times.
import { LIMITS } from '../../core/base/limits.ts'
import type { Height, TimeMs } from '../../core/base/ids.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { WriteView } from '../../core/state/view.ts'
import { MARK_BLOCKS, MARK_MS } from './evidence-schema.ts'
import type { EvidenceWindow } from './evidence-schema.ts'
import { evidenceWindow } from './evidence-store.ts'

type At = { readonly height: Height; readonly time: TimeMs }

/** The window of a chain that begins. */
export function initEvidenceWindow(view: WriteView, genesis: At): void {
  evidenceWindow.set(view, null, { total: 0, horizon: genesis.height, marks: [{ height: genesis.height, time: genesis.time }] })
}

/** Moves the window on to this block; writes only where something changes, every thousandth block or so. */
export function advanceEvidenceWindow(view: WriteView, block: Pick<BlockEnv, 'height' | 'time'>): void {
  const before = evidenceWindow.mustGet(view, null)
  const after = moveWindow(before, { height: block.height, time: block.time })
  if (after !== before) evidenceWindow.set(view, null, after)
}

/** The window after a block; the same object where nothing changes. */
export function moveWindow(window: EvidenceWindow, at: At): EvidenceWindow {
  const past = window.marks.filter((mark) => isPast(mark, at))
  const newest = past.at(-1)
  const last = window.marks.at(-1)
  const isDue = last === undefined || (at.height - last.height >= MARK_BLOCKS && at.time - last.time >= MARK_MS)
  if (newest === undefined && !isDue) return window
  const marks = isDue ? [...window.marks, at] : window.marks
  return { ...window, horizon: newest?.height ?? window.horizon, marks: marks.slice(past.length) }
}

function isPast(mark: At, at: At): boolean {
  return at.height - mark.height > LIMITS.evidenceBlocksMax && at.time - mark.time > LIMITS.evidenceMsMax
}
