// Owns: the list of rooms in dependency order; the one line that a new room adds. Not here: what is in them.
import { buildRegistry } from '../core/execution/registry.ts'
import { governance } from './governance/index.ts'
import { identity } from './identity/index.ts'
import { insurance, insurancePort } from './insurance/index.ts'
import { createLabor } from './labor/index.ts'
import { createPayment } from './payment/index.ts'
import { points, pointsPort } from './points/index.ts'
import { vote } from './vote/index.ts'

/** Rooms in dependency order: a room reads the keepers of those before it. */
export const ROOMS = [
  governance,
  identity,
  createPayment(pointsPort),
  points,
  createLabor(insurancePort),
  insurance,
  vote,
] as const

/** Every declaration of every room, found by number or name. */
export const REGISTRY = buildRegistry(ROOMS)
