import { truthy } from '../arguments.ts';
import { NodeFailure } from '../failure.ts';
import { pythonType } from '../python.ts';
import type { Value } from '../values.ts';
import { arithmetic, compare } from './arithmetic.ts';
import { FUNCTIONS } from './functions.ts';
import type { Expression } from './parse.ts';

/**
 * The value of an expression, as simpleeval calculates it: Python's whole numbers and floats, names from `names`, the
 * functions of ComfyUI's node. Throws a NodeFailure with Python's exception.
 */
export function evaluate(tree: Expression, names: ReadonlyMap<string, Value>, source: string): Value {
  const value = (one: Expression): Value => evaluate(one, names, source);
  switch (tree.kind) {
    case 'constant':
      return tree.value;
    case 'name': {
      const found = names.get(tree.name);
      if (found !== undefined) return found;
      const told = `'${tree.name}' is not defined for expression '${source}'`;
      throw new NodeFailure('simpleeval.NameNotDefined', told);
    }
    case 'unary':
      return unary(tree.operator, value(tree.operand));
    case 'binary':
      return arithmetic(tree.operator, value(tree.left), value(tree.right));
    case 'logic': {
      let last: Value = null;
      for (const operand of tree.operands) {
        last = value(operand);
        if (truthy(last) === (tree.operator === 'or')) return last;
      }
      return last;
    }
    case 'compare': {
      let left = value(tree.first);
      for (const [operator, operand] of tree.rest) {
        const right = value(operand);
        if (!compare(operator, left, right)) return false;
        left = right;
      }
      return true;
    }
    case 'choice':
      return truthy(value(tree.test)) ? value(tree.yes) : value(tree.no);
    case 'call': {
      const called = Object.hasOwn(FUNCTIONS, tree.name) ? FUNCTIONS[tree.name] : undefined;
      if (called === undefined) {
        const told = `Function '${tree.name}' not defined, for expression '${source}'.`;
        throw new NodeFailure('simpleeval.FunctionNotDefined', told);
      }
      return called(tree.arguments.map(value));
    }
    case 'item':
      return item(value(tree.of), value(tree.index));
  }
}

function unary(operator: string, value: Value): Value {
  if (operator === 'not') return !truthy(value);
  if (operator === '~' && (typeof value === 'bigint' || typeof value === 'boolean')) return ~BigInt(value);
  if (operator !== '~') {
    if (typeof value === 'number') return operator === '-' ? -value : value;
    if (typeof value === 'bigint' || typeof value === 'boolean')
      return operator === '-' ? -BigInt(value) : BigInt(value);
  }
  throw new NodeFailure('TypeError', `bad operand type for unary ${operator}: '${pythonType(value)}'`);
}

function item(of: Value, index: Value): Value {
  if (!Array.isArray(of)) throw new NodeFailure('TypeError', `'${pythonType(of)}' object is not subscriptable`);
  if (typeof index !== 'bigint' && typeof index !== 'boolean') {
    throw new NodeFailure('TypeError', `list indices must be integers or slices, not ${pythonType(index)}`);
  }
  const found = (of as readonly Value[]).at(Number(index));
  if (found === undefined) throw new NodeFailure('IndexError', 'list index out of range');
  return found;
}
