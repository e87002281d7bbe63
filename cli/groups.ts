// Owns: the top-level command table. Not here: how a table becomes a program (command.ts), any command (commands/).
import type { GroupSpec } from './command.ts'

/** Every top-level word of the command line, in the order of `naru --help`. */
export const GROUPS: readonly GroupSpec[] = [
  {
    name: 'devnet',
    about: 'A network of validators on this machine',
    load: async () => (await import('./commands/devnet.ts')).devnetCommands,
  },
  {
    name: 'pay',
    about: 'Transfer, mint and redeem won; show a balance',
    load: async () => (await import('./commands/pay.ts')).payCommands,
  },
  {
    name: 'points',
    about: 'Points: balance, lots, grant, transfer',
    load: async () => (await import('./commands/points.ts')).pointsCommands,
  },
  {
    name: 'labor',
    about: 'What a month under a contract pays, line by line; payslips; interest, leave, severance',
    load: async () => (await import('./commands/labor.ts')).laborCommands,
  },
  {
    name: 'insurance',
    about: 'Social insurances: who must join, premiums, reports and answers',
    load: async () => (await import('./commands/insurance.ts')).insuranceCommands,
  },
  {
    name: 'tx',
    about: 'Build, sign, send and look up transactions',
    load: async (words) => (await import('./commands/tx.ts')).loadTxCommands(words),
  },
  {
    name: 'account',
    about: 'An account: record, nonces, history',
    load: async () => (await import('./commands/account.ts')).accountCommands,
  },
  {
    name: 'id',
    about: 'A citizen’s wallet and DIDs; resolve a DID; Sign in with Seoul ID',
    load: async () => (await import('./commands/id.ts')).idCommands,
  },
  {
    name: 'credential',
    about: 'Issue, hold, present, verify and revoke credentials; destroy a case',
    load: async () => (await import('./commands/credential.ts')).credentialCommands,
  },
  {
    name: 'vote',
    about: 'Polls: run one, be a trustee, vote, find your ballot, recount',
    load: async () => (await import('./commands/vote.ts')).voteCommands,
  },
  {
    name: 'proof',
    about: 'Save a proof, and check one with no network',
    load: async () => (await import('./commands/proof.ts')).proofCommands,
  },
  {
    name: 'receipt',
    about: 'Receipts that prove themselves, now and years later',
    load: async () => (await import('./commands/receipt.ts')).receiptCommands,
  },
  { name: 'status', about: 'How a node is doing', load: async () => (await import('./commands/status.ts')).statusCommands },
  {
    name: 'doctor',
    about: 'Check a node and its machine',
    load: async () => (await import('./commands/doctor.ts')).doctorCommands,
  },
  {
    name: 'consensus',
    about: 'Why the chain stands still or not',
    load: async () => (await import('./commands/consensus.ts')).consensusCommands,
  },
  { name: 'rpc', about: 'Call any JSON-RPC method', load: async () => (await import('./commands/rpc.ts')).rpcCommands },
  { name: 'node', about: 'Run a node', load: async () => (await import('./commands/node.ts')).nodeCommands },
  {
    name: 'init',
    about: 'Configuration, key and genesis skeleton for a real network',
    load: async () => (await import('./commands/init.ts')).initCommands,
  },
  {
    name: 'validator',
    about: 'Seats in the validator set: list, join, approve, leave, rotate a key',
    load: async () => (await import('./commands/validator.ts')).validatorCommands,
  },
  { name: 'keys', about: 'Key files and the sign state', load: async () => (await import('./commands/keys.ts')).keysCommands },
  {
    name: 'config',
    about: 'Check and print a configuration',
    load: async () => (await import('./commands/config.ts')).configCommands,
  },
  {
    name: 'genesis',
    about: 'Check a genesis document and tell its hash',
    load: async () => (await import('./commands/genesis.ts')).genesisCommands,
  },
  {
    name: 'snapshot',
    about: 'Make, check, restore and list snapshots of the state',
    load: async () => (await import('./commands/snapshot.ts')).snapshotCommands,
  },
  {
    name: 'backup',
    about: 'Configuration, key and sign state: copy, try out, restore',
    load: async () => (await import('./commands/backup.ts')).backupCommands,
  },
  {
    name: 'prune',
    about: 'Delete old blocks of a node',
    load: async () => (await import('./commands/prune.ts')).pruneCommands,
  },
  {
    name: 'compact',
    about: 'Give the room of deleted records back',
    load: async () => (await import('./commands/prune.ts')).compactCommands,
  },
  {
    name: 'rollback',
    about: 'Take the last blocks of a stopped node back',
    load: async () => (await import('./commands/rollback.ts')).rollbackCommands,
  },
  {
    name: 'recovery',
    about: 'Replace validators that were lost for good, by the city’s offline root keys',
    load: async () => (await import('./commands/recovery.ts')).recoveryCommands,
  },
  {
    name: 'audit',
    about: 'Execute a stopped node’s history again and compare every record',
    load: async () => (await import('./commands/audit.ts')).auditCommands,
  },
  {
    name: 'sim',
    about: 'Simulated networks of real nodes under faults',
    load: async () => (await import('./commands/sim.ts')).simCommands,
  },
]
