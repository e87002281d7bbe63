// Owns: the public surface of the SDK; the one barrel of the house. Not here: anything else.
export { createClient, REQUEST_TIMEOUT_MS } from './client.ts'
export type { BatchCall, CallFunction, CallOptions, Client, ClientOptions } from './client.ts'
export { httpTransport } from './transport.ts'
export type { HttpOptions, RequestOptions, RpcRequest, Transport } from './transport.ts'
export { webSocketTransport } from './web-socket.ts'
export type { WebSocketOptions } from './web-socket.ts'
export type { Stream, StreamFilter, StreamItem, StreamTopic } from './stream.ts'
export type { Json } from '../core/codec/schema.ts'
export { LightError, RpcError, TransactionError } from './errors.ts'
export type { LightErrorCode, RpcErrorData } from './errors.ts'
export { CodecError, NodeError } from '../core/base/errors.ts'
export type {
  HeaderJson,
  Read,
  ReadContext,
  ReceiptJson,
  RpcMethods,
  StateProofJson,
  TransactionProofJson,
  TxStatusJson,
} from './methods.ts'
export { chainOfGenesis, formatAccount, parseAccount, readChain } from './chain.ts'
export type { ChainRef } from './chain.ts'
export { createWallet, deriveGenesisAccount, deriveNewAccount, derivePublicKey } from './wallet.ts'
export type { Wallet, WalletOptions } from './wallet.ts'
export {
  buildTransaction,
  completeTransaction,
  decodeUnsigned,
  encodeAction,
  encodeUnsigned,
  signAs,
  signTransaction,
} from './transaction.ts'
export type { Action, Envelope, Sponsor, UnsignedTransaction } from './transaction.ts'
export { signRead } from './signed-read.ts'
export type { Reader, ReadAuthJson, SignedCall } from './signed-read.ts'
export { createSender } from './sender.ts'
export type { Sender, SenderOptions, Submitted } from './sender.ts'
export {
  formatTransaction,
  requireFinal,
  submitAndWait,
  submitTransaction,
  waitForEnd,
  waitForFinal,
  WAIT_TIMEOUT_MS,
} from './wait.ts'
export type { FinalTransaction, WaitOptions } from './wait.ts'
export { createDid, mint, newKey, transfer } from './rooms.ts'
export type { FirstKey, TypedAction } from './rooms.ts'
export {
  capturePayment,
  disputePayment,
  grantPoints,
  grantPointsBatch,
  payMerchant,
  payTaxWithPoints,
  refundPayment,
  settlePoints,
  transferPoints,
} from './money.ts'
export type { GrantWish, MerchantOrder } from './money.ts'
export { buildMerchantCode, buildPayerCode, readEmvCode, readMerchantCode, readPayerCode } from './codes.ts'
export type { MerchantCodeInput } from './codes.ts'
export { proveMerchantPayment, proveMerchantPayments, watchMerchant } from './merchant.ts'
export type { MerchantPayment, MerchantWatch, ProvenAsk } from './merchant.ts'
export { eventIdOf, personTagOf } from '../modules/points/tags.ts'
export { answerToken, createTokenKeys, finishToken, requestToken, verifyToken } from './points-token.ts'
export type { Token, TokenAnswer, TokenKeys, TokenRequest } from './points-token.ts'
export { guardianCommitment } from '../modules/identity/recovery.ts'
export { addDays, kstDate } from '../core/base/civil-time.ts'
export { KEY_PURPOSES } from '../core/execution/module.ts'
export { followValidators, trustFromGenesis, trustFromValidators } from './trust.ts'
export type { Trust, TrustLink } from './trust.ts'
export { readStateProof, readTransactionProof } from './proof.ts'
export type { ProofBase, ReceiptProof, StateProof, TransactionProof } from './proof.ts'
export { fetchStateProof, fetchTransactionProof } from './fetch-proof.ts'
export { verifyReceipt, verifyStateProof, verifyTransactionProof } from './verify.ts'
export type { ProvenReceipt, ProvenState, ProvenTransaction, Verdict } from './verify.ts'
export { beginAtCheckpoint, beginAtGenesis, followChange, formatCheckpoint, parseCheckpoint, trustAt } from './epochs.ts'
export type { Bootstrap, Checkpoint, Epoch, TrustedChain } from './epochs.ts'
export {
  CLOCK_DRIFT_MS,
  createLightClient,
  fetchCheckpoint,
  nameCulprits,
  reportFork,
  TRUSTING_PERIOD_MS,
} from './light-client.ts'
export type { LightClient, LightClientOptions } from './light-client.ts'
export { checkFork, culpritsOf } from './fork.ts'
export type { Culprit, Culprits, FinalHeader, ForkEvidence } from './fork.ts'
export { fetchReceipt, verifyReceiptBundle } from './receipt-bundle.ts'
export type { Beginning, ReceiptBundle } from './receipt-bundle.ts'
export {
  decodeProof,
  encodeReceipt,
  encodeStateProof,
  encodeTransactionProof,
  formatProof,
  parseProof,
  PROOF_FILE_VERSION,
} from './proof-file.ts'
export type { Proof, ReceiptFile, StateProofFile, TransactionProofFile } from './proof-file.ts'
export {
  decodeAccount,
  decodeBalance,
  decodeDid,
  decodeNonce,
  decodePaymentAccount,
  decodeRecord,
  decodeValidators,
  STATE_KEYS,
} from './records.ts'
export { keyImage, signRing, verifyRing } from '../modules/vote/crypto/ring.ts'
export { findCount } from '../modules/vote/crypto/tally.ts'
export type { Bundle, BundleFile } from './vote/bundle.ts'
export { readBundle } from './vote/bundle.ts'
export { authoriseAnon, imageOf } from './vote/anon.ts'
export { commitBatch, createRollDesk, parseRollRequest, requestRollEntry } from './vote/eligibility.ts'
export type { Asked, RollBatch, RollDesk, RollRequest, SealedLine } from './vote/eligibility.ts'
export { auditBallot, prepareBallot } from './vote/prepare.ts'
export type { AuditedBallot, PreparedBallot } from './vote/prepare.ts'
export { createRewardDesk, requestReward } from './vote/reward.ts'
export type { RewardDesk, RewardRequest, RewardVoter } from './vote/reward.ts'
export { openCounts } from './vote/opening.ts'
export type { Ask, Complaints, PollNow, PollReader, TrusteeParts, VoterPlace } from './vote/reader.ts'
export { createPollReader } from './vote/reader.ts'
export { sealBallot } from './vote/seal.ts'
export type { Opening, SealPlace } from './vote/seal.ts'
export { findOwnBallot, receiptOf, traceBallot } from './vote/track.ts'
export type { BallotReceipt, BallotTrace } from './vote/track.ts'
export { createPolynomial, dealingOf, isFittingShare, openingOf, secretOf, shareOf } from './vote/trustee.ts'
export type { Finding, Recount } from './vote/verify.ts'
export { recount } from './vote/verify.ts'
export { authorise, createElectionKey, proofBytes, randomScalar, rollEntry } from './vote/voter.ts'
