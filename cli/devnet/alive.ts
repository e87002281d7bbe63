// Owns: whether a process still lives. Not here: whether it is one of ours (processes.ts).

/** True while a process has this pid. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
