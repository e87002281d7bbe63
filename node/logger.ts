// Owns: log lines: JSON by pino to stderr or a file, levels by module, repeated lines held back.
// Not here: which lines are worth it.
import { destination, pino } from 'pino'
import { NodeError } from '../core/base/errors.ts'
import { LOG_LEVELS } from '../rpc/node-api.ts'
import type { LogLevel } from '../rpc/node-api.ts'

/** Fields of a log line; a `bigint` is written as text. */
export type LogFields = Readonly<Record<string, unknown>>

/** How everything in the node writes a line: a constant message plus fields. `child` names the module. */
export type Logger = {
  readonly debug: (message: string, fields?: LogFields) => void
  readonly info: (message: string, fields?: LogFields) => void
  readonly warn: (message: string, fields?: LogFields) => void
  readonly error: (message: string, fields?: LogFields) => void
  readonly child: (name: string) => Logger
}

/** The logger of a process: its level can change while it runs. */
export type RootLogger = Logger & {
  /** Sets the level of everything or, with a module's name, of that module. Throws NodeError LOG_LEVEL for an unknown one. */
  readonly setLevel: (level: string, module?: string) => void
  readonly flush: () => void
}

/** What `createLogger` takes; `write` replaces the destination in tests, `nowMs` its clock. */
export type LoggerOptions = {
  readonly level?: LogLevel
  readonly levels?: Readonly<Record<string, LogLevel>>
  readonly file?: string | null
  readonly write?: (line: string) => void
  readonly nowMs?: () => number
}

/** Lines of one message that are written in one window; more are counted and told when the window ends. */
const REPEAT_MAX = 60
const REPEAT_WINDOW_MS = 10_000

type Window = { startMs: number; count: number; held: number }

/** Opens the log. The file is appended to and made if missing. */
export function createLogger(options: LoggerOptions = {}): RootLogger {
  const sink =
    options.write === undefined
      ? destination({ dest: options.file ?? 2, sync: true, mkdir: true, append: true })
      : { write: options.write }
  const base = pino(
    {
      level: 'debug',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    sink,
  )
  const levels = new Map<string, LogLevel>(Object.entries(options.levels ?? {}))
  const isRepeated = createRepeatGuard(options.nowMs ?? Date.now, (module, message, held) => {
    base.warn({ module, repeated: message, held }, 'Repeated lines were held back')
  })
  let level: LogLevel = options.level ?? 'info'

  const build = (module: string): Logger => {
    const write = (severity: 'debug' | 'info' | 'warn' | 'error', message: string, fields: LogFields = {}): void => {
      const threshold = levels.get(module) ?? levels.get(module.split('.')[0] as string) ?? level
      if (LOG_LEVELS.indexOf(severity) < LOG_LEVELS.indexOf(threshold)) return
      if (severity !== 'error' && isRepeated(module, message)) return
      base[severity]({ module, ...toJsonSafe(fields) }, message)
    }
    return {
      debug: (message, fields) => write('debug', message, fields),
      info: (message, fields) => write('info', message, fields),
      warn: (message, fields) => write('warn', message, fields),
      error: (message, fields) => write('error', message, fields),
      child: (name) => build(module === 'node' ? name : `${module}.${name}`),
    }
  }
  return {
    ...build('node'),
    setLevel: (next, module) => {
      const found = LOG_LEVELS.find((known) => known === next)
      if (found === undefined) throw new NodeError('LOG_LEVEL', `unknown log level ${next}; known are ${LOG_LEVELS.join(', ')}`)
      if (module === undefined) level = found
      else levels.set(module, found)
    },
    flush: () => base.flush(),
  }
}

function toJsonSafe(fields: LogFields): Record<string, unknown> {
  const safe: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fields)) {
    if (typeof value === 'bigint') safe[key] = value.toString()
    else if (value instanceof Error)
      safe[key] = { type: value.name, message: value.message, code: (value as { code?: unknown }).code, stack: value.stack }
    else safe[key] = value
  }
  return safe
}

function createRepeatGuard(nowMs: () => number, tell: (module: string, message: string, held: number) => void) {
  const windows = new Map<string, Window>()
  return (module: string, message: string): boolean => {
    const key = `${module} ${message}`
    const now = nowMs()
    const window = windows.get(key)
    if (window === undefined || now - window.startMs >= REPEAT_WINDOW_MS) {
      windows.set(key, { startMs: now, count: 1, held: 0 })
      if (window !== undefined && window.held > 0) tell(module, message, window.held)
      return false
    }
    window.count += 1
    if (window.count <= REPEAT_MAX) return false
    window.held += 1
    return true
  }
}
