import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { EnvelopeError } from '../core/execution/errors.ts'
import { REGISTRY, ROOMS } from './registry.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const readTests = (room: string): string =>
  readdirSync(new URL(`./${room}/`, import.meta.url))
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => read(`./${room}/${file}`))
    .join('\n')

describe('the registry of rooms', () => {
  it('lists the rooms in dependency order by their numbers', () => {
    expect(ROOMS.map((room) => `${room.number} ${room.name}`)).toEqual([
      '1 governance',
      '2 identity',
      '3 payment',
      '4 points',
      '5 labor',
      '6 insurance',
      '7 vote',
    ])
  })

  it('keeps the wire numbers of transactions', () => {
    const numbers = [...REGISTRY.transactionByType].map(([type, { name }]) => `${type.toString(16).padStart(4, '0')} ${name}`)
    expect(numbers).toEqual([
      '0101 governance.propose',
      '0102 governance.approve',
      '0103 governance.withdraw',
      '0104 governance.ready',
      '0201 identity.did.create',
      '0202 identity.did.update',
      '0203 identity.did.rotate',
      '0204 identity.did.suspend',
      '0205 identity.did.resume',
      '0206 identity.did.deactivate',
      '0207 identity.did.terminate',
      '0208 identity.recovery.set',
      '0209 identity.recovery.start',
      '020a identity.recovery.approve',
      '020b identity.recovery.cancel',
      '020c identity.recovery.finish',
      '020d identity.issuer.propose',
      '020e identity.issuer.accredit',
      '020f identity.issuer.suspend',
      '0210 identity.issuer.revoke',
      '0211 identity.schema.register',
      '0212 identity.status.create',
      '0213 identity.status.set',
      '0214 identity.cred.anchorBatch',
      '0215 identity.policy.register',
      '0216 identity.policy.retire',
      '0217 identity.consent.grant',
      '0218 identity.consent.withdraw',
      '0219 identity.verify.record',
      '021a identity.verify.dispute',
      '021b identity.verify.review',
      '021c identity.erasure.log',
      '0301 payment.mint',
      '0302 payment.redeem.request',
      '0303 payment.redeem.confirm',
      '0304 payment.redeem.reject',
      '0305 payment.transfer',
      '0306 payment.freeze',
      '0307 payment.unfreeze',
      '0308 payment.merchant.apply',
      '0309 payment.merchant.approve',
      '030a payment.merchant.suspend',
      '030b payment.merchant.resume',
      '030c payment.merchant.close',
      '030d payment.merchant.setTier',
      '030e payment.merchant.rotateQrKey',
      '030f payment.pay',
      '0310 payment.capture',
      '0311 payment.refund',
      '0312 payment.dispute',
      '0313 payment.resolve',
      '0314 payment.interbank.settle',
      '0315 payment.fee.collect',
      '0401 points.prog.create',
      '0402 points.prog.approve',
      '0403 points.prog.fund',
      '0404 points.prog.pause',
      '0405 points.prog.resume',
      '0406 points.prog.close',
      '0407 points.prog.setBudget',
      '0408 points.grant',
      '0409 points.grantBatch',
      '040a points.transfer',
      '040b points.payTax',
      '040c points.clawback.open',
      '040d points.clawback.object',
      '040e points.clawback.decide',
      '040f points.clawback.execute',
      '0410 points.settle',
      '0411 points.claimSurveyReward',
      '0412 points.family.set',
      '0413 points.prog.release',
      '0501 labor.offer',
      '0502 labor.guardianConsent',
      '0503 labor.accept',
      '0504 labor.decline',
      '0505 labor.withdraw',
      '0506 labor.amend.propose',
      '0507 labor.amend.accept',
      '0508 labor.notice',
      '0509 labor.guardianTerminate',
      '050a labor.settle',
      '050b labor.void',
      '050c labor.shift.open',
      '050d labor.shift.close',
      '050e labor.shift.propose',
      '050f labor.shift.confirm',
      '0510 labor.shift.dispute',
      '0511 labor.shift.resolve',
      '0512 labor.shift.correct',
      '0513 labor.payslip.issue',
      '0514 labor.payslip.accept',
      '0515 labor.payslip.object',
      '0516 labor.wage.pay',
      '0517 labor.wage.attestCash',
      '0518 labor.escrow.fund',
      '0519 labor.escrow.release',
      '051a labor.claim.file',
      '051b labor.claim.withdraw',
      '051c labor.claim.notify',
      '051d labor.claim.investigate',
      '051e labor.claim.extend',
      '051f labor.claim.order',
      '0520 labor.claim.paid',
      '0521 labor.claim.refer',
      '0522 labor.claim.certify',
      '0523 labor.claim.subrogate',
      '0524 labor.claim.close',
      '0525 labor.undeclared.report',
      '0526 labor.history.request',
      '0527 labor.history.issue',
      '0601 insurance.report',
      '0602 insurance.claimCoverage',
      '0603 insurance.lose',
      '0604 insurance.confirm',
      '0605 insurance.reject',
      '0606 insurance.decide',
      '0607 insurance.premium.post',
      '0608 insurance.premium.notice',
      '0609 insurance.workplace.set',
      '0701 vote.create',
      '0702 vote.roll.add',
      '0703 vote.roll.close',
      '0704 vote.cast',
      '0705 vote.strike',
      '0706 vote.tally.start',
      '0707 vote.tally.finish',
      '0708 vote.certify',
      '0709 vote.void',
      '070a vote.trustee.commit',
      '070b vote.trustee.complain',
      '070c vote.trustee.answer',
      '070d vote.key.finish',
      '070e vote.tally.share',
      '070f vote.cast.anon',
    ])
  })

  it('finds every error by its number', () => {
    for (const room of ROOMS) {
      for (const error of Object.values(room.errors)) expect(REGISTRY.errorByNumber.get(error.number)).toBe(error)
    }
    expect(REGISTRY.errorByNumber.get(EnvelopeError.MALFORMED.number)?.code).toBe('MALFORMED')
  })

  it.each(ROOMS.map((room) => room.name))('has a test and a line of documentation for each error of %s', (name) => {
    const room = ROOMS.find((candidate) => candidate.name === name)
    const tests = readTests(name)
    const page = read(`./${name}/README.md`)
    const codes = Object.values(room?.errors ?? {}).map((error) => error.code)
    expect(codes.length).toBeGreaterThan(0)
    expect(codes.filter((code) => !tests.includes(code))).toEqual([])
    expect(codes.filter((code) => !page.includes(code))).toEqual([])
  })

  it.each(ROOMS.map((room) => room.name))('documents each transaction, query and event of %s', (name) => {
    const room = ROOMS.find((candidate) => candidate.name === name)
    const page = read(`./${name}/README.md`)
    const declared = [...(room?.transactions ?? []), ...(room?.queries ?? []), ...(room?.events ?? [])].map((entry) => entry.name)
    expect(declared.filter((entry) => !page.includes(entry))).toEqual([])
  })
})
