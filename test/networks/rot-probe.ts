// Owns: whether a node could open a store: a process of its own, since LevelDB ends the process on some rotten bytes. Exit codes: 0 it
// opens, 22 it is refused with a typed reason, anything else is LevelDB's own end. Not here: which byte is tried (actions.ts).
import { readFileSync } from 'node:fs'
import { NodeError } from '../../core/base/errors.ts'
import { parseGenesis } from '../../core/execution/init-genesis.ts'
import { REGISTRY } from '../../modules/registry.ts'
import { recoverChain } from '../../node/recover.ts'
import { openStore } from '../../node/storage/level.ts'

const [dir = '', genesisFile = ''] = process.argv.slice(2)
const genesis = parseGenesis(REGISTRY, JSON.parse(readFileSync(genesisFile, 'utf8')))
try {
  const store = await openStore({ dir })
  await recoverChain({ store, registry: REGISTRY, genesis, cacheEntries: 100 })
  await store.close()
} catch (error) {
  process.exit(error instanceof NodeError && error.code.startsWith('STORE_') ? 22 : 1)
}
