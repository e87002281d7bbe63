// Owns: the thread that judges costly statements, one after another, off the loop of consensus. Not here: which (proof-desk.ts).
import { parentPort } from 'node:worker_threads'
import { REGISTRY } from '../modules/registry.ts'

/** A statement to judge. */
export type ProofTask = { readonly id: number; readonly type: number; readonly statement: Uint8Array }
/** Its verdict; `isMade` is false where the room's own code failed on it, and the loop shall see that for itself. */
export type ProofAnswer = { readonly id: number; readonly isMade: boolean; readonly verdict: string | null }

function answerOf({ id, type, statement }: ProofTask): ProofAnswer {
  try {
    const judge = REGISTRY.transactionByType.get(type)?.costly?.judge
    return judge === undefined ? { id, isMade: false, verdict: null } : { id, isMade: true, verdict: judge(statement) }
  } catch {
    return { id, isMade: false, verdict: null }
  }
}

parentPort?.on('message', (task: ProofTask) => parentPort?.postMessage(answerOf(task)))
