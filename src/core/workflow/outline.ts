import { sha256 } from '../../base/hash.ts';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { canonicalJson, sortedKeys } from '../../base/json-text.ts';
import { compareIds, own } from './names.ts';
import type { InterfaceSlot, LinkSource, Scope, Subgraph, Workflow, WorkflowNode } from './types.ts';

const MODES: Readonly<Record<number, string>> = { 2: 'muted', 4: 'bypassed' };
/** Digits of the digest that stands for what has no line of its own. */
const DIGITS = 12;

/**
 * A workflow as lines for git's textconv: one fact per line, each naming its node, so that a hunk or a line of
 * `git blame` is understood alone. [GD-3] Order and layout of the file take no part. Whatever has no line of its own
 * (places, sizes, colours, unknown members) shares the last one, a digest: two workflows with one outline are one
 * document.
 */
export function outlineWorkflow(workflow: Workflow): string[] {
  const lines = [`format: ${workflow.format}`];
  const names = subgraphNames(workflow);
  const scopes: [string, Scope][] = [['', workflow]];
  for (const id of Object.keys(workflow.subgraphs).sort(compareIds)) {
    scopes.push([`${names.get(id)} > `, workflow.subgraphs[id]!]);
  }
  for (const [prefix, scope] of scopes) {
    const writer = new ScopeOutline(prefix, scope, names);
    if (prefix !== '') writer.interface(scope as Subgraph);
    writer.groups((scope as Workflow).ui.groups);
    for (const id of Object.keys(scope.nodes).sort(compareIds)) writer.node(id, scope.nodes[id]!);
    lines.push(...writer.lines);
  }
  lines.push(`layout and the rest: ${sha256(canonicalJson(rest(workflow))).slice(0, DIGITS)}`);
  return lines;
}

/** The lines of one scope; `prefix` names the subgraph they lie in. */
class ScopeOutline {
  readonly lines: string[] = [];
  private readonly prefix: string;
  private readonly scope: Scope;
  private readonly names: ReadonlyMap<string, string>;

  constructor(prefix: string, scope: Scope, names: ReadonlyMap<string, string>) {
    this.prefix = prefix;
    this.scope = scope;
    this.names = names;
  }

  interface(subgraph: Subgraph): void {
    this.lines.push(`${this.prefix.trimEnd()}`);
    const slot = (word: string, one: InterfaceSlot): string =>
      `${this.prefix}${word} ${oneLine(one.name)}: ${canonicalJson(one.type)}${one.link ? ` <- ${this.source(one.link)}` : ''}`;
    for (const key of subgraph.input_order) this.lines.push(slot('input', subgraph.inputs[key]!));
    for (const key of subgraph.output_order) this.lines.push(slot('output', subgraph.outputs[key]!));
  }

  groups(groups: Json | undefined): void {
    for (const key of Object.keys((groups ?? {}) as JsonObject).sort(compareIds)) {
      const { title } = (groups as JsonObject)[key] as JsonObject;
      this.lines.push(`${this.prefix}group ${oneLine(key)}: ${canonicalJson(title ?? null)}`);
    }
  }

  node(id: string, { class_type: _class, mode, widgets, links, positional, ui }: WorkflowNode): void {
    const label = `${this.prefix}${this.label(id)}`;
    const say = (text: string): void => void this.lines.push(`${label}: ${text}`);
    this.lines.push(label);
    if (ui.title !== undefined) say(`title = ${canonicalJson(ui.title)}`);
    if (mode !== undefined) say(`mode = ${MODES[mode] ?? mode}`);
    for (const name of sortedKeys(widgets)) {
      const value = widgets[name]!;
      // A prompt of several lines is compared line by line.
      if (typeof value === 'string' && value.includes('\n')) {
        for (const line of value.split('\n')) say(`${oneLine(name)} | ${oneLine(line)}`);
      } else say(`${oneLine(name)} = ${canonicalJson(value)}`);
    }
    for (const name of sortedKeys(positional ?? {})) {
      say(`${oneLine(name)} by position = ${canonicalJson(positional![name]!)}`);
    }
    for (const name of Object.keys(links).sort()) say(`${oneLine(name)} <- ${this.source(links[name]!)}`);
    const proxies = (ui.properties as JsonObject | undefined)?.proxyWidgets;
    if (proxies !== undefined) say(`promoted widgets = ${canonicalJson(proxies)}`);
  }

  private label(id: string): string {
    const node = own(this.scope.nodes, id);
    if (node === undefined) return `(${oneLine(id)})`;
    return `${this.names.get(node.class_type) ?? oneLine(node.class_type)} (${oneLine(id)})`;
  }

  /** `CheckpointLoaderSimple (4).MODEL`: the output by name where it has one, and by number where two share it. */
  private source({ from, slot }: LinkSource): string {
    if (typeof slot === 'string') {
      const input = own((this.scope as Partial<Subgraph>).inputs, slot);
      const name = input && oneLine(input.name);
      return `input ${name ?? ''}${name === undefined || this.isShared(input!) ? `[${oneLine(slot)}]` : ''}`;
    }
    const outputs = own(this.scope.nodes, from)?.ui.outputs as Readonly<Record<string, JsonObject>> | undefined;
    const nameAt = (at: string): Json | undefined => own(outputs, at)?.name;
    const name = nameAt(String(slot));
    if (typeof name !== 'string' || name === '') return `${this.label(from)}.${slot}`;
    const same = Object.keys(outputs ?? {}).filter((at) => nameAt(at) === name).length;
    return `${this.label(from)}.${oneLine(name)}${same > 1 ? `[${slot}]` : ''}`;
  }

  private isShared({ name }: InterfaceSlot): boolean {
    return Object.values((this.scope as Subgraph).inputs).filter((one) => one.name === name).length > 1;
  }
}

/** Subgraphs by what people call them; two of one name, or one without, carry their uuid. */
function subgraphNames({ subgraphs }: Workflow): Map<string, string> {
  const count = new Map<string, number>();
  for (const { name } of Object.values(subgraphs)) count.set(name, (count.get(name) ?? 0) + 1);
  return new Map(
    Object.entries(subgraphs).map(([id, { name }]) => {
      const shown = `subgraph ${canonicalJson(name)}`;
      return [id, name === '' || count.get(name)! > 1 ? `${shown} [${oneLine(id)}]` : shown];
    }),
  );
}

/** What no line says: everything but the parts that `ScopeOutline` shows in full. */
function rest({ nodes, subgraphs, ui }: Workflow): Json {
  const restOfNodes = (scope: Scope): Json =>
    Object.fromEntries(
      Object.entries(scope.nodes).map(([id, node]): [string, Json] => {
        const { title: _shown, properties, ...left } = node.ui;
        const { proxyWidgets: _told, ...others } = (isObject(properties) ? properties : {}) as JsonObject;
        return [
          id,
          properties === undefined ? left : { ...left, properties: isObject(properties) ? others : properties },
        ];
      }),
    );
  const restOfSlots = (slots: Subgraph['inputs']): Json =>
    Object.fromEntries(Object.entries(slots).map(([key, slot]): [string, Json] => [key, slot.ui as JsonObject]));
  const inner = Object.entries(subgraphs).map(([id, one]): [string, Json] => {
    const { input_order, output_order, ui: own } = one;
    const slots = { inputs: restOfSlots(one.inputs), outputs: restOfSlots(one.outputs) };
    const orders = { input_order: [...input_order], output_order: [...output_order] };
    return [id, { ...slots, ...orders, ui: own as JsonObject, nodes: restOfNodes(one) }];
  });
  return { nodes: restOfNodes({ nodes }), subgraphs: Object.fromEntries(inner), ui: ui as JsonObject };
}

/** A text of the file inside a line: no line feed, no control character. */
function oneLine(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
