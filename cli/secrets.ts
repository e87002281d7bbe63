// Owns: passphrases on the command line: environment, or a person at a terminal. Not here: key files (node/keystore.ts).
import { CliError, EXIT } from './errors.ts'

/** Passphrase from `variable`, else asked for on a terminal (twice with `confirm`); without either a usage error. */
export async function readSecret(options: {
  env: Readonly<Record<string, string | undefined>>
  variable: string
  question: string
  confirm?: boolean
}): Promise<string> {
  const { env, variable, question, confirm = false } = options
  const given = env[variable]
  if (given !== undefined) return given
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) {
    throw new CliError(EXIT.usage, 'NO_PASSPHRASE', `there is no terminal to ask for the passphrase; set ${variable}`)
  }
  const first = await askHidden(`${question}: `)
  if (confirm && (await askHidden('the same again: ')) !== first)
    throw new CliError(EXIT.usage, 'PASSPHRASE_DIFFERS', 'the two passphrases differ')
  return first
}

/** Reads a line without echo. Ctrl-C ends the process. */
function askHidden(question: string): Promise<string> {
  process.stderr.write(question)
  const { stdin } = process
  stdin.setRawMode(true)
  stdin.resume()
  stdin.setEncoding('utf8')
  return new Promise((resolve) => {
    let text = ''
    const onData = (chunk: string): void => {
      for (const char of chunk) {
        if (char === '\u0003') process.exit(EXIT.interrupted)
        if (char === '\r' || char === '\n' || char === '\u0004') {
          stdin.off('data', onData)
          stdin.setRawMode(false)
          stdin.pause()
          process.stderr.write('\n')
          resolve(text)
          return
        }
        text = char === '\u007f' || char === '\b' ? text.slice(0, -1) : text + char
      }
    }
    stdin.on('data', onData)
  })
}
