// Owns: the table of `naru vote`. Not here: how each verb works (cli/vote).
import type { CommandSpec } from '../command.ts'
import { organiserCommands } from '../vote/organiser.ts'
import { trusteeCommands } from '../vote/trustee.ts'
import { viewCommands } from '../vote/view.ts'
import { voterCommands } from '../vote/voter.ts'

/** Commands of `naru vote`. */
export const voteCommands: readonly CommandSpec[] = [...organiserCommands, ...trusteeCommands, ...voterCommands, ...viewCommands]
