// Owns: the commander program out of command tables: lazy groups, `--json` everywhere, errors with the nearest name.
// Not here: any command (commands/), what an error's exit code is (errors.ts).
import { Command, CommanderError, Option } from 'commander'
import { CliError, EXIT, exitCodeOf } from './errors.ts'
import { createOutput } from './output.ts'
import type { Output } from './output.ts'

/** What a command is called with. */
export type CommandCall = {
  readonly args: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
  readonly out: Output
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Flags as commander writes them (`-n, --nodes <count>`), one sentence, and the default. */
export type OptionSpec = readonly [flags: string, about: string, fallback?: string | number | boolean]

/** One command: `path` is its words inside the group with its arguments, such as `net split <groups...>`. */
export type CommandSpec = {
  readonly path: string
  readonly about: string
  readonly options?: readonly OptionSpec[]
  readonly run: (call: CommandCall) => Promise<void> | void
}

/** A top-level word: one command or several, loaded when it is named. */
export type GroupSpec = {
  readonly name: string
  readonly about: string
  /** The commands; `words` are what follows the group's name on the command line, for groups whose flags depend on it. */
  readonly load: (words: readonly string[]) => Promise<readonly CommandSpec[]>
}

type Run = { readonly argv: readonly string[]; readonly env: CommandCall['env']; readonly out: Output; readonly texts: string[] }

function prepare(command: Command, run: Run): Command {
  command.exitOverride()
  command.configureOutput({
    writeOut: (text) => run.texts.push(text),
    writeErr: (text) => run.texts.push(text),
    outputError: () => {},
  })
  command.helpOption('-h, --help', 'Show this help')
  return command.helpCommand(false)
}

function addSpec(parent: Command, spec: CommandSpec, run: Run): void {
  const words = spec.path === '' ? [] : spec.path.split(' ')
  let at = parent
  for (const word of words) {
    if (/^[<[]/.test(word)) at.argument(word)
    else at = at.commands.find((command) => command.name() === word) ?? prepare(at.command(word), run)
  }
  at.description(spec.about)
  for (const [flags, about, fallback] of spec.options ?? []) {
    const option = new Option(flags, about)
    at.addOption(fallback === undefined ? option : option.default(fallback))
  }
  for (const [flags, about] of COMMON) at.option(flags, about)
  at.action(async () => {
    await spec.run({ args: at.args, options: at.opts(), out: run.out, env: run.env })
  })
}

const COMMON: readonly OptionSpec[] = [
  ['--json', 'Print exactly one JSON document (one per line for streams) on stdout'],
  ['--verbose', 'Show the stack of an unexpected error'],
]

function withoutCommon(argv: readonly string[]): string[] {
  return argv.filter((word) => !COMMON.some(([flag]) => flag === word))
}

/** The program with the commands of the named group alone (of every group with `all`), so that the rest costs nothing. */
async function buildProgram(groups: readonly GroupSpec[], run: Run, all = false): Promise<Command> {
  const program = prepare(new Command('naru'), run)
  program.description('Naru: the proof-of-authority chain node a city runs.')
  program.version(VERSION, '-V, --version', 'Show the version')
  for (const [flags, about] of COMMON) program.option(flags, about)
  const [named, ...words] = withoutCommon(run.argv)
  for (const group of groups) {
    const command = prepare(program.command(group.name), run).description(group.about)
    if (all || group.name === named) for (const spec of await group.load(all ? [] : words)) addSpec(command, spec, run)
    command.description(group.about)
    for (const middle of command.commands) {
      if (middle.description() === '') middle.description(middle.commands.map((child) => child.name()).join(', '))
    }
  }
  program.addHelpText('after', '\nnaru <command> --help tells more; naru help --json lists every command for tools.')
  return program
}

/** A command with its arguments, options and commands, as `naru help --json` prints it. */
export type CommandDescription = {
  readonly name: string
  readonly about: string
  readonly arguments: readonly { readonly name: string; readonly required: boolean; readonly variadic: boolean }[]
  readonly options: readonly { readonly flags: string; readonly about: string; readonly default: unknown }[]
  readonly commands: readonly CommandDescription[]
}

/** Every command of every group. */
export async function describeProgram(groups: readonly GroupSpec[]): Promise<CommandDescription> {
  const out = createOutput({ json: true, stdout: process.stdout, stderr: process.stderr })
  return describeCommand(await buildProgram(groups, { argv: [], env: {}, out, texts: [] }, true))
}

/** Version of the program. */
export const VERSION = '0.1.0'

/** Runs a command line; returns the exit code and never throws. */
export async function runCli(groups: readonly GroupSpec[], argv: readonly string[], env: CommandCall['env']): Promise<number> {
  const out = createOutput({ json: argv.includes('--json'), stdout: process.stdout, stderr: process.stderr })
  const run: Run = { argv, env, out, texts: [] }
  try {
    const words = withoutCommon(argv)
    const isHelp = words[0] === 'help'
    const program = await buildProgram(groups, run, isHelp)
    if (isHelp) out.result(describeCommand(program), program.helpInformation())
    else if (words.length === 0) throw new CliError(EXIT.usage, 'USAGE', `name a command\n\n${program.helpInformation()}`)
    else await program.parseAsync([...argv], { from: 'user' })
    return typeof process.exitCode === 'number' ? process.exitCode : EXIT.ok
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) {
      const text = run.texts.join('').trimEnd()
      out.result(error.code === 'commander.version' ? { version: VERSION } : { help: text }, text)
      return EXIT.ok
    }
    const told = error instanceof CommanderError ? buildUsageError(error, run.texts) : error
    out.fail(told, argv.includes('--verbose'))
    return exitCodeOf(told)
  }
}

function buildUsageError(error: CommanderError, texts: readonly string[]): CliError {
  const message =
    error.code === 'commander.help'
      ? `name one of its commands\n\n${texts.join('').trimEnd()}`
      : error.message.replace(/^error: /, '')
  return new CliError(EXIT.usage, 'USAGE', message)
}

function describeCommand(command: Command): CommandDescription {
  return {
    name: command.name(),
    about: command.description(),
    arguments: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      required: argument.required,
      variadic: argument.variadic,
    })),
    options: command.options.map(({ flags, description, defaultValue }) => ({
      flags,
      about: description,
      default: (defaultValue as unknown) ?? null,
    })),
    commands: command.commands.map(describeCommand),
  }
}
