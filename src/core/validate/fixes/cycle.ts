import { isObject } from '../../../base/json.ts';
import { own } from '../../workflow/names.ts';
import type { Fix } from '../diagnostic.ts';
import type { FixContext, Fixer } from './fixer.ts';
import { refill } from './refill.ts';
import { type Subject, subjectOf } from './subject.ts';

/** A way to cut one link of a cycle, and what speaks for that link. */
interface Cut {
  readonly fix: Fix;
  readonly score: number;
}

/** A cut that another is as good as. */
const UNSURE = 0.45;
const SURE = 0.6;
const MARGIN = 0.2;
/** What speaks for a link being the one that turns back, beside what can take its place. */
const POINTS = { leavesUnread: -0.5, fromResult: 0.4, takesIdle: 0.3 } as const;

/**
 * CYCLE: the link that turns back is cut, and its input fed from elsewhere. It is the one that starts at a node made to
 * give a result, whose source is read by others as well, and whose input a node fits that lies idle.
 */
export const fixCycle: Fixer = (diagnostic, context) => {
  const listed = diagnostic.data?.inputs;
  const inputs = (Array.isArray(listed) ? listed : []).filter(isObject).filter((one) => one.scope === diagnostic.scope);
  const cuts = inputs.flatMap(({ node, input }): Cut[] => {
    if (typeof node !== 'string' || typeof input !== 'string' || !own(context.facts.nodes, node)) return [];
    const subject = subjectOf({ ...diagnostic, node, input }, context);
    return subject?.link ? cutsOf(context, subject) : [];
  });
  cuts.sort((a, b) => b.score - a.score);
  const [best, next] = cuts;
  if (!best) return { fixes: [], advice: 'say which of the links to cut, and what feeds its input instead' };
  const isSure = best.score - (next?.score ?? 0) >= MARGIN;
  const first = {
    ...best.fix,
    confidence: isSure ? Math.max(best.fix.confidence, SURE) : Math.min(best.fix.confidence, UNSURE),
  };
  const rest = cuts.slice(1).map(({ fix }) => ({ ...fix, confidence: Math.min(fix.confidence, UNSURE) }));
  const advice = 'several links could be the one that turns back: say which to cut';
  return { fixes: [first, ...rest], ...(isSure ? {} : { advice }) };
};

function cutsOf(context: FixContext, subject: Subject): Cut[] {
  const { facts } = context;
  const { from } = subject.link!;
  const [fix] = [...refill(context, subject).fixes].sort((a, b) => b.confidence - a.confidence);
  if (!fix) return [];
  const isUnreadAfter = !facts.isOutput(from) && facts.readers(from).length === 1;
  const idle = fix.edits.some(
    ({ kind, to }) => kind === 'connect' && facts.isUnread((to as { from?: string } | undefined)?.from ?? ''),
  );
  const score =
    fix.confidence +
    (isUnreadAfter ? POINTS.leavesUnread : 0) +
    (facts.isOutput(from) ? POINTS.fromResult : 0) +
    (idle ? POINTS.takesIdle : 0);
  return [{ fix, score }];
}
