import type { DeclaredInput } from '../../../core/catalog/declared-inputs.ts';
import { type InputPlace, placeKey } from '../../../core/workflow/effective.ts';
import type { ParamValue } from '../space.ts';
import { gridOf } from './bounds.ts';
import type { LiveGraph, LiveNode, LiveValue } from './live.ts';
import { type Known, meaningOf } from './meanings.ts';
import type { ModelFinder } from './model-of.ts';
import type { Meaning, Target } from './tunable.ts';
import { type Decision, decide } from './tune.ts';

/** An input that reads a value. */
export interface Reader {
  readonly node: LiveNode;
  readonly input: DeclaredInput;
}

/** A value of the workflow on its way to a parameter: the name comes when all are known. */
export interface Draft {
  readonly word: string;
  readonly meaning: Meaning;
  readonly current: ParamValue | bigint;
  readonly targets: readonly Target[];
  readonly readers: readonly Reader[];
  decide(name: string): Decision;
}

/** One widget with the inputs that read it, all of one meaning. */
export interface ValueHeld {
  readonly known: Known;
  readonly value: LiveValue;
  readonly readers: readonly Reader[];
}

/** The values with a meaning, each once, by the widget they live at: two samplers fed by one primitive are one. [SP-2] */
export function heldValues(graph: LiveGraph): ValueHeld[] {
  const found = new Map<string, { known: Known; value: LiveValue; readers: Reader[] }>();
  for (const node of graph.nodes) {
    if (isHosted(node)) continue;
    for (const input of node.declared?.byName.values() ?? []) {
      const known = meaningOf(node, input);
      if (!known) continue;
      for (const value of graph.placesOf(node, input.name)) {
        const key = placeKey(value.place);
        const there = found.get(key);
        if (there) there.readers.push({ node, input });
        else found.set(key, { known, value, readers: [{ node, input }] });
      }
    }
  }
  return [...found.values()];
}

/** Values that are one parameter, and what they are now. */
export function draftOf(values: readonly ValueHeld[], graph: LiveGraph, models: ModelFinder): Draft | undefined {
  const [first] = values;
  const { known, value } = first!;
  const readers = values.flatMap((one) => one.readers);
  const current = value.value;
  if (!isParamValue(current) && typeof current !== 'bigint') return undefined;
  const inputs = readers.map(({ input }) => input);
  const targets = values.map(
    (one): Target => ({
      place: one.value.place,
      write: { as: 'value' },
      held: one.value.value,
      ...gridOf(inputs, one.value.value),
    }),
  );
  const model = models.of(readers[0]!.node);
  const whole = {
    word: known.word,
    meaning: known.meaning,
    current,
    targets,
    readers,
  };
  if (typeof current === 'bigint')
    return { ...whole, decide: () => ({ why: 'chance, not a choice: repeats change it' }) };
  const file = known.meaning === 'lora' ? graph.valueOf(readers[0]!.node, 'lora_name') : undefined;
  if (file !== undefined && file === model.distilled?.evidence) {
    return { ...whole, decide: () => ({ why: `${file} is what makes few steps enough` }) };
  }
  return { ...whole, decide: (name) => decide({ known, current, inputs, model }, name) };
}

/** Whether a node runs at a company, for money: the catalog says so. */
export function isHosted({ definition }: LiveNode): boolean {
  return definition?.flags.includes('api_node') === true;
}

function isParamValue(value: unknown): value is ParamValue {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** Where an input stands in the file. */
export function placeOf({ node, input }: Reader): InputPlace {
  return { ...node.place, input: input.name };
}
