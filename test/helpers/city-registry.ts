// Owns: the city's rooms, for tests of floors below them. Not here: the list of rooms (modules/registry.ts).
import type { Registry } from '../../core/execution/registry.ts'
import { REGISTRY } from '../../modules/registry.ts'

/** Every room of the city. */
export const CITY_REGISTRY: Registry = REGISTRY
