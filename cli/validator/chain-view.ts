// Owns: what `naru validator` asks a node about seats, votes and attendance. Not here: what it makes of it (quorum.ts, commands).
import { callRpc } from '../rpc-client.ts'
import type { RpcAddress } from '../rpc-client.ts'

/** A validator as JSON. */
export type ValidatorRow = {
  readonly authority: string
  readonly publicKey: string
  readonly name: string
  readonly peerId: string
  readonly addresses: readonly string[]
}

/** An action about a seat as JSON; other kinds have other fields. */
export type ActionRow = { readonly kind: string; readonly authority?: string } & Readonly<Record<string, unknown>>

/** A proposal as JSON. */
export type ProposalRow = {
  readonly action: ActionRow
  readonly council: string
  readonly proposer: string
  readonly expiresAt: number
  readonly status: string
}

/** Votes on a proposal as JSON. */
export type VotesRow = {
  readonly status: string
  readonly approvals: number
  readonly threshold: number
  readonly members: readonly { readonly account: string; readonly name: string | null; readonly approved: boolean }[]
}

/** Attendance of a seat as JSON. */
export type AttendanceRow = {
  readonly authority: string
  readonly name: string
  readonly since: number
  readonly observed: number
  readonly missed: number
  readonly streak: number
  readonly lastSigned: number
  readonly online: boolean
  readonly inactive: boolean
  readonly barred: boolean
}

/** Attendance of all seats as JSON. */
export type PerformanceRow = {
  readonly from: number
  readonly upTo: number
  readonly window: number
  readonly online: number
  readonly quorum: number
  readonly validators: readonly AttendanceRow[]
}

/** A decided change as JSON. */
export type PendingRow = {
  readonly height: number
  readonly changes: readonly { readonly kind: string; readonly authority?: string }[]
}

/** The running set as JSON. */
export type SuccessionRow = {
  readonly epoch: number
  readonly since: number
  readonly validators: number
  readonly quorum: number
  readonly online: number
  readonly seatsPerActivation: number
  readonly pending: readonly PendingRow[]
  readonly suspended: readonly { readonly authority: string; readonly since: number }[]
}

/** A seat as JSON. */
export type SeatRow = {
  readonly nonce: number
  readonly validator: ValidatorRow | null
  readonly decided: ValidatorRow | null
  readonly ready: { readonly publicKey: string; readonly height: number; readonly at: number } | null
  readonly suspended: boolean
  readonly barred: boolean
}

/** The chain as JSON. */
export type ChainRow = { readonly chainId: string; readonly network: 'city' | 'test' | 'devnet'; readonly genesisHash: string }

/** The consensus parameters that seats depend on. */
export type SeatParams = { readonly readyWindow: number; readonly validatorsMin: number; readonly activationDelay: number }

/** Questions to one node. */
export type ChainView = {
  readonly rpc: RpcAddress
  readonly chain: () => Promise<ChainRow>
  /** Height, and the id of the newest block whose certificate stands in another one. */
  readonly head: () => Promise<{ readonly height: number; readonly parentId: string }>
  readonly params: () => Promise<SeatParams>
  readonly seat: (authority: string) => Promise<SeatRow>
  readonly performance: () => Promise<PerformanceRow>
  readonly succession: () => Promise<SuccessionRow>
  readonly validators: () => Promise<readonly ValidatorRow[]>
  readonly proposal: (proposalId: string) => Promise<ProposalRow>
  readonly votes: (proposalId: string) => Promise<VotesRow>
  /** Open proposals, newest first. */
  readonly open: () => Promise<readonly { readonly proposalId: string; readonly proposal: ProposalRow }[]>
  /** True once the node is not behind its peers. */
  readonly isSynced: () => Promise<boolean>
}

/** Builds the view of a node. */
export function createChainView(rpc: RpcAddress): ChainView {
  const read = async <T>(method: string, params: object = {}): Promise<T> =>
    (await callRpc<{ value: T }>(rpc, method, params)).value
  return {
    rpc,
    chain: () => callRpc<ChainRow>(rpc, 'chain_id'),
    head: () => read<{ height: number; parentId: string }>('chain_head'),
    params: () => read<SeatParams>('chain_getParams'),
    seat: (authority) => read<SeatRow>('governance_getSeat', { authority }),
    performance: () => read<PerformanceRow>('governance_validatorPerformance'),
    succession: () => read<SuccessionRow>('governance_getSuccession'),
    validators: () => read<readonly ValidatorRow[]>('governance_getValidators'),
    proposal: (proposalId) => read<ProposalRow>('governance_getProposal', { proposalId }),
    votes: (proposalId) => read<VotesRow>('governance_getVotes', { proposalId }),
    open: async () =>
      (
        await read<{ items: readonly { proposalId: string; proposal: ProposalRow }[] }>('governance_listProposals', {
          status: 'open',
        })
      ).items,
    isSynced: async () => !(await callRpc<{ syncing: boolean }>(rpc, 'node_sync')).syncing,
  }
}
