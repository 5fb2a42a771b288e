import type { Json } from '../../base/json.ts';
import { checkValue, type ValueFault, type ValueFaultCode } from '../catalog/check-value.ts';
import type { DeclaredInput } from '../catalog/declared-inputs.ts';
import { typesFit } from '../catalog/socket-types.ts';

/** Faults with which a value is written all the same: the server takes it, or only this machine has no such file. */
const HARMLESS: ReadonlySet<ValueFaultCode> = new Set(['VALUE_OFF_STEP', 'FILE_MISSING']);

/** Why a value must not stand in an input; undefined where it may. */
export function refusal(declared: DeclaredInput, value: Json): ValueFault | undefined {
  return checkValue(declared, value).find(({ code }) => !HARMLESS.has(code));
}

/** Whether an output may feed an input. A comma list on the side of the output is what it may turn out to be. */
export function linkFits(output: string, input: string): boolean {
  return typesFit(output, input);
}
