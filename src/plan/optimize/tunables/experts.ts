import { placeKey } from '../../../core/workflow/effective.ts';
import type { Draft, Reader, ValueHeld } from './draft.ts';
import type { LiveGraph, LiveNode } from './live.ts';
import type { ModelFinder } from './model-of.ts';
import type { FoundModel, Meaning, Target } from './tunable.ts';
import type { Decision } from './tune.ts';

const SAMPLER = 'KSamplerAdvanced';
/** Settings of sampling, which stand alike where one model samples more than once. */
const SHARED: readonly Meaning[] = ['steps', 'cfg', 'guidance', 'sampler', 'scheduler', 'denoise', 'shift', 'frames'];
/** A share that no rule speaks of may move by so much. */
const REACH = 0.2;
/** So few steps are split as the model wants. */
const FEW = 8;

/** Two samplers that share one schedule: the second goes on with the noise that the first leaves. */
export interface Experts {
  readonly first: LiveNode;
  readonly second: LiveNode;
}

/** The pairs of samplers of which the second starts at the step where the first ends. */
export function expertsOf(graph: LiveGraph): Experts[] {
  return [...graph.nodes].flatMap((second) => {
    if (second.classType !== SAMPLER) return [];
    const first = graph.source(second, 'latent_image');
    if (first?.classType !== SAMPLER) return [];
    const end = graph.valueOf(first, 'end_at_step');
    return typeof end === 'number' && end === graph.valueOf(second, 'start_at_step') ? [{ first, second }] : [];
  });
}

/**
 * A text that is equal for values that are one parameter: equal settings of samplers with one model, those of both
 * experts, the strengths of one LoRA. They are varied together as they stand together; a space of one's own may part
 * them. [SP-9]
 */
export function tieOf(
  { known, value, readers }: ValueHeld,
  experts: readonly Experts[],
  graph: LiveGraph,
  models: ModelFinder,
): string {
  const { meaning, word } = known;
  const { node } = readers[0]!;
  const owner = (): string | undefined => {
    if (meaning === 'lora') return graph.valueOf(node, 'lora_name')?.toString();
    if (!SHARED.includes(meaning)) return undefined;
    const pair = experts.find((one) => isOf(one, node, graph));
    const { file, distilled } = models.of(pair?.first ?? node);
    return file === undefined ? undefined : `${file} ${distilled?.evidence ?? ''}`;
  };
  return JSON.stringify([owner() ?? placeKey(value.place), meaning === 'lora' ? 'lora' : word, String(value.value)]);
}

/** The share of the steps that the first expert makes, for each pair; `of` is the place of the steps as a key. */
export function splitDrafts(experts: readonly Experts[], graph: LiveGraph, models: ModelFinder): Draft[] {
  return experts.flatMap(({ first, second }): Draft[] => {
    const end = graph.valueOf(first, 'end_at_step');
    const steps = graph.valueOf(first, 'steps');
    const [stepsPlace, ...more] = graph.placesOf(first, 'steps');
    const places = [...graph.placesOf(first, 'end_at_step'), ...graph.placesOf(second, 'start_at_step')];
    const isApart = places.some(({ value }) => value !== end) || more.length > 0;
    if (typeof end !== 'number' || typeof steps !== 'number' || isApart || !(end > 0 && end < steps)) return [];
    const of = stepsPlace && placeKey(stepsPlace.place);
    const targets = [...new Map(places.map((one) => [placeKey(one.place), one.place])).values()].map(
      (place): Target => ({ place, write: { as: 'share', of, steps }, held: end }),
    );
    const readers: Reader[] = [
      { node: first, input: first.declared!.byName.get('end_at_step')! },
      { node: second, input: second.declared!.byName.get('start_at_step')! },
    ];
    const current = end / steps;
    const decide = (name: string): Decision => decideSplit(name, current, steps, models.of(first));
    return [{ word: 'split', meaning: 'split', current, targets, readers, decide }];
  });
}

function decideSplit(name: string, current: number, steps: number, { detected, distilled }: FoundModel): Decision {
  if (distilled || steps <= FEW) return { why: 'the model is made for few steps, and they are split as it wants' };
  const rule = detected?.family.numbers.split;
  const isInside = rule && current >= rule.low && current <= rule.high;
  const low = isInside ? rule.low : Math.max(0.05, current - REACH);
  const high = isInside ? rule.high : Math.min(0.95, current + REACH);
  const why = isInside ? `${detected!.family.id}: share of the steps` : 'around the current share of the steps';
  return { parameter: { name, kind: 'float', low, high }, why };
}

/** Whether a node is one of two experts, or on the way of their models. */
function isOf({ first, second }: Experts, node: LiveNode, graph: LiveGraph): boolean {
  return [first, second].some((sampler) => {
    for (let at: LiveNode | undefined = sampler, steps = 0; at && steps < 50; at = graph.source(at, 'model'), steps++) {
      if (at === node) return true;
    }
    return false;
  });
}
