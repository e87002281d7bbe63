// Owns: what every story on a devnet needs to be held to its word: a wrong turn, a check of figures, a refusal that must come.
// Not here: the stories (cafe-month.ts, district-budget.ts, no-documents.ts).

/** Says what happened, with the facts for who reads documents. */
export type Tell = (text: string, facts?: Record<string, unknown>) => void

/** Something in the story that is not as it must be. */
export class WrongTurn extends Error {
  override readonly name = 'WrongTurn'
}

/** Throws WrongTurn unless both say the same. */
export function check(what: string, expected: unknown, actual: unknown): void {
  const [wanted, found] = [JSON.stringify(expected), JSON.stringify(actual)]
  if (wanted !== found) throw new WrongTurn(`${what}: expected ${wanted}, found ${found}`)
}

/** Throws WrongTurn unless this is refused with the code. */
export async function refused(what: string, code: string, doing: () => Promise<unknown>): Promise<void> {
  try {
    await doing()
  } catch (error) {
    const { data, code: own } = error as { data?: { code?: string }; code?: unknown }
    return check(what, code, data?.code ?? own)
  }
  throw new WrongTurn(`${what}: expected ${code}, but it went through`)
}
