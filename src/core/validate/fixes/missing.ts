import { checkValue } from '../../catalog/check-value.ts';
import { typesFit } from '../../catalog/socket-types.ts';
import type { Fix } from '../diagnostic.ts';
import { moved } from './changes.ts';
import { fixDynamicKey } from './dynamic-key.ts';
import type { FixContext, Fixer } from './fixer.ts';
import { slipsBetween } from './nearest.ts';
import { refill } from './refill.ts';
import { type Subject, subjectOf } from './subject.ts';

const RENAMED = 0.93;

/** INPUT_MISSING: what stands under a name that resembles it, the source or value that fits. */
export const fixMissing: Fixer = (diagnostic, context) => {
  const subject = subjectOf(diagnostic, context);
  if (!subject?.declared) return { fixes: [] };
  const renamed = misnamed(context, subject);
  const rest =
    subject.declared.type === 'COMFY_DYNAMICCOMBO_V3' ? fixDynamicKey(diagnostic, context) : refill(context, subject);
  return { ...rest, fixes: [...renamed, ...rest.fixes] };
};

/** The one undeclared input whose name resembles the missing one and whose content it takes. */
function misnamed(context: FixContext, subject: Subject): Fix[] {
  const { node, place, input, declared } = subject;
  if (context.workflow.format === 'ui') return [];
  const known = context.facts.declared(place.node);
  const held = [...Object.keys(node.widgets), ...Object.keys(node.links)].filter(
    (name) => !known.has(name) && resembles(name, input),
  );
  const fitting = held.filter((name) => {
    const link = Object.hasOwn(node.links, name) ? node.links[name] : undefined;
    if (link) return typesFit(context.facts.typeOf(link) ?? null, declared!.type);
    return checkValue(declared!, node.widgets[name]!).length === 0;
  });
  const [name] = fitting;
  if (name === undefined || fitting.length > 1) return [];
  return [
    {
      title: `rename ${name} to ${input}`,
      confidence: RENAMED,
      edits: moved(context, { ...place, input: name }, input),
    },
  ];
}

/** Whether two names of inputs are one but for case, separators, a number, a plural or a slip. */
export function resembles(a: string, b: string): boolean {
  const [x, y] = [plain(a), plain(b)];
  if (x === y) return x !== '';
  const most = Math.floor(Math.min(x.length, y.length) / 4);
  return slipsBetween(x, y, most) <= most && most > 0;
}

function plain(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(/s?\d*$/, '');
}
