import { type PyDict, PyError, toJson } from './python-value.ts';
import { NodeCheck, type PromptWorld } from './validate-node.ts';
import { type EngineError, engineError } from './verdict.ts';

/** What is known of a node that was checked. */
export interface NodeResult {
  readonly valid: boolean;
  readonly errors: readonly EngineError[];
}

/** A cycle of links among the nodes that are being checked: from one place of the stack to another. */
interface Cycle {
  readonly from: number;
  /** Goes down as its nodes leave the stack: what comes in their places is not of the cycle. */
  to: number;
  readonly path: string;
  readonly nodes: string[];
}

/** A cycle of 10,000 nodes must not be spelled out 10,000 times. */
const MAX_SHOWN = 100;

const MESSAGES = {
  exception_during_validation: 'Exception when validating node',
  exception_during_inner_validation: 'Exception when validating inner node',
} as const;

/**
 * Checks nodes and all they are linked to, depth first, each node once for all outputs of a prompt. Invariants:
 * - `stack` holds the checks under way, `places` where each of them is; no recursion, so no chain is too long.
 * - `cycles` are parts of the stack that do not overlap, in order: one that is found reaches to the top, and those above
 *   its beginning are taken up in it. A node in one of them counts as known to be wrong, though its check goes on.
 */
export class LinkWalk {
  /** Nodes that were found wrong in the last call of `validate`. */
  fresh: string[] = [];
  readonly results = new Map<string, NodeResult>();
  private readonly world: PromptWorld;
  private readonly stack: NodeCheck[] = [];
  private readonly places = new Map<string, number>();
  private readonly cycles: Cycle[] = [];

  constructor(world: PromptWorld) {
    this.world = world;
  }

  /** The result of one output node. */
  validate(output: string): NodeResult {
    this.fresh = [];
    if (!this.results.has(output)) {
      this.enter(output);
      for (let check = this.stack.at(-1); check; check = this.stack.at(-1)) this.advance(check);
    }
    return this.results.get(output) as NodeResult;
  }

  /** Goes on with the check on top, to its end or to the next node that must be known first. */
  private advance(check: NodeCheck): void {
    let source: string | undefined;
    try {
      source = check.next();
    } catch (error) {
      this.leave(check);
      this.raised(error, check.id);
      return;
    }
    if (source === undefined) this.finish(check);
    else this.follow(check, source);
  }

  private follow(check: NodeCheck, source: string): void {
    const known = this.results.get(source);
    const place = this.places.get(source);
    if (known) check.valid &&= known.valid;
    else if (place === undefined) this.enter(source);
    else {
      check.valid = false;
      if (this.world.rules.tellsCycles && !this.isInCycle(place)) this.closeCycle(place);
    }
  }

  private enter(id: string): void {
    try {
      this.stack.push(new NodeCheck(id, this.world));
      this.places.set(id, this.stack.length - 1);
    } catch (error) {
      this.raised(error, id);
    }
  }

  private finish(check: NodeCheck): void {
    const cycle = this.leave(check);
    const told = cycle ? [cycleError(cycle, check.id)] : [];
    const errors = [...told, ...check.errors];
    this.record(check.id, { valid: check.valid && errors.length === 0, errors });
  }

  /** Takes the check on top off the stack; returns the cycle it was in. */
  private leave(check: NodeCheck): Cycle | undefined {
    const place = this.stack.length - 1;
    this.stack.pop();
    this.places.delete(check.id);
    const cycle = this.cycles.at(-1);
    if (cycle?.to !== place) return undefined;
    if (cycle.from === place) this.cycles.pop();
    else cycle.to--;
    return cycle;
  }

  /** An exception of the engine's code is an error of the node; anything else is a mistake of ours and goes on. */
  private raised(error: unknown, id: string): void {
    if (!(error instanceof PyError)) throw error;
    const type = this.stack.length === 0 ? 'exception_during_validation' : 'exception_during_inner_validation';
    this.record(id, { valid: false, errors: [exceptionError(type, error, this.world.prompt.get(id) as PyDict)] });
  }

  private record(id: string, result: NodeResult): void {
    this.results.set(id, result);
    if (result.valid) return;
    if (result.errors.length > 0) this.fresh.push(id);
    const reader = this.stack.at(-1);
    if (reader) reader.valid = false;
  }

  private isInCycle(place: number): boolean {
    let [low, high] = [0, this.cycles.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const { from, to } = this.cycles[middle] as Cycle;
      if (place < from) high = middle;
      else if (place > to) low = middle + 1;
      else return true;
    }
    return false;
  }

  /** Every node from a place on is in a cycle; all of them get an error that names them. */
  private closeCycle(from: number): void {
    while ((this.cycles.at(-1)?.from ?? -1) >= from) this.cycles.pop();
    const to = this.stack.length - 1;
    const nodes = this.stack.slice(from, from + MAX_SHOWN).map(({ id }) => id);
    const more = to - from + 1 > MAX_SHOWN ? ['...'] : [];
    const named = nodes.map((id) => `${id} (${(this.world.prompt.get(id) as PyDict).get('class_type')})`);
    const path = [...named, ...more, named[0]].join(' -> ');
    this.cycles.push({ from, to, path, nodes: [...nodes, ...more] });
  }
}

function cycleError({ path, nodes }: Cycle, id: string): EngineError {
  return engineError('dependency_cycle', 'Dependency cycle detected', path, { node_id: id, cycle_nodes: nodes });
}

/** Names the input of this very node that is to blame, where the server names that of the node that asked for it. */
function exceptionError(type: keyof typeof MESSAGES, error: PyError, node: PyDict): EngineError {
  const inputs = node.get('inputs');
  const value = error.input !== undefined && inputs instanceof Map ? inputs.get(error.input) : undefined;
  return engineError(type, MESSAGES[type], error.message, {
    exception_type: error.type,
    ...(type === 'exception_during_inner_validation' ? { exception_message: error.message } : {}),
    ...(error.input === undefined ? {} : { input_name: error.input }),
    ...(Array.isArray(value) ? { linked_node: toJson(value) } : {}),
  });
}
