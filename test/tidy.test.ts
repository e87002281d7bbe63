import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { measureFunctions } from '../scripts/tidy/budgets.ts'
import { importFault, roomOf } from '../scripts/tidy/floors.ts'
import { blankOpaque, readImports } from '../scripts/tidy/source.ts'
import { checkTree, formatViolation, readTree } from '../scripts/tidy.ts'

const ROOT = join(import.meta.dirname, '..')

const HEADER = '// Owns: one thing. Not here: the rest.\n'

/** The violations of a small planted tree as `file:line rule`, without those named in `except`. */
function rulesOf(files: Record<string, string>, except: readonly string[] = ['dead-file']): string[] {
  return checkTree(new Map(Object.entries(files)))
    .filter(({ rule }) => !except.includes(rule))
    .map(({ file, line, rule }) => `${file}:${line} ${rule}`)
}

describe('floors', () => {
  it('lets a room import from a lower floor', () => {
    const files = {
      'core/base/bytes.ts': `${HEADER}/** One. */\nexport const one = 1\n`,
      'core/crypto/hash.ts': `${HEADER}import { one } from '../base/bytes.ts'\n/** Two. */\nexport const two = one + 1\n`,
    }
    expect(rulesOf(files)).toEqual([])
  })

  it('reports an import that goes up, with its line', () => {
    const files = {
      'core/base/bytes.ts': `${HEADER}import { two } from '../crypto/hash.ts'\n/** One. */\nexport const one = two\n`,
      'core/crypto/hash.ts': `${HEADER}/** Two. */\nexport const two = 2\n`,
    }
    expect(rulesOf(files)).toEqual(['core/base/bytes.ts:2 floor'])
  })

  it('counts type imports and multi-line imports', () => {
    const files = {
      'core/base/ids.ts': `${HEADER}import type {\n  Two,\n} from '../crypto/hash.ts'\n/** One. */\nexport type One = Two\n`,
      'core/crypto/hash.ts': `${HEADER}/** Two. */\nexport type Two = 2\n`,
    }
    expect(rulesOf(files)).toEqual(['core/base/ids.ts:2 floor'])
  })

  it.each([
    ['core/crypto/a.ts', 'core/codec/b.ts', 'rooms on one floor are strangers: core/crypto and core/codec'],
    ['core/chain/a.ts', 'core/state/b.ts', 'rooms on one floor are strangers: core/chain and core/state'],
    ['node/mempool/a.ts', 'node/storage/b.ts', 'rooms on one floor are strangers: node/mempool and node/storage'],
    ['sdk/a.ts', 'rpc/b.ts', 'rooms on one floor are strangers: sdk and rpc'],
    ['cli/a.ts', 'bench/b.ts', 'rooms on one floor are strangers: cli and bench'],
    ['bench/a.ts', 'cli/wallet.ts', 'rooms on one floor are strangers: bench and cli'],
    ['cli/devnet/a.ts', 'bench/b.ts', 'rooms on one floor are strangers: cli and bench'],
    ['rpc/a.ts', 'node/api.ts', 'imports go down: floor 5 (rpc) may not import floor 6 (node)'],
    ['consensus/a.ts', 'core/execution/b.ts', 'consensus may import only floors 0 to 2, not core/execution'],
    ['consensus/a.ts', 'modules/payment/index.ts', 'rooms on one floor are strangers: consensus and modules/payment'],
    ['core/execution/a.ts', 'modules/registry.ts', 'imports go down: floor 3 (core/execution) may not import floor 4 (modules)'],
    ['node/driver.ts', 'scripts/tidy.ts', 'imports go down: floor 6 (node) may not import floor 8 (scripts)'],
    ['explorer/a.ts', 'core/base/bytes.ts', 'explorer imports only sdk'],
  ])('refuses %s importing %s', (file, target, message) => {
    expect(importFault(file, target, false)).toBe(message)
  })

  it.each([
    ['core/chain/a.ts', 'core/codec/b.ts'],
    ['core/state/a.ts', 'core/crypto/b.ts'],
    ['consensus/a.ts', 'core/chain/b.ts'],
    ['modules/registry.ts', 'modules/payment/index.ts'],
    ['node/driver.ts', 'rpc/server.ts'],
    ['explorer/a.ts', 'sdk/index.ts'],
    ['cli/commands/devnet.ts', 'cli/devnet/layout.ts'],
    ['bench/network.ts', 'cli/devnet/layout.ts'],
    ['examples/day.ts', 'cli/devnet/layout.ts'],
    ['core/state/root.test.ts', 'test/helpers/keys.ts'],
    ['test/tidy.test.ts', 'scripts/tidy.ts'],
  ])('lets %s import %s', (file, target) => {
    expect(importFault(file, target, false)).toBeNull()
  })

  it('opens node/ports.ts to the rooms of floor 5 as types only', () => {
    expect(importFault('node/storage/wal.ts', 'node/ports.ts', true)).toBeNull()
    expect(importFault('node/storage/wal.ts', 'node/ports.ts', false)).toBe('node/ports.ts is for import type only')
    expect(importFault('node/ports.ts', 'node/storage/wal.ts', true)).toMatch(/strangers/)
  })

  it('knows the floor of every kind of room', () => {
    expect(roomOf('modules/labor/sign.ts')).toEqual({ floor: 4, name: 'modules/labor' })
    expect(roomOf('modules/registry.ts')).toEqual({ floor: 4, name: 'modules' })
    expect(roomOf('node/sync/machine.ts')).toEqual({ floor: 5, name: 'node/sync' })
    expect(roomOf('node/commit.ts')).toEqual({ floor: 6, name: 'node' })
    expect(roomOf('types/sodium-native.d.ts')).toBeNull()
  })
})

describe('rooms of native transactions', () => {
  it('let a later room call the keeper of an earlier one', () => {
    expect(importFault('modules/payment/transfer.ts', 'modules/identity/keeper.ts', false)).toBeNull()
  })

  it('let a later room see the schema and errors of an earlier one, as types only', () => {
    expect(importFault('modules/payment/transfer.ts', 'modules/identity/schema.ts', true)).toBeNull()
    expect(importFault('modules/payment/transfer.ts', 'modules/identity/errors.ts', true)).toBeNull()
    expect(importFault('modules/payment/transfer.ts', 'modules/identity/schema.ts', false)).toMatch(/only keeper\.ts/)
  })

  it('keep the store of an earlier room closed', () => {
    expect(importFault('modules/payment/transfer.ts', 'modules/identity/store.ts', true)).toMatch(/only keeper\.ts/)
  })

  it('never look at a later room', () => {
    const message = 'modules/payment is not an earlier room than modules/identity'
    expect(importFault('modules/identity/create.ts', 'modules/payment/keeper.ts', false)).toBe(message)
  })

  it('may build a registry of earlier rooms in a test', () => {
    expect(importFault('modules/payment/payment.test.ts', 'modules/identity/index.ts', false)).toBeNull()
    expect(importFault('modules/payment/payment.test.ts', 'modules/vote/index.ts', false)).toMatch(/not an earlier room/)
  })
})

describe('imports and packages', () => {
  it('wants the ending written and the file to exist', () => {
    const files = { 'core/base/a.ts': `${HEADER}import './b'\nimport './c.ts'\n` }
    expect(rulesOf(files)).toEqual(['core/base/a.ts:2 import-ending', 'core/base/a.ts:3 import-missing'])
  })

  it('keeps packages out of the pure floors, apart from the agreed ones', () => {
    const files = {
      'core/base/a.ts': `${HEADER}import '@noble/hashes/sha2.js'\n`,
      'core/codec/b.ts': `${HEADER}import 'msgpackr'\n`,
      'core/crypto/c.ts': `${HEADER}import '@noble/hashes/sha2.js'\nimport '#native'\nimport 'node:crypto'\n`,
      'core/crypto/native.node.ts': `${HEADER}import 'node:crypto'\nimport 'sodium-native'\n`,
      'core/base/b.ts': `${HEADER}import '#native'\n`,
      'core/state/d.ts': `${HEADER}import '#native'\nimport 'level'\n`,
      'node/storage/e.ts': `${HEADER}import 'level'\n`,
      'sdk/index.ts': `${HEADER}import 'node:fs'\n`,
    }
    expect(rulesOf(files)).toEqual([
      'core/base/a.ts:2 package',
      'core/base/b.ts:2 package',
      'core/crypto/c.ts:4 package',
      'core/state/d.ts:3 package',
      'sdk/index.ts:2 package',
    ])
  })

  it('does not take imports in comments and texts for imports', () => {
    const text = "// import { a } from './gone.ts'\nconst b = \"import('./gone.ts')\"\n/* import './gone.ts' */\n"
    expect(readImports(text)).toEqual([])
  })

  it('sees dynamic imports and worker addresses', () => {
    const text = "const a = import('./a.ts')\nconst b = new URL('./b.ts', import.meta.url)\n"
    expect(readImports(text).map(({ line, specifier }) => `${line} ${specifier}`)).toEqual(['1 ./a.ts', '2 ./b.ts'])
  })
})

describe('dead files', () => {
  it('are those that nothing but their own test imports', () => {
    const files = {
      'cli/main.ts': `${HEADER}import('./alive.ts')\n`,
      'cli/alive.ts': HEADER,
      'cli/dead.ts': HEADER,
      'cli/dead.test.ts': "import './dead.ts'\n",
      'test/helpers/keys.ts': '',
      'test/vectors.test.ts': "import './helpers/keys.ts'\n",
      'package.json': '{ "imports": { "#native": "./core/crypto/native.node.ts" } }',
      'core/crypto/native.node.ts': HEADER,
    }
    expect(rulesOf(files, [])).toEqual(['cli/dead.ts:1 dead-file'])
  })
})

describe('purity', () => {
  const impure = [
    'async function a() {}',
    'const b = Date.now()',
    'const c = Math.random()',
    'setTimeout(d, 1)',
    'const e = process.env.HOME',
    "console.log('f')",
    'const g = Buffer.from([])',
    'const h = a.localeCompare(b)',
    'const i = 0.5',
    'const j = new Promise(k)',
    'const l = 1e9',
  ]

  it.each(impure)('refuses `%s` on a pure floor', (line) => {
    expect(rulesOf({ 'consensus/a.ts': `${HEADER}${line}\n` })).toEqual(['consensus/a.ts:2 impure'])
  })

  it('allows the same lines above the pure floors, in tests, and in the platform seam', () => {
    const text = `${HEADER}${impure.join('\n')}\n`
    const files = { 'node/driver.ts': text, 'core/base/a.test.ts': text, 'core/crypto/native.browser.ts': text }
    expect(rulesOf(files)).toEqual([])
  })

  it('does not mind the words in comments, texts and names of fields', () => {
    const text = `${HEADER}// Date and process.exit are not for us.\nconst a = 'console.log(0.5)'\nconst b = { Date: 1, c: d.process }\n`
    expect(rulesOf({ 'core/base/a.ts': text })).toEqual([])
  })

  it('refuses state in a module', () => {
    const text = `${HEADER}let a = 1\nconst b = new Map<string, number>()\nconst c: string[] = []\nconst d = new Map([[1, 2]])\n`
    expect(rulesOf({ 'node/sync/a.ts': text })).toEqual([
      'node/sync/a.ts:2 mutable-module',
      'node/sync/a.ts:3 mutable-module',
      'node/sync/a.ts:4 mutable-module',
    ])
  })
})

describe('words', () => {
  it('refuses unfinished work, registry hosts and paths of one machine', () => {
    const files = {
      'cli/main.ts': `${HEADER}// ${['TO', 'DO'].join('')}: later\n`,
      'docs/a.md': `# A\n\n${['registry', 'example', 'org'].join('.')}\n${['', 'work', 'main'].join('/')}\n`,
    }
    expect(rulesOf(files)).toEqual(['cli/main.ts:2 unfinished', 'docs/a.md:3 registry-host', 'docs/a.md:4 machine-path'])
  })

  it('refuses download addresses in the lockfile, and takes no variable named registry for a host', () => {
    const files = {
      'package-lock.json': '{\n  "resolved": "https://packages.example/a.tgz"\n}\n',
      'cli/main.ts': `${HEADER}const a = registry.modules.filter(Boolean)\n`,
    }
    expect(rulesOf(files)).toEqual(['package-lock.json:2 registry-host'])
  })

  it('refuses tests that are left out or run alone', () => {
    const text = ['it', 'describe'].map((word, index) => `${word}.${index === 0 ? 'only' : 'skip'}('a', () => {})\n`).join('')
    expect(rulesOf({ 'core/base/a.test.ts': text })).toEqual([
      'core/base/a.test.ts:1 narrowed-test',
      'core/base/a.test.ts:2 narrowed-test',
    ])
  })
})

describe('budgets', () => {
  it('allow a file of 300 lines and a function of 60, and not one more', () => {
    const body = (lines: number): string => `function a() {\n${'  b()\n'.repeat(lines - 2)}}\n`
    const pad = (text: string, lines: number): string => `${text}${'// .\n'.repeat(lines - text.split('\n').length + 1)}`
    const good = pad(HEADER + body(60), 300)
    const bad = pad(HEADER + body(61), 301)
    expect(rulesOf({ 'node/a.ts': good })).toEqual([])
    expect(rulesOf({ 'node/a.ts': bad })).toEqual(['node/a.ts:2 function-lines', 'node/a.ts:301 file-lines'])
    expect(rulesOf({ 'node/a.test.ts': bad })).toEqual([])
  })

  it('measure functions, methods and arrows, and not other blocks', () => {
    const text = [
      'function a(b: { c: number }): Map<string, number> {',
      '  if (b) {',
      '    d()',
      '  }',
      '}',
      'const e = (f: string): void => {',
      "  g('}')",
      '}',
      'const h = {',
      '  method(i: number) {',
      '    // }',
      '  },',
      '}',
      'const j = k => {',
      '}',
    ].join('\n')
    expect(measureFunctions(text)).toEqual([
      { line: 1, lines: 5 },
      { line: 6, lines: 3 },
      { line: 10, lines: 3 },
      { line: 14, lines: 2 },
    ])
  })

  it('want a header, a sentence for each export, and no default export', () => {
    const text = 'export const a = 1\nexport default a\n'
    expect(rulesOf({ 'node/a.ts': text })).toEqual([
      'node/a.ts:1 header',
      'node/a.ts:1 export-comment',
      'node/a.ts:2 default-export',
    ])
  })

  it('take a type derived from a declaration as explained by that declaration', () => {
    const text = `${HEADER}/** A vote on the wire. */\nexport const VoteSchema = struct({})\nexport type Vote = Infer<typeof VoteSchema>\n`
    expect(rulesOf({ 'core/chain/vote.ts': text })).toEqual([])
  })

  it('refuse barrels, apart from the door of the sdk', () => {
    const text = `${HEADER}export { a } from './a.ts'\n`
    const files = { 'node/a.ts': HEADER, 'node/b.ts': text, 'sdk/a.ts': HEADER, 'sdk/index.ts': text }
    expect(rulesOf(files)).toEqual(['node/b.ts:2 barrel'])
  })

  it('refuse long lines and weak names', () => {
    const files = { 'node/peer-manager.ts': `${HEADER}// ${'a'.repeat(128)}\n` }
    expect(rulesOf(files)).toEqual(['node/peer-manager.ts:1 weak-name', 'node/peer-manager.ts:2 line-length'])
  })
})

describe('pages', () => {
  it('have one title, not counting fenced blocks', () => {
    const files = { 'docs/a.md': '# A\n```sh\n# not a title\n```\n', 'docs/b.md': '# B\n# C\n', 'docs/c.md': 'text\n' }
    expect(rulesOf(files)).toEqual(['docs/b.md:2 page-title', 'docs/c.md:1 page-title'])
  })

  it('link only to what exists', () => {
    const text = '# A\n[b](../b.md) [c](c.md#part) [docs](../docs/) [out](https://example.org) [self](#a)\n'
    expect(rulesOf({ 'docs/a.md': text, 'b.md': '# B\n' })).toEqual(['docs/a.md:2 page-link'])
  })

  it('name only functions that exist, in the architecture page', () => {
    const page = '# A\n| `node/commit.ts` | `commitBlock` |\n`node/commit.ts` `undoBlock`\n`node/gone.ts` `run`\n'
    const files = {
      'docs/concepts/architecture.md': page,
      'node/commit.ts': `${HEADER}/** Writes. */\nexport function commitBlock() {}\n`,
    }
    expect(rulesOf(files)).toEqual([
      'docs/concepts/architecture.md:3 page-function',
      'docs/concepts/architecture.md:4 page-function',
    ])
  })
})

describe('the reader', () => {
  it('blanks comments, texts and patterns, and keeps the code inside template texts', () => {
    const text = `a('b // c') // d\ne(\`f \${g('h')} i\`, /'[/]/)\n`
    const code = blankOpaque(text)
    expect(code).toBe('a(        )     \ne(    {g(   )}   ,       )\n')
    expect(code.length).toBe(text.length)
  })

  it('formats a violation as file, line, rule and message', () => {
    const violation = { file: 'node/a.ts', line: 3, rule: 'floor', message: 'imports go down' }
    expect(formatViolation(violation)).toBe('node/a.ts:3 floor imports go down')
  })
})

describe('this tree', () => {
  it('breaks no rule of the house', () => {
    expect(checkTree(readTree(ROOT)).map(formatViolation)).toEqual([])
  })

  it('has current reference pages (else run: npm run docs:gen)', () => {
    const told = execFileSync(process.execPath, [join(ROOT, 'scripts/gen-docs.ts'), '--check'], { encoding: 'utf8' })
    expect(told).toBe('pages are current\n')
  })
})
