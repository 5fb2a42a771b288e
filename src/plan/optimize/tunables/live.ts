import type { Json } from '../../../base/json.ts';
import type { Catalog } from '../../../core/catalog/catalog.ts';
import { convertToApi } from '../../../core/convert/convert.ts';
import { type Graph, type GraphNode, graphOfApi, graphOfPrompt, unwrapped } from '../../../core/validate/graph.ts';
import { isEnd, neededByFragment } from '../../../core/validate/usage.ts';
import { effectiveValue, holderInput, type InputPlace, placeKey } from '../../../core/workflow/effective.ts';
import type { Workflow } from '../../../core/workflow/types.ts';

/** ComfyUI's switch runs only the side that is chosen. */
const SWITCH = 'ComfySwitchNode';

/** A node that runs, as one of the prompt. */
export type LiveNode = GraphNode;

/** A widget that holds a value. */
export interface LiveValue {
  readonly place: InputPlace;
  readonly value: Json;
}

/** What of a workflow runs when it is queued: muted and bypassed nodes and sides that no switch chose are not there. [SP-1] */
export class LiveGraph {
  readonly workflow: Workflow;
  readonly catalog: Catalog;
  readonly nodes: ReadonlySet<LiveNode>;
  private readonly graph: Graph;
  private readonly users = new Map<string, { readonly node: LiveNode; readonly input: string }[]>();

  constructor(workflow: Workflow, catalog: Catalog) {
    this.workflow = workflow;
    this.catalog = catalog;
    this.graph =
      workflow.format === 'ui'
        ? graphOfPrompt(convertToApi(workflow, catalog, { now: new Date(0), choose: () => 0 }), catalog, undefined)
        : graphOfApi(workflow, catalog, undefined);
    this.nodes = this.running();
    for (const node of this.nodes) {
      for (const [input, held] of node.inputs) {
        if (held.kind !== 'link') continue;
        const users = this.users.get(held.from) ?? [];
        users.push({ node, input });
        this.users.set(held.from, users);
      }
    }
  }

  /** The node that feeds an input; switches are passed on their chosen side. */
  source(node: LiveNode, input: string): LiveNode | undefined {
    const held = node.inputs.get(input);
    const from = held?.kind === 'link' ? this.graph.nodes.get(held.from) : undefined;
    const side = from && this.chosenSide(from);
    return from && side !== undefined ? this.source(from, side) : from;
  }

  /** The nodes that feed a node directly, of a switch the chosen side. */
  sources(node: LiveNode): readonly LiveNode[] {
    const side = this.chosenSide(node);
    const inputs = side === undefined ? [...node.inputs.keys()] : ['switch', side];
    return inputs.flatMap((input) => {
      const held = node.inputs.get(input);
      const from = held?.kind === 'link' ? this.graph.nodes.get(held.from) : undefined;
      return from ? [from] : [];
    });
  }

  /** The inputs that take what a node gives, whatever the output. */
  usersOf({ id }: LiveNode): readonly { readonly node: LiveNode; readonly input: string }[] {
    return this.users.get(id) ?? [];
  }

  /** The value that a node gets when it runs; undefined for what is computed. */
  valueOf(node: LiveNode, input: string, steps = 0): Json | undefined {
    const held = node.inputs.get(input);
    if (held?.kind === 'value') return unwrapped(held.value);
    const from = held?.kind === 'link' ? this.graph.nodes.get(held.from) : undefined;
    const next = from && (this.chosenSide(from) ?? holderInput(from.classType));
    return from && next !== undefined && steps < this.graph.nodes.size
      ? this.valueOf(from, next, steps + 1)
      : undefined;
  }

  /** The widgets that an input takes its value from: one, or one for each instance; none for what is computed. [SP-2] */
  placesOf(node: LiveNode, input: string): readonly LiveValue[] {
    const found = effectiveValue(this.workflow, { ...node.place, input });
    const all = found.kind === 'several' ? found.values : [found];
    const values = all.flatMap((one) => (one.kind === 'value' ? [{ place: one.place, value: one.value }] : []));
    // What a computed value or an open input of one instance becomes nobody can set here.
    if (values.length < all.length) return [];
    return [...new Map(values.map((one) => [placeKey(one.place), one])).values()];
  }

  private running(): ReadonlySet<LiveNode> {
    const all = [...this.graph.nodes.values()];
    const ends = all.filter(isEnd);
    const fragment = ends.length === 0 ? neededByFragment(this.workflow, this.graph) : undefined;
    const seen = new Set<LiveNode>(fragment ?? (ends.length > 0 ? ends : all));
    for (const node of seen) for (const source of this.sources(node)) seen.add(source);
    return new Set(all.filter((node) => seen.has(node)));
  }

  /** The input that a switch hands on; undefined for any other node, and where the choice is computed. */
  private chosenSide(node: LiveNode): string | undefined {
    if (node.classType !== SWITCH) return undefined;
    const by = this.valueOf(node, 'switch');
    return typeof by === 'boolean' ? (by ? 'on_true' : 'on_false') : undefined;
  }
}
