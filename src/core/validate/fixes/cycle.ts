import { isObject } from '../../../base/json.ts';
import { own } from '../../workflow/names.ts';
import type { Fix } from '../diagnostic.ts';
import type { Fixer } from './fixer.ts';
import { refill } from './refill.ts';
import { subjectOf } from './subject.ts';

/** A cut that another is as good as. */
const UNSURE = 0.45;
const MARGIN = 0.05;

/** CYCLE: of its links the one that another source replaces best; that one was the turn back. */
export const fixCycle: Fixer = (diagnostic, context) => {
  const listed = diagnostic.data?.inputs;
  const inputs = (Array.isArray(listed) ? listed : []).filter(isObject).filter((one) => one.scope === diagnostic.scope);
  const cuts = inputs.flatMap(({ node, input }): Fix[] => {
    if (typeof node !== 'string' || typeof input !== 'string' || !own(context.facts.nodes, node)) return [];
    const subject = subjectOf({ ...diagnostic, node, input }, context);
    return subject ? [...refill(context, subject).fixes].sort((a, b) => b.confidence - a.confidence).slice(0, 1) : [];
  });
  cuts.sort((a, b) => b.confidence - a.confidence);
  const [best, next] = cuts;
  if (!best) return { fixes: [], advice: 'say which of the links to cut, and what feeds its input instead' };
  const isSure = !next || best.confidence - next.confidence >= MARGIN;
  if (isSure) return { fixes: cuts };
  const confidence = Math.min(best.confidence, UNSURE);
  return {
    fixes: [
      { ...best, confidence },
      ...cuts.slice(1).map((one) => ({ ...one, confidence: Math.min(one.confidence, confidence) })),
    ],
    advice: 'several links could be the one that turns back: say which to cut',
  };
};
