import type { Json } from '../../../base/json.ts';
import type { Catalog, InputDefinition, NodeDefinition } from '../../catalog/catalog.ts';
import { castValue, checkValue, type ValueWorld } from './check-value.ts';
import { type ClassValidator, classValidator, INPUT_TYPES } from './class-validators.ts';
import { type DeclaredInputs, fixedInputs, grownInputs, isDynamic } from './declared-inputs.ts';
import { fitsInput, typeOf } from './link-type.ts';
import { pyRepr, pyStr } from './python-cast.ts';
import { fromJson, type PyDict, PyError, type PyValue, pyContains, toJson, typeName } from './python-value.ts';
import { isLink, noMember } from './replace-classes.ts';
import { type EngineError, engineError } from './verdict.ts';

/** What one prompt is judged with. */
export interface PromptWorld extends ValueWorld {
  readonly prompt: PyDict;
  readonly catalog: Catalog;
}

/** The check of one node under way: it goes from input to input, and waits where a link leads to another node. */
export class NodeCheck {
  readonly id: string;
  readonly errors: EngineError[] = [];
  /** Whether what it is linked to is valid. */
  valid = true;
  private readonly world: PromptWorld;
  private readonly classType: string;
  private readonly definition: NodeDefinition;
  private readonly inputs: PyValue;
  private readonly declared: DeclaredInputs;
  private readonly rest: Iterator<InputDefinition>;
  private readonly validator: ClassValidator | undefined;
  private readonly linkTypes: PyDict = new Map();

  /** Throws PyError KeyError for a node without inputs. */
  constructor(id: string, world: PromptWorld) {
    const node = world.prompt.get(id) as PyDict;
    const inputs = node.get('inputs');
    if (inputs === undefined) throw new PyError('KeyError', "'inputs'");
    this.id = id;
    this.world = world;
    this.inputs = inputs;
    this.classType = node.get('class_type') as string;
    this.definition = world.catalog.node(this.classType) as NodeDefinition;
    this.declared =
      world.rules.growsInputs && inputs instanceof Map && isDynamic(this.definition)
        ? grownInputs(this.definition, inputs)
        : fixedInputs(this.definition);
    this.rest = this.declared.values();
    this.validator = classValidator(this.classType, world.catalog.engine);
  }

  /** Goes on to the next link to another node, whose id it returns; undefined when all is checked. Throws PyError. */
  next(): string | undefined {
    for (let step = this.rest.next(); !step.done; step = this.rest.next()) {
      const source = this.checkInput(step.value);
      if (source !== undefined) return source;
    }
    this.checkByClass();
    return undefined;
  }

  private checkInput(input: InputDefinition): string | undefined {
    const { name } = input;
    if (!pyContains(this.inputs, name)) {
      // Of classes with inputs below others the server gives the last part of the name only.
      const details = isDynamic(this.definition) ? name.slice(name.lastIndexOf('.') + 1) : name;
      if (input.section === 'required') {
        const info = { input_name: name };
        this.errors.push(engineError('required_input_missing', 'Required input is missing', details, info));
      }
      return undefined;
    }
    if (!(this.inputs instanceof Map)) throw noMember(this.inputs, name);
    const value = this.inputs.get(name) as PyValue;
    if (!Array.isArray(value)) {
      this.checkLiteral(input, value);
      return undefined;
    }
    if (value.length === 2) return this.checkLink(input, value as [PyValue, PyValue]);
    const message = 'Bad linked input, must be a length-2 list of [node_id, slot_index]';
    const info = { input_name: name, received_value: toJson(value) };
    this.errors.push(engineError('bad_linked_input', message, name, info));
    return undefined;
  }

  /** Whether it leads to a node whose check comes next; the types are compared first. */
  private checkLink(input: InputDefinition, link: readonly [PyValue, PyValue]): string | undefined {
    const received = this.sourceType(input.name, link);
    this.linkTypes.set(input.name, fromJson(received));
    const ownCheck = this.validator?.takes.includes(INPUT_TYPES) === true;
    if (ownCheck || fitsInput(received, input, this.world.rules)) return link[0] as string;
    const types = `received_type(${shown(received)}) mismatch input_type(${shown(typeOf(input))})`;
    const info = { input_name: input.name, received_type: received, linked_node: toJson([...link]) };
    const message = 'Return type mismatch between linked nodes';
    this.errors.push(engineError('return_type_mismatch', message, `${input.name}, ${types}`, info));
    return undefined;
  }

  /** The type of the output a link comes from. Throws PyError for a node or a slot that is not there. */
  private sourceType(input: string, [id, slot]: readonly [PyValue, PyValue]): Json {
    const fail = (type: string, message: string) => new PyError(type, message, input);
    if (typeof id === 'object' && id !== null) throw fail('TypeError', `unhashable type: '${typeName(id)}'`);
    const node = typeof id === 'string' ? this.world.prompt.get(id) : undefined;
    if (!(node instanceof Map)) throw fail('KeyError', pyRepr(id));
    const { outputs } = this.world.catalog.node(node.get('class_type') as string) as NodeDefinition;
    if (typeof slot !== 'bigint' && typeof slot !== 'boolean') {
      throw fail('TypeError', `indices must be integers or slices, not ${typeName(slot)}`);
    }
    // Python counts negative slots from the end, and true is 1.
    const at = Number(slot) < 0 ? outputs.length + Number(slot) : Number(slot);
    const output = outputs[at];
    if (!output) throw fail('IndexError', 'index out of range');
    return output.type;
  }

  private checkLiteral(input: InputDefinition, given: PyValue): void {
    const cast = castValue(input, given);
    if ('error' in cast) {
      this.errors.push(cast.error);
      return;
    }
    (this.inputs as PyDict).set(input.name, cast.value);
    if (this.validator && (this.validator.takesAll || this.validator.takes.includes(input.name))) return;
    const error = checkValue(this.classType, input, cast.value, this.world);
    if (error) this.errors.push(error);
  }

  /** The check the class brings with it; it is given the values it has a parameter for, and nothing for a link. */
  private checkByClass(): void {
    if (!this.validator) return;
    const { takes, needs, takesAll, acceptsAll } = this.validator;
    if (!(this.inputs instanceof Map)) throw noMember(this.inputs, 'inputs');
    const given: PyDict = new Map();
    for (const [name, value] of this.inputs) {
      if (!takesAll && !takes.includes(name)) continue;
      if (isLink(value)) given.set(name, null);
      else if (acceptsAll || this.declared.has(name)) given.set(name, value);
    }
    if (takes.includes(INPUT_TYPES)) given.set(INPUT_TYPES, this.linkTypes);
    const missing = needs.find((name) => !given.has(name));
    if (missing !== undefined) {
      throw new PyError('TypeError', `missing a required positional argument: '${missing}'`, missing);
    }
    if (given.has(takes[0] as string)) throw new PyError('TypeError', `multiple values for argument '${takes[0]}'`);
    const verdict = this.validator.check(given, this.world);
    if (verdict === true) return;
    for (const name of given.keys()) {
      const message = 'Custom validation failed for node';
      this.errors.push(engineError('custom_validation_failed', message, `${name} - ${verdict}`, { input_name: name }));
    }
  }
}

function shown(type: Json): string {
  return pyStr(fromJson(type));
}
