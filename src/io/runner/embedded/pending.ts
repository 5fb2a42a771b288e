import type { Prompt } from './prompt.ts';

/**
 * Which node runs next, as ComfyUI decides (comfy_execution/graph.py): nodes wait until what feeds them is there; of
 * those that are ready an output goes first, then what an output waits for, one or two links away, then the oldest.
 * Lazy inputs count once they were asked for.
 */
export class PendingNodes {
  /** In the order of their arrival; the value is how many nodes each waits for. */
  private readonly waitsFor = new Map<string, number>();
  private readonly waiters = new Map<string, Set<string>>();
  private readonly prompt: Prompt;
  private readonly isCached: (node: string) => boolean;

  constructor(prompt: Prompt, isCached: (node: string) => boolean) {
    this.prompt = prompt;
    this.isCached = isCached;
  }

  get isEmpty(): boolean {
    return this.waitsFor.size === 0;
  }

  /** Adds a node with all that it needs. */
  add(node: string): void {
    const stack = [node];
    const links: [from: string, to: string][] = [];
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      if (this.waitsFor.has(id)) continue;
      this.waitsFor.set(id, 0);
      this.waiters.set(id, new Set());
      const { inputs, declared } = this.prompt.get(id)!;
      for (const [name, input] of inputs) {
        if (!('from' in input) || declared.byName.get(name)?.options.lazy === true) continue;
        if (!this.isCached(input.from)) stack.push(input.from);
        links.push([input.from, id]);
      }
    }
    for (const [from, to] of links) this.link(from, to);
  }

  /** Makes a node wait for another one, which is added where it is not there yet. */
  link(from: string, to: string): void {
    if (this.isCached(from)) return;
    this.add(from);
    const waiters = this.waiters.get(from)!;
    if (waiters.has(to)) return;
    waiters.add(to);
    this.waitsFor.set(to, this.waitsFor.get(to)! + 1);
  }

  /** The node to run next; undefined where all wait for each other. */
  next(): string | undefined {
    const ready = [...this.waitsFor].filter(([, count]) => count === 0).map(([id]) => id);
    const isOutput = (id: string) => this.prompt.get(id)!.isOutput;
    const waiters = (id: string) => [...this.waiters.get(id)!];
    return (
      ready.find(isOutput) ??
      ready.find((id) => waiters(id).some(isOutput)) ??
      ready.find((id) => waiters(id).some((one) => waiters(one).some(isOutput))) ??
      ready[0]
    );
  }

  /** Takes out a node that is done. */
  done(node: string): void {
    this.waitsFor.delete(node);
    for (const waiter of this.waiters.get(node)!) this.waitsFor.set(waiter, this.waitsFor.get(waiter)! - 1);
    this.waiters.delete(node);
  }

  /** The nodes that wait for each other in a circle, where `next` finds none. */
  circle(): string[] {
    const left = new Map([...this.waitsFor.keys()].map((id) => [id, new Set<string>()]));
    for (const [from, waiters] of this.waiters) for (const to of waiters) left.get(to)?.add(from);
    for (let free = freeOf(left); free.length > 0; free = freeOf(left)) {
      for (const id of free) left.delete(id);
      for (const needs of left.values()) for (const id of free) needs.delete(id);
    }
    return [...left.keys()];
  }
}

function freeOf(left: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  return [...left].filter(([, needs]) => needs.size === 0).map(([id]) => id);
}
