// Owns: how a node ends: once, in reverse order of its parts, within ten seconds, with an exit code.
// Not here: what the parts release (node.ts).
import { describeFatal } from './driver.ts'
import { exitCodeOfFault } from './exit-codes.ts'
import type { RootLogger } from './logger.ts'

/** What is released when the node stops, in reverse order. */
export type Releases = (() => Promise<void> | void)[]

const STOP_TIMEOUT_MS = 10_000

/** Builds the ends of a node over what it has to release. */
export function createStopper(log: RootLogger, releases: Releases) {
  let resolveStopped: (end: { reason: string; exitCode: number }) => void = () => undefined
  const stopped = new Promise<{ reason: string; exitCode: number }>((resolve) => {
    resolveStopped = resolve
  })
  let running: Promise<void> | null = null
  const end = (reason: string, exitCode: number): Promise<void> => {
    running ??= (async () => {
      log.info('Stopping', { reason })
      const guard = setTimeout(
        () => resolveStopped({ reason: `${reason} (forced)`, exitCode: exitCode === 0 ? 1 : exitCode }),
        STOP_TIMEOUT_MS,
      )
      for (const release of releases.splice(0).reverse()) {
        try {
          await release()
        } catch (error) {
          log.error('A part did not stop cleanly', { error })
        }
      }
      clearTimeout(guard)
      log.info('Stopped', { reason })
      resolveStopped({ reason, exitCode })
    })()
    return running
  }
  return {
    stopped,
    stop: (reason: string) => end(reason, 0),
    fatal(error: unknown) {
      const { code, text } = describeFatal(error)
      log.error('The node stops: it cannot be sure', { code, reason: text })
      return end(`${code}: ${text}`, exitCodeOfFault(error))
    },
  }
}
