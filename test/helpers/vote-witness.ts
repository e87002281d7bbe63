// Owns: a witness of votes for tests: reads the write-ahead logs of running nodes over and over and looks for two contents signed by
// one validator at one height, round and step. Not here: how votes are logged (node/wal-records.ts).
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fromHex } from '../../core/base/bytes.ts'
import { NodeError } from '../../core/base/errors.ts'
import { decodeWalRecord } from '../../node/wal-records.ts'
import { readWal } from '../../node/storage/wal.ts'
import type { WalRecord } from '../../node/storage/wal-format.ts'
import { nodePaths } from '../../cli/devnet/layout.ts'
import type { Devnet } from './devnet.ts'

/** What was seen so far. */
export type VoteWitness = {
  /** Signed proposals and votes, each counted once however many logs hold it. */
  readonly seen: () => number
  /** Sentences about double signatures; a right network gives none. */
  readonly conflicts: string[]
  readonly stop: () => void
}

const PERIOD_MS = 30

/** Watches every node of the devnet until `stop`. */
export function watchVotes(devnet: Devnet): VoteWitness {
  const contents = new Map<string, string>()
  const conflicts: string[] = []
  const chainTag = fromHex(devnet.genesisHash.slice(0, 16))
  const note = (point: string, content: string): void => {
    const known = contents.get(point)
    if (known === undefined) contents.set(point, content)
    else if (known !== content) conflicts.push(`${point}: ${known} and ${content}`)
  }
  const look = (): void => {
    for (const { name } of devnet.layout.nodes) {
      const dir = join(nodePaths(devnet.dir, name).data, 'wal')
      for (const height of existsSync(dir) ? heightsIn(dir) : []) {
        for (const record of readIntact({ dir, chainTag, height })) {
          const entry = decodeWalRecord(record)
          if (!('kind' in entry)) continue
          if (entry.kind === 'vote') {
            const { type, round, blockId, validRound, validator } = entry.vote
            note(`${validator} ${type} ${entry.vote.height}/${round}`, `${blockId ?? 'nil'} ${validRound}`)
          } else if (entry.kind === 'proposal') {
            const { proposer, round, blockId, validRound } = entry.proposal
            note(`${proposer} proposal ${entry.proposal.height}/${round}`, `${blockId} ${validRound}`)
          }
        }
      }
    }
  }
  const timer = setInterval(look, PERIOD_MS)
  return { seen: () => contents.size, conflicts, stop: () => clearInterval(timer) }
}

// A log that a test made rotten tells nothing.
function readIntact(place: { dir: string; chainTag: Uint8Array; height: number }): readonly WalRecord[] {
  try {
    return readWal(place).records
  } catch (error) {
    if (error instanceof NodeError) return []
    throw error
  }
}

function heightsIn(dir: string): readonly number[] {
  return readdirSync(dir).flatMap((name) => {
    const match = /^(\d{16})\.wal$/.exec(name)
    return match === null ? [] : [Number(match[1])]
  })
}
