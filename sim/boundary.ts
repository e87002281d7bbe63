// Owns: names of the moments at which a crash leaves different things behind: each arrow of rules W2 and W7.
// Not here: crashing there (machine-start.ts), the disk (disk.ts).

/** The next thing that would have happened; a crash comes just before it. */
export const BOUNDARIES = [
  'log create',
  'log write',
  'log sync',
  'log delete',
  'log folder sync',
  'journal write',
  'journal sync',
  'publish',
  'store batch',
  'after store batch',
] as const

/** One of those moments. */
export type Boundary = (typeof BOUNDARIES)[number]

/** What the simulated store announces once a batch has landed. */
export const STORE_AFTER = 'store, landed'

/** The name of a change of disk or store; null for one that has none of its own. */
export function boundaryOf(
  kind: string,
  path: string,
  places: { logDir: string; signStates: readonly string[] },
): Boundary | null {
  if (kind === 'batch') return path === STORE_AFTER ? 'after store batch' : 'store batch'
  if (places.signStates.includes(path)) return kind === 'write' ? 'journal write' : kind === 'sync' ? 'journal sync' : null
  if (!path.startsWith(places.logDir)) return null
  switch (kind) {
    case 'create':
      return 'log create'
    case 'write':
      return 'log write'
    case 'sync':
      return 'log sync'
    case 'unlink':
      return 'log delete'
    case 'syncDirectory':
      return 'log folder sync'
    default:
      return null
  }
}
