// Owns: numbers of merchants: fifteen digits, the last a check digit by Luhn's rule (ISO/IEC 7812-1, annex B).
// Not here: who has one.

const DIGITS = 15
const FIRST = 10n ** 13n

/** The number of the merchant that was registered `index`-th, from 0. */
export function merchantIdOf(index: number): string {
  const body = (FIRST + BigInt(index)).toString()
  return `${body}${luhnDigit(body)}`
}

/** True for fifteen digits whose last one fits. */
export function isMerchantId(text: string): boolean {
  return text.length === DIGITS && /^\d+$/.test(text) && luhnDigit(text.slice(0, -1)) === Number(text.at(-1))
}

function luhnDigit(body: string): number {
  let sum = 0
  for (let i = 0; i < body.length; i++) {
    const digit = body.charCodeAt(body.length - 1 - i) - 48
    const doubled = i % 2 === 0 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return (10 - (sum % 10)) % 10
}
