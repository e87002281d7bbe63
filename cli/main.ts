// Owns: the start of the command line. Not here: its commands (groups.ts), how they are run (command.ts).
import { runCli } from './command.ts'
import { GROUPS } from './groups.ts'

process.exitCode = await runCli(GROUPS, process.argv.slice(2), process.env)
