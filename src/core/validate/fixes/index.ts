import type { DiagnosticCode } from '../diagnostic.ts';
import { fixClass, fixReplaced } from './class.ts';
import { fixCycle } from './cycle.ts';
import { fixDynamicKey } from './dynamic-key.ts';
import { fixFile } from './file.ts';
import { advise, type Fixer } from './fixer.ts';
import { fixLink } from './link.ts';
import { fixMissing } from './missing.ts';
import { fixNode, fixUnused } from './node.ts';
import { fixNumber } from './numbers.ts';
import { fixOption } from './option.ts';
import { fixOutput } from './output.ts';
import { fixUndeclared } from './undeclared.ts';
import { fixValueType } from './value-type.ts';

const says =
  (advice: string): Fixer =>
  () =>
    advise(advice);

/** Who looks for a cure of which finding; each finding has somebody, if only to say what to decide. */
export const FIXERS: Readonly<Record<DiagnosticCode, Fixer>> = {
  NODE_MALFORMED: fixNode,
  CLASS_MISSING: fixClass,
  CLASS_UNKNOWN: fixClass,
  CLASS_REPLACED: fixReplaced,
  CLASS_DEPRECATED: says('it still works: look for the class that takes its place when there is time'),
  INPUT_MISSING: fixMissing,
  INPUT_UNDECLARED: fixUndeclared,
  LINK_UNDECLARED: fixUndeclared,
  LINK_MALFORMED: fixLink,
  LINK_DANGLING: fixLink,
  SLOT_OUT_OF_RANGE: fixLink,
  TYPE_MISMATCH: fixLink,
  VALUE_ON_LINK_INPUT: fixLink,
  VALUE_WRONG_TYPE: fixValueType,
  VALUE_CAST: fixValueType,
  VALUE_NOT_FINITE: fixValueType,
  VALUE_TOO_SMALL: fixNumber,
  VALUE_TOO_BIG: fixNumber,
  VALUE_OFF_STEP: fixNumber,
  VALUE_NOT_IN_LIST: fixOption,
  OPTION_UNKNOWN: fixDynamicKey,
  FILE_MISSING: fixFile,
  GROWING_GAP: says('the server skips the empty slot: close it on the page if the order matters'),
  CYCLE: fixCycle,
  OUTPUT_MISSING: fixOutput,
  NODE_UNUSED: fixUnused,
  LINK_LIES: says('open the file in ComfyUI and save it again: the page decides which of the two it takes'),
  VALUES_DISAGREE: says('say which of the two values is meant: set it with `cwf set`'),
  SUBGRAPH_MISSING: says('bring the definition back, or remove the instance'),
  SUBGRAPH_RECURSIVE: says('take the instance of the definition out of itself'),
  SUBGRAPH_INTERFACE: says('open the file in ComfyUI and save it again, then look at the links of the instance'),
  NODE_OFF: says('switch the node on, or feed the input from another'),
  CONVERSION: says('docs/conversion.md explains what the page cannot do with it'),
};
