import { type PyDict, PyError, toJson } from './python-value.ts';
import { NodeCheck, type PromptWorld } from './validate-node.ts';
import { type EngineError, engineError } from './verdict.ts';

/** What is known of a node that was checked. */
export interface NodeResult {
  readonly valid: boolean;
  readonly errors: readonly EngineError[];
}

/**
 * Checks a node and all it is linked to, depth first, each node once; what was checked before stands in `results`,
 * which keeps the order in which the server came to know it. The stack is a list, so that no chain is too long.
 */
export function validateFrom(output: string, world: PromptWorld, results: Map<string, NodeResult>): NodeResult {
  const known = results.get(output);
  if (known) return known;
  const stack: NodeCheck[] = [];
  const places = new Map<string, number>();
  const enter = (id: string) => {
    stack.push(new NodeCheck(id, world));
    places.set(id, stack.length - 1);
  };
  const raise = (error: unknown, id: string): NodeResult => {
    const type = stack.length === 0 ? 'exception_during_validation' : 'exception_during_inner_validation';
    const result = { valid: false, errors: [exceptionError(type, error, id, world)] };
    results.set(id, result);
    return result;
  };
  const leave = () => places.delete((stack.pop() as NodeCheck).id);
  let last: NodeResult | undefined;
  try {
    enter(output);
  } catch (error) {
    return raise(error, output);
  }
  while (stack.length > 0) {
    const check = stack.at(-1) as NodeCheck;
    let source: string | undefined;
    try {
      source = check.next();
    } catch (error) {
      leave();
      last = raise(error, check.id);
      if (stack.length > 0) (stack.at(-1) as NodeCheck).valid = false;
      continue;
    }
    if (source === undefined) {
      leave();
      last = finished(check, results);
      if (stack.length > 0 && !last.valid) (stack.at(-1) as NodeCheck).valid = false;
      continue;
    }
    const before = results.get(source);
    if (before) check.valid &&= before.valid;
    else if (places.has(source)) {
      check.valid = false;
      if (world.rules.tellsCycles) tellCycle(stack, places.get(source) as number, world, results);
    } else {
      try {
        enter(source);
      } catch (error) {
        raise(error, source);
        check.valid = false;
      }
    }
  }
  return last as NodeResult;
}

/** The result of a node whose inputs are checked, with what a cycle through it has left. */
function finished(check: NodeCheck, results: Map<string, NodeResult>): NodeResult {
  const before = results.get(check.id);
  const result: NodeResult = {
    valid: (before?.valid ?? true) && check.valid && check.errors.length === 0,
    errors: [...(before?.errors ?? []), ...check.errors],
  };
  results.set(check.id, result);
  return result;
}

/** Every node of a cycle gets an error that names all of them. */
function tellCycle(stack: readonly NodeCheck[], from: number, world: PromptWorld, results: Map<string, NodeResult>) {
  const ids = stack.slice(from).map(({ id }) => id);
  const shown = ids.length > MAX_SHOWN ? [...ids.slice(0, MAX_SHOWN), '...'] : ids;
  const path = [...shown, ids[0] as string].map((id) => named(id, world)).join(' -> ');
  for (const id of ids) {
    const info = { node_id: id, cycle_nodes: shown };
    const errors = [engineError('dependency_cycle', 'Dependency cycle detected', path, info)];
    results.set(id, { valid: false, errors });
  }
}

/** A cycle of 10,000 nodes must not be spelled out 10,000 times. */
const MAX_SHOWN = 100;

function named(id: string, { prompt }: PromptWorld): string {
  const node = prompt.get(id) as PyDict | undefined;
  return node ? `${id} (${node.get('class_type')})` : id;
}

/** An exception of the engine's code as an error of a node; anything else is a mistake of ours and thrown on. */
function exceptionError(type: string, error: unknown, id: string, { prompt }: PromptWorld): EngineError {
  if (!(error instanceof PyError)) throw error;
  const value =
    error.input === undefined ? undefined : ((prompt.get(id) as PyDict).get('inputs') as PyDict).get(error.input);
  return engineError(type, MESSAGES[type] as string, error.message, {
    exception_type: error.type,
    ...(type.includes('inner') ? { exception_message: error.message } : {}),
    ...(error.input === undefined ? {} : { input_name: error.input }),
    ...(Array.isArray(value) ? { linked_node: toJson(value) } : {}),
  });
}

const MESSAGES: Readonly<Record<string, string>> = {
  exception_during_validation: 'Exception when validating node',
  exception_during_inner_validation: 'Exception when validating inner node',
};
