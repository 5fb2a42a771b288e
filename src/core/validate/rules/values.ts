import type { Json } from '../../../base/json.ts';
import { jsonEqual } from '../../../base/json-text.ts';
import { checkValue, type FileLists, type ValueFault, type ValueFaultCode } from '../../catalog/check-value.ts';
import type { DeclaredInput } from '../../catalog/declared-inputs.ts';
import { keysOf } from '../../catalog/nested-inputs.ts';
import { isSentBeside } from '../../convert/widgets.ts';
import { holderInput, type InputPlace } from '../../workflow/effective.ts';
import { own } from '../../workflow/names.ts';
import { nodeAt } from '../../workflow/scopes.ts';
import type { Workflow } from '../../workflow/types.ts';
import { isBlueprint } from '../blueprint.ts';
import { type Graph, type GraphNode, unwrapped } from '../graph.ts';
import { nearestNames } from '../nearest.ts';
import { type Finding, type Report, severityOf } from '../report.ts';
import { oneOf, shown } from '../words.ts';
import type { Rule } from './rule.ts';

/** Faults that a value keeps when a node gives it instead of the input itself. */
const OF_CONSTANTS: ReadonlySet<ValueFaultCode> = new Set([
  'VALUE_NOT_FINITE',
  'VALUE_TOO_SMALL',
  'VALUE_TOO_BIG',
  'VALUE_NOT_IN_LIST',
]);
/** Lists that name what the server's machine can do: another server has others. */
const OF_MACHINE: Readonly<Record<string, string>> = { ModelAttentionBackend: 'attention' };
/** Names in a list of files that are no files: what ComfyUI has built in. Source: ComfyUI, nodes.py, VAELoader. */
const BUILT_IN: Readonly<Record<string, readonly [input: string, names: RegExp]>> = {
  VAELoader: ['vae_name', /^(pixel_space|tae(sd|sdxl|sd3|f1))$/],
};
/** Options that a finding lists. */
const MOST_OPTIONS = 100;

/** [VS-6] Values: of the type, range and options of their input, also where a primitive or a subgraph holds them. */
export const rule: Rule = {
  name: 'values',
  codes: [
    'INPUT_UNDECLARED',
    'VALUE_ON_LINK_INPUT',
    'VALUE_WRONG_TYPE',
    'VALUE_CAST',
    'VALUE_NOT_FINITE',
    'VALUE_TOO_SMALL',
    'VALUE_TOO_BIG',
    'VALUE_OFF_STEP',
    'VALUE_NOT_IN_LIST',
    'OPTION_UNKNOWN',
    'FILE_MISSING',
  ],
  check({ workflow, graph }, report) {
    // What a fragment leaves empty is filled in where it is used.
    const isFragment = isBlueprint(workflow);
    for (const node of graph.nodes.values()) {
      if (!node.declared) continue;
      for (const [name, input] of node.inputs) {
        const declared = node.declared.byName.get(name);
        if (!declared) {
          if (input.kind !== 'link' || isGrowing(node, name)) undeclared(node, name, report);
        } else if (input.kind === 'value') {
          const value = unwrapped(input.value);
          for (const fault of checkValue(declared, value, graph.files)) {
            if (isBuiltIn(node, name, value)) continue;
            const found = findingOf(fault, declared, value, graph.files);
            const isMild = isOfMachine(node, name) || (isFragment && value === null && input.at?.scope === undefined);
            const finding =
              isMild && severityOf(found) === 'error' ? { ...found, severity: 'warning' as const } : found;
            const holder = input.at && holderOf(workflow, input.at, input.value);
            if (holder) report.atHolder(finding, holder, node, name);
            else report.atNode(finding, node, name);
          }
        } else if (input.kind === 'link') constantBehind(graph, node, declared, input.from, report);
      }
    }
  },
};

/** A value that reaches an input through nodes which do nothing but hold one. */
function constantBehind(graph: Graph, reader: GraphNode, input: DeclaredInput, from: string, report: Report): void {
  const seen = new Set<string>();
  let id = from;
  while (!seen.has(id)) {
    seen.add(id);
    const node = graph.nodes.get(id);
    const name = node && holderInput(node.classType);
    const held = name === undefined ? undefined : node!.inputs.get(name);
    if (held?.kind === 'link') id = held.from;
    else if (held?.kind === 'value') {
      const value = unwrapped(held.value);
      for (const fault of checkValue(input, value, graph.files)) {
        if (!OF_CONSTANTS.has(fault.code)) continue;
        const finding = findingOf(fault, input, value, graph.files);
        const place = held.at ?? { ...node!.place, input: name! };
        report.atHolder(finding, { ...place, class_type: node!.classType }, reader, input.name);
      }
      return;
    } else return;
  }
}

function findingOf(fault: ValueFault, input: DeclaredInput, value: Json, files: FileLists | undefined): Finding {
  const { code, reason, to } = fault;
  const options = optionsOf(input, code, files);
  const near = options && typeof value === 'string' ? nearestNames(value, options.filter(isText)) : [];
  const meant = near.length > 0 ? `: is it ${oneOf(near)}?` : '';
  const { min, max, step } = input.options;
  const range: Record<string, Json> = code.startsWith('VALUE_TOO') ? { min: min ?? null, max: max ?? null } : {};
  return {
    code,
    message: `${reason}${meant}`,
    data: {
      value,
      type: input.type,
      ...(to === undefined ? {} : { to }),
      ...range,
      ...(code === 'VALUE_OFF_STEP' ? { step: step ?? null } : {}),
      ...(options ? { near: [...near], options: options.slice(0, MOST_OPTIONS) } : {}),
    },
  };
}

function optionsOf(
  input: DeclaredInput,
  code: ValueFaultCode,
  files: FileLists | undefined,
): readonly Json[] | undefined {
  if (code === 'OPTION_UNKNOWN') return keysOf(input);
  if (code === 'VALUE_NOT_IN_LIST') return Array.isArray(input.options.options) ? input.options.options : undefined;
  if (code === 'FILE_MISSING') return own(files, String(input.options.files));
  return undefined;
}

function isOfMachine({ classType }: GraphNode, input: string): boolean {
  return own(OF_MACHINE, classType) === input;
}

function isBuiltIn({ classType }: GraphNode, input: string, value: Json): boolean {
  const [name, names] = own(BUILT_IN, classType) ?? [];
  return name === input && typeof value === 'string' && names!.test(value);
}

function isText(value: Json): value is string {
  return typeof value === 'string';
}

function undeclared(node: GraphNode, name: string, report: Report): void {
  const { definition, declared } = node;
  if (definition!.inputs.some((one) => one.name === name && one.section === 'hidden')) return;
  if (isSentBeside(node.classType, name) || declared!.open.some((combo) => name.startsWith(`${combo.name}.`))) return;
  const free = [...declared!.byName.keys()].filter((one) => !node.inputs.has(one));
  const near = nearestNames(name, free);
  const meant = near.length > 0 ? `: is it ${oneOf(near)}?` : '';
  const message = `${node.classType} has no input ${shown(name)}, its value is ignored${meant}`;
  report.atNode({ code: 'INPUT_UNDECLARED', message, data: { near } }, node, name);
}

function isGrowing({ declared }: GraphNode, name: string): boolean {
  return [...declared!.growing.keys()].some((growing) => name.startsWith(`${growing}.`));
}

/** The widget that holds a value at another node, by the name it has in the document. */
function holderOf(workflow: Workflow, at: InputPlace, value: Json): (InputPlace & { class_type: string }) | undefined {
  const node = nodeAt(workflow, at);
  if (!node) return undefined;
  const names = Object.keys(node.widgets);
  const name = names.includes(at.input)
    ? at.input
    : (names.find((one) => jsonEqual(node.widgets[one]!, unwrapped(value))) ??
      (names.length === 1 ? names[0] : undefined));
  return name === undefined ? undefined : { ...at, input: name, class_type: node.class_type };
}
