import { jsonEqual } from '../../base/json-text.ts';
import { own } from '../workflow/names.ts';
import { type Hash, mix } from './node-hash.ts';
import type { GraphNode } from './scope-graph.ts';

/** How two nodes of one class compare: the values, links and titles they share, and those they do not. */
interface Likeness {
  readonly same: number;
  readonly different: number;
}

/** What a node that came or went counts for beside one changed value or link. */
const WHOLE_NODE = 2;
const TITLE = 0.25;

/** A matching of two graphs while it grows: a bijection between some nodes of each. */
export class NodePairs {
  readonly a: readonly GraphNode[];
  readonly b: readonly GraphNode[];
  /** Index of the partner, -1 for none. */
  readonly inB: Int32Array;
  readonly inA: Int32Array;

  constructor(a: readonly GraphNode[], b: readonly GraphNode[]) {
    this.a = a;
    this.b = b;
    this.inB = new Int32Array(a.length).fill(-1);
    this.inA = new Int32Array(b.length).fill(-1);
  }

  /** Makes a pair; false where one of the two has a partner, or they are of different classes. */
  add(x: number, y: number): boolean {
    if (this.inB[x]! >= 0 || this.inA[y]! >= 0 || this.a[x]!.kind !== this.b[y]!.kind) return false;
    this.inB[x] = y;
    this.inA[y] = x;
    return true;
  }

  /** What two nodes share by their values, their title and the pairs there are around them. */
  likeness(x: number, y: number): Likeness {
    const [p, q] = [this.a[x]!, this.b[y]!];
    const values = compareValues(p, q);
    const links = this.compareSources(x, y);
    const fed = this.sharedTargets(p, q);
    const titles = [p.node.ui.title, q.node.ui.title];
    const isTitled = titles[0] !== undefined && titles[0] === titles[1];
    return {
      same: values.same + links.same + fed + (isTitled ? 1 : 0),
      different: values.different + links.different + (titles[0] === titles[1] ? 0 : TITLE),
    };
  }

  /**
   * What telling the difference by this matching takes: changed values and links, nodes that came and went. `renumbered`
   * counts the pairs under two ids.
   */
  cost(): { graph: number; renumbered: number } {
    let graph = 0;
    let renumbered = 0;
    for (const [x, y] of this.inB.entries()) {
      if (y < 0) graph += WHOLE_NODE;
      else {
        graph += compareValues(this.a[x]!, this.b[y]!).different + this.compareSources(x, y).different;
        if (this.a[x]!.id !== this.b[y]!.id) renumbered++;
      }
    }
    for (const x of this.inA) if (x < 0) graph += WHOLE_NODE;
    return { graph, renumbered };
  }

  /** Links into both: the same where they come from one pair; half the same while both sources may become one. */
  private compareSources(x: number, y: number): Likeness {
    const sources = new Map(this.b[y]!.sources.map((source) => [source.name, source]));
    let [same, different] = [0, 0];
    for (const { name, key, at, outside } of this.a[x]!.sources) {
      const other = sources.get(name);
      sources.delete(name);
      if (other === undefined || key !== other.key || at < 0 !== other.at < 0) different++;
      else if (at < 0 ? outside === other.outside : this.inB[at] === other.at) same++;
      else {
        different++;
        if (at >= 0 && this.mayPair(at, other.at)) same += 0.5;
      }
    }
    return { same, different: different + sources.size };
  }

  /** Inputs that both feed: of one pair, or half of two nodes that may become one. */
  private sharedTargets(p: GraphNode, q: GraphNode): number {
    const fed = new Map<Hash, number>();
    for (const { key, at, outside } of q.targets) {
      const end = at < 0 ? mix(1, outside) : this.inA[at]! < 0 ? mix(2, this.b[at]!.kind) : mix(3, at);
      fed.set(mix(key, end), (fed.get(mix(key, end)) ?? 0) + 1);
    }
    let same = 0;
    for (const { key, at, outside } of p.targets) {
      const end = at < 0 ? mix(1, outside) : this.inB[at]! < 0 ? mix(2, this.a[at]!.kind) : mix(3, this.inB[at]!);
      const left = fed.get(mix(key, end)) ?? 0;
      if (left === 0) continue;
      fed.set(mix(key, end), left - 1);
      same += at >= 0 && this.inB[at]! < 0 ? 0.5 : 1;
    }
    return same;
  }

  private mayPair(x: number, y: number): boolean {
    return this.inB[x]! < 0 && this.inA[y]! < 0 && this.a[x]!.kind === this.b[y]!.kind;
  }
}

function compareValues(p: GraphNode, q: GraphNode): Likeness {
  const [one, other] = [p.node, q.node];
  const count = Object.keys(one.widgets).length;
  if (p.values === q.values) return { same: count, different: 0 };
  let same = 0;
  let different = (one.mode ?? 0) === (other.mode ?? 0) ? 0 : 1;
  for (const name of Object.keys(one.widgets)) {
    if (jsonEqual(one.widgets[name], own(other.widgets, name))) same++;
    else different++;
  }
  for (const name of Object.keys(other.widgets)) if (!Object.hasOwn(one.widgets, name)) different++;
  // What is left is the copy by position, or promoted widgets.
  return { same, different: Math.max(different, 1) };
}
