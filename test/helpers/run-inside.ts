// Owns: running a command line inside the test's own process: what it prints and its exit code. Not here: processes (naru.ts).
import { runCli } from '../../cli/command.ts'
import { GROUPS } from '../../cli/groups.ts'

/** Runs the words with this environment beside the process's own; one at a time. */
export async function runInside(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const { stdout, stderr } = process
  const write = { out: stdout.write.bind(stdout), err: stderr.write.bind(stderr) }
  const heard = { out: '', err: '' }
  stdout.write = ((text: string) => {
    heard.out += text
    return true
  }) as typeof stdout.write
  stderr.write = ((text: string) => {
    heard.err += text
    return true
  }) as typeof stderr.write
  try {
    const code = await runCli(GROUPS, words, { ...process.env, ...env })
    return { code, stdout: heard.out, stderr: heard.err }
  } finally {
    stdout.write = write.out as typeof stdout.write
    stderr.write = write.err as typeof stderr.write
  }
}
