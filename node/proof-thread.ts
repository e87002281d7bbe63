// Owns: starting and ending a thread of Node for costly checks. Not here: what it does (proof-worker.ts), when (proof-desk.ts).
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { StartProofThread } from './proof-desk.ts'
import type { ProofAnswer } from './proof-worker.ts'

/** Threads that are worth starting on this machine: one is left for the loop. */
export const PROOF_THREADS_MAX: number = Math.max(1, Math.min(4, availableParallelism() - 1))

/** Starts a thread, which does not keep the process alive. */
export const startProofThread: StartProofThread = ({ onAnswer, onEnd }) => {
  const worker = new Worker(new URL('./proof-worker.ts', import.meta.url))
  worker.unref()
  worker.on('message', (answer: ProofAnswer) => onAnswer(answer))
  let isOver = false
  const end = (): void => {
    if (isOver) return
    isOver = true
    onEnd()
  }
  worker.on('error', end)
  worker.on('exit', end)
  return {
    post: (task) => worker.postMessage(task),
    stop() {
      isOver = true
      void worker.terminate()
    },
  }
}
