// Owns: every room's queries as methods. Not here: the queries (modules/*/queries.ts).
import { isFailure } from '../../core/base/errors.ts'
import type { QueryDefinition } from '../../core/execution/module.ts'
import type { Registry } from '../../core/execution/registry.ts'
import { buildHeadEnv } from '../head-env.ts'
import { defineRead, READ_ERRORS } from '../method.ts'
import type { Method } from '../method.ts'

function defineRoomMethod(query: QueryDefinition, registry: Registry): Method {
  const restricted = registry.restrictions.ofQuery(query.name)
  return defineRead({
    name: query.name,
    about: restricted === null ? query.about : `${query.about} For those alone who may read it, by a signed request.`,
    params: query.params,
    result: query.result.jsonSchema,
    errors: restricted === null ? [] : READ_ERRORS,
    guard: ({ session }, params) => {
      if (restricted !== null) session.require(restricted.restriction, restricted.refOf(params))
    },
    run: ({ node, forms }, params) => {
      const result = query.run(node.state(), params, buildHeadEnv(node))
      return isFailure(result) ? result : query.result.toJson(result, forms.text)
    },
    keyOf: (_call, params) => query.keyOf?.(params) ?? null,
  })
}

/** One method for each query of the registry, in the order of the rooms. */
export function buildRoomMethods(registry: Registry): readonly Method[] {
  return registry.modules.flatMap((room) => room.queries.map((query) => defineRoomMethod(query, registry)))
}
