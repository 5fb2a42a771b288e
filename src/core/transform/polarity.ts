import { nodeAt } from '../workflow/scopes.ts';
import type { NodeId, Workflow } from '../workflow/types.ts';
import type { Users } from './scope-wires.ts';

/** Which of the two prompts of a sampler a conditioning is. */
export type Polarity = 'positive' | 'negative';

/** Words that people write into negative prompts and hardly ever into others. */
const NEGATIVE_WORDS =
  /\b(worst quality|low quality|lowres|bad anatomy|bad hands|blurry|watermark|deformed|ugly|jpeg artifacts|extra (fingers|limbs)|nsfw)\b|低质量|最差质量|色调艳丽/i;
/** Nodes between a prompt and what takes it. */
const MOST_STEPS = 12;

/**
 * Which prompt an output is: as the output or the title of the node says, as others use it, as its text reads, as what
 * feeds it says. Undefined where nothing tells.
 */
export function polarityOf(
  workflow: Workflow,
  scope: string | undefined,
  from: NodeId,
  slot: number | string,
  uses: Users,
  steps = 0,
): Polarity | undefined {
  const place = scope === undefined ? { node: from } : { scope, node: from };
  const node = nodeAt(workflow, place);
  if (!node || steps > MOST_STEPS) return undefined;
  const title = typeof node.ui.title === 'string' ? polarityIn(node.ui.title) : undefined;
  if (title) return title;
  const users = (uses.get(from) ?? []).filter(({ source }) => source.slot === slot);
  const used = new Set(users.flatMap(({ input }) => polarityIn(input) ?? []));
  if (used.size === 1) return [...used][0];
  if (node.class_type === 'ConditioningZeroOut') return 'negative';
  // Nodes that take both prompts give both, in that order.
  if ('positive' in node.links && 'negative' in node.links)
    return slot === 0 ? 'positive' : slot === 1 ? 'negative' : undefined;
  const texts = Object.values(node.widgets).filter((value): value is string => typeof value === 'string');
  if (texts.some((text) => NEGATIVE_WORDS.test(text.slice(0, 2000)))) return 'negative';
  const passed = Object.entries(node.links).find(([name]) => /conditioning/i.test(name));
  return passed && polarityOf(workflow, scope, passed[1].from, passed[1].slot, uses, steps + 1);
}

/** What a name or a title says of a prompt. */
export function polarityIn(text: string): Polarity | undefined {
  const short = text.slice(0, 200);
  const isNegative = /negative|(^|[_\s])neg($|[_\s])|uncond/i.test(short);
  const isPositive = /positive|(^|[_\s])pos($|[_\s])/i.test(short);
  return isNegative === isPositive ? undefined : isNegative ? 'negative' : 'positive';
}
