// Owns: what governance tells of a recovery. Not here: when (recovery.ts).
import { struct } from '../../core/codec/compound.ts'
import { hash32, u16, u53 } from '../../core/codec/fields.ts'
import { defineEvent } from '../../core/execution/module.ts'

/** Another set took over by the word of the city's root keys. */
export const Recovered = defineEvent({
  type: 0x01a1,
  name: 'governance.recovered',
  payload: struct({ height: u53, recoveryHash: hash32, validators: u16 }),
  about: 'Too many validators were lost for good: from this height on another set signs, by the word of the city’s root keys.',
})
