// Owns: planted bugs of signing, journal, write-ahead log, commit and restart (consensus.md 3.1, 3.2).
// Not here: bugs of agreement (lock-bugs.ts, round-bugs.ts).
import { runs, tests } from './kinds.ts'
import type { Edit, Mutant } from './kinds.ts'

const inSigner = (find: string, replace: string): Edit => ({ file: 'node/signer.ts', find, replace })
const inGuard = (find: string, replace: string): Edit => ({ file: 'node/storage/sign-guard.ts', find, replace })
const inEffects = (find: string, replace: string): Edit => ({ file: 'node/effects.ts', find, replace })
const inWal = (find: string, replace: string): Edit => ({ file: 'node/storage/wal.ts', find, replace })

const RECORD = 'parts.journal.record({ height, round, step, blockIdHex: blockId, signBytes, signature })'
const START_LOG = '  base.heightLog.startHeight(height + 1)\n'
const COMMIT = '  await commitBlock({'

/** Bugs of the signer and its journal. */
const SIGNING: readonly Mutant[] = [
  {
    name: 'vote-before-journal',
    about: 'a vote leaves before its journal record is durable (goloop doSendVote)',
    edits: [inSigner(RECORD, `queueMicrotask(() => ${RECORD})`)],
    suites: [runs('calm', '1..1', 4)],
  },
  {
    name: 'journal-sync-skipped',
    about: 'the journal is written and not synced: a power cut takes the signature back',
    edits: [{ file: 'node/storage/journal.ts', find: '        disk.fdatasyncSync(fd)\n      })', replace: '      })' }],
    suites: [runs('every-boundary', '1..2', 4), tests('node/storage/journal.test.ts')],
  },
  {
    name: 'journal-error-swallowed',
    about: 'a failed sync of the journal is not told, and the vote leaves (fsyncgate)',
    edits: [{ file: 'node/storage/journal.ts', find: "      status = 'broken'\n      throw error", replace: '      void error' }],
    suites: [tests('node/storage/journal.test.ts')],
  },
  {
    name: 'journal-slot-overwritten',
    about: 'the newest slot is overwritten in place, so a torn write loses it (Tendermint #3418)',
    edits: [{ file: 'node/storage/journal.ts', find: 'const target = 1 - index', replace: 'const target = index' }],
    suites: [tests('node/storage/journal.test.ts')],
  },
  {
    name: 'signer-signs-other-bytes',
    about: 'the same height, round and step is signed again with other bytes',
    edits: [
      inGuard(
        '    return refuse(`other bytes were already signed at',
        "    if (request.height > 0) return { kind: 'sign' }\n    return refuse(`other bytes were already signed at",
      ),
    ],
    suites: [tests('node/storage/sign-guard.test.ts')],
  },
  {
    name: 'signer-goes-back',
    about: 'a step below the last signature is signed',
    edits: [inGuard('compareSignPoints(request, state.last) < 0', 'compareSignPoints(request, state.last) < -1_000_000')],
    suites: [tests('node/storage/sign-guard.test.ts')],
  },
  {
    name: 'signer-ignores-lock',
    about: 'the guard lets a prevote against the lock through',
    edits: [inGuard('return request.round > lock.round && request.validRound < lock.round', 'return false')],
    suites: [tests('node/storage/sign-guard.test.ts')],
  },
  {
    name: 'floor-off-by-one',
    about: 'the height that the operator closed is signed',
    edits: [inGuard('if (request.height <= state.floorHeight) {', 'if (request.height < state.floorHeight) {')],
    suites: [tests('node/storage/sign-guard.test.ts')],
  },
  {
    name: 'lock-lost-in-journal',
    about: 'a later prevote drives the lock out of the journal (CometBFT keeps the last signature only)',
    edits: [
      {
        file: 'node/storage/sign-state.ts',
        find: 'lastLock: step === SIGN_STEP.precommit && blockIdHex !== null ? record : base.lastLock,',
        replace: 'lastLock: step === SIGN_STEP.precommit && blockIdHex !== null ? record : null,',
      },
    ],
    suites: [tests('node/storage/journal.test.ts', 'node/storage/sign-guard.test.ts')],
  },
]

/** Bugs of restarts. */
const RESTARTS: readonly Mutant[] = [
  {
    name: 'lock-forgotten-at-restart',
    about: 'a restarted validator forgets its lock (Besu latestPreparedCertificate)',
    edits: [inSigner('lockedRound: isLocked ? lastLock.round : -1,', 'lockedRound: -1,')],
    suites: [runs('storm', '1..2'), tests('node/signer.test.ts')],
  },
  {
    name: 'round-forgotten-at-restart',
    about: 'a restarted validator begins at round 0 and asks for signatures that it made before',
    edits: [{ file: 'consensus/state.ts', find: '  state.signedUpTo = signedUpToOf(signedBefore)\n', replace: '' }],
    suites: [runs('crashes', '1..1'), tests('consensus/transcript.test.ts')],
  },
  {
    name: 'signs-before-asking',
    about: 'a machine restored from a backup signs before it has heard where the others stand (W9)',
    edits: [{ file: 'node/restart-guard.ts', find: 'let open = false', replace: 'let open = true' }],
    suites: [runs('old-backup', '1..3', 4), tests('node/restart-guard.test.ts')],
  },
  {
    name: 'own-twin-tolerated',
    about: 'a node that sees its own key sign elsewhere goes on signing',
    edits: [
      {
        file: 'node/consensus-link.ts',
        find: 'parts.onTwin(`',
        replace: 'void (`',
      },
    ],
    suites: [tests('node/consensus-link.test.ts')],
  },
]

/** Bugs of the log and of commits. */
const LOGS: readonly Mutant[] = [
  {
    name: 'commit-before-sync',
    about: 'clients hear of a block before its batch is durable',
    edits: [{ file: 'node/commit.ts', find: 'await chain.writeCommit(', replace: 'void chain.writeCommit(' }],
    suites: [runs('every-boundary', '1..2', 4), tests('node/commit.test.ts')],
  },
  {
    name: 'log-pruned-before-commit',
    about: 'the log of a height is deleted before its block is in the store (W7)',
    edits: [
      { file: 'node/chain-consensus.ts', find: COMMIT, replace: `${START_LOG}${COMMIT}` },
      {
        file: 'node/chain-consensus.ts',
        find: `${START_LOG}  base.evidence.onCommit()`,
        replace: '  base.evidence.onCommit()',
      },
    ],
    suites: [runs('every-boundary', '1..3', 4)],
  },
  {
    name: 'log-of-the-wrong-height',
    about: 'the log is read at the height of the head (Malachite: WAL reset at the wrong height)',
    edits: [{ file: 'node/wal-replay.ts', find: 'const height = head.height + 1', replace: 'const height = head.height' }],
    suites: [tests('node/wal-replay.test.ts')],
  },
  {
    name: 'log-not-flushed-before-vote',
    about: 'a precommit leaves while the body that it is for is only in memory (W2)',
    edits: [
      inEffects(
        '  if (isOver(parts, effect.vote.height)) return\n  parts.wal.flush()',
        '  if (isOver(parts, effect.vote.height)) return',
      ),
    ],
    suites: [runs('every-boundary', '1..3', 4), tests('node/driver.test.ts')],
  },
  {
    name: 'body-not-logged',
    about: 'a block is voted for without its body in the log: a blackout leaves a decided block that nobody has',
    edits: [inEffects('  parts.wal.append(WAL_TYPES.block, candidate.encoded)\n', '')],
    suites: [runs('every-boundary', '1..3', 4)],
  },
  {
    name: 'log-sync-skipped',
    about: 'the log is written and not synced',
    edits: [inWal('      disk.fdatasyncSync(fd)\n      sizeBytes += bytes.length', '      sizeBytes += bytes.length')],
    suites: [runs('every-boundary', '1..3', 4), tests('node/storage/wal.test.ts')],
  },
  {
    name: 'log-error-swallowed',
    about: 'a failed write of the log is not told, and the vote leaves',
    edits: [inWal("      status = 'broken'\n      throw error", '      void error')],
    suites: [tests('node/storage/wal.test.ts')],
  },
  {
    name: 'rotten-log-trusted',
    about: 'a log that is damaged in its middle does not close its height (W8)',
    edits: [{ file: 'node/wal-replay.ts', find: "content.status === 'corrupt' || journal.damaged", replace: 'journal.damaged' }],
    suites: [tests('node/wal-replay.test.ts')],
  },
  {
    name: 'decided-height-signed',
    about: 'a height that sync committed meanwhile is signed (W10)',
    edits: [inEffects('return height <= parts.executor.head().height\n', 'return height < 0\n')],
    suites: [runs('old-backup', '1..2', 4), runs('lost-files', '1..2', 4), runs('crashes', '1..2', 4)],
  },
]

/** Every planted bug of durability. */
export const DURABILITY_BUGS: readonly Mutant[] = [...SIGNING, ...RESTARTS, ...LOGS]
