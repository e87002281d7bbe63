// Owns: a closed loop of prepared HTTP requests over kept sockets, cheap enough not to be what is measured.
// Not here: what is asked (rpc.ts).
import { connect } from 'node:net'
import type { Socket } from 'node:net'

/** What a closed loop saw. */
export type LoopResult = { readonly answers: number; readonly seconds: number; readonly latenciesMs: Float64Array }

/** `nextBody` gives the next JSON body or null at the end; `checkAnswer` throws on an answer that is not the expected one. */
export type LoopOptions = {
  readonly url: string
  readonly connections: number
  readonly nextBody: () => string | null
  readonly checkAnswer: (body: string) => void
}

const HEAD_END = '\r\n\r\n'

/** Keeps one request open on each connection until the bodies end. Rejects when a connection breaks or an answer is wrong. */
export async function runLoop(options: LoopOptions): Promise<LoopResult> {
  const latencies: number[] = []
  const begun = performance.now()
  await Promise.all(Array.from({ length: options.connections }, () => runConnection(options, latencies)))
  return {
    answers: latencies.length,
    seconds: (performance.now() - begun) / 1_000,
    latenciesMs: Float64Array.from(latencies).sort(),
  }
}

function runConnection(options: LoopOptions, latencies: number[]): Promise<void> {
  const { hostname, port } = new URL(options.url)
  const head = `POST / HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nContent-Length: `
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    socket.setNoDelay(true)
    let sentAt = 0
    const sendNext = (): void => {
      const body = options.nextBody()
      if (body === null) {
        socket.end()
        resolve()
        return
      }
      sentAt = performance.now()
      socket.write(`${head}${Buffer.byteLength(body)}${HEAD_END}${body}`)
    }
    readAnswers(socket, (status, body) => {
      latencies.push(performance.now() - sentAt)
      try {
        if (status !== 200) throw new Error(`the node answered with status ${status}: ${body.slice(0, 200)}`)
        options.checkAnswer(body)
        sendNext()
      } catch (error) {
        socket.destroy()
        reject(error as Error)
      }
    })
    socket.on('connect', sendNext)
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the node closed the connection')))
  })
}

function readAnswers(socket: Socket, onAnswer: (status: number, body: string) => void): void {
  let text = ''
  socket.setEncoding('latin1')
  socket.on('data', (part: string) => {
    text += part
    for (;;) {
      const end = text.indexOf(HEAD_END)
      if (end === -1) return
      const head = text.slice(0, end)
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
      const bodyAt = end + HEAD_END.length
      if (text.length < bodyAt + length) return
      const body = text.slice(bodyAt, bodyAt + length)
      text = text.slice(bodyAt + length)
      onAnswer(Number(head.slice(9, 12)), body)
    }
  })
}
