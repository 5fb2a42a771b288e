import { rule as classes } from './classes.ts';
import { rule as conversion } from './conversion.ts';
import { rule as cycles } from './cycles.ts';
import { rule as growingInputs } from './growing-inputs.ts';
import { rule as linkTable } from './link-table.ts';
import { rule as links } from './links.ts';
import { rule as malformedNodes } from './malformed-nodes.ts';
import { rule as outputs } from './outputs.ts';
import { rule as requiredInputs } from './required-inputs.ts';
import type { Rule } from './rule.ts';
import { rule as savedValues } from './saved-values.ts';
import { rule as savedWidgets } from './saved-widgets.ts';
import { rule as scopeLinks } from './scope-links.ts';
import { rule as subgraphs } from './subgraphs.ts';
import { rule as values } from './values.ts';

/** All rules in the order in which they are asked: a later one may leave out what an earlier one has said. */
export const RULES: readonly Rule[] = [
  malformedNodes,
  classes,
  subgraphs,
  scopeLinks,
  linkTable,
  savedValues,
  savedWidgets,
  links,
  requiredInputs,
  values,
  growingInputs,
  cycles,
  outputs,
  conversion,
];
