// Owns: what payment tells when money moved. Not here: when (the transactions, redemption.ts).
import { defineEvent } from '../../core/execution/module.ts'
import {
  FrozenEvent,
  MintedEvent,
  RedeemRejectedEvent,
  RedeemRequestedEvent,
  RedeemedEvent,
  TransferredEvent,
  UnfrozenEvent,
} from './schema.ts'

/** A bank issued tokens against a deposit. */
export const Minted = defineEvent({
  type: 0x0381,
  name: 'payment.minted',
  payload: MintedEvent,
  about: 'A bank issued tokens against a deposit.',
})

/** Tokens went from one account to another. */
export const Transferred = defineEvent({
  type: 0x0382,
  name: 'payment.transferred',
  payload: TransferredEvent,
  about: 'Tokens went from one account to another.',
})

/** A holder asks its bank to turn tokens into a deposit. */
export const RedeemRequested = defineEvent({
  type: 0x0383,
  name: 'payment.redeemRequested',
  payload: RedeemRequestedEvent,
  about: 'A holder asks its bank to turn tokens into a deposit.',
})

/** A bank paid out and the tokens are gone. */
export const Redeemed = defineEvent({
  type: 0x0384,
  name: 'payment.redeemed',
  payload: RedeemedEvent,
  about: 'A bank paid out and the tokens are gone.',
})

/** A redemption was refused or not answered in time; the tokens are back. */
export const RedeemRejected = defineEvent({
  type: 0x0385,
  name: 'payment.redeemRejected',
  payload: RedeemRejectedEvent,
  about: 'A redemption was refused or not answered in time; the tokens are back.',
})

/** An account, or a part of its balance, was frozen. */
export const Frozen = defineEvent({
  type: 0x0386,
  name: 'payment.frozen',
  payload: FrozenEvent,
  about: 'An account, or a part of its balance, was frozen.',
})

/** A freeze was lifted. */
export const Unfrozen = defineEvent({
  type: 0x0387,
  name: 'payment.unfrozen',
  payload: UnfrozenEvent,
  about: 'A freeze was lifted.',
})

/** Every event of the room. */
export const PAYMENT_EVENTS = [Minted, Transferred, RedeemRequested, Redeemed, RedeemRejected, Frozen, Unfrozen] as const
