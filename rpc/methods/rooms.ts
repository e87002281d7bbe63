// Owns: every room's queries as methods. Not here: the queries (modules/*/queries.ts).
import { isFailure } from '../../core/base/errors.ts'
import type { BlockEnv, QueryDefinition } from '../../core/execution/module.ts'
import type { Registry } from '../../core/execution/registry.ts'
import { defineRead } from '../method.ts'
import type { Method } from '../method.ts'
import type { NodeApi } from '../node-api.ts'

/** The head as queries see it: height and time of the newest block, parameters in force after it. */
export function buildHeadEnv(node: NodeApi): BlockEnv {
  const { height, time } = node.head().header
  return { chainId: node.chainId, genesisHash: node.genesisHash, height, time, params: node.params() }
}

function defineRoomMethod(query: QueryDefinition): Method {
  return defineRead({
    name: query.name,
    about: query.about,
    params: query.params,
    result: query.result.jsonSchema,
    run: ({ node, forms }, params) => {
      const result = query.run(node.state(), params, buildHeadEnv(node))
      return isFailure(result) ? result : query.result.toJson(result, forms.text)
    },
    keyOf: (_call, params) => query.keyOf?.(params) ?? null,
  })
}

/** One method for each query of the registry, in the order of the rooms. */
export function buildRoomMethods(registry: Registry): readonly Method[] {
  return registry.modules.flatMap((room) => room.queries.map(defineRoomMethod))
}
