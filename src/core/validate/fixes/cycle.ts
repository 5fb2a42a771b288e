import { isObject } from '../../../base/json.ts';
import { own } from '../../workflow/names.ts';
import type { LinkSource } from '../../workflow/types.ts';
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
const POINTS = {
  /** Nothing would take from its source any more: a node that was of use before the link was. */
  leavesUnread: -1,
  /** It starts at a node that is there to be looked at. */
  fromShown: 0.4,
  /** ... or at one that writes a file: the end of its road. */
  fromSaved: 1,
  /** Its input can have what nothing else takes. */
  takesIdle: 0.2,
  /** ... and that is what the idle node is there for. */
  takesMain: 0.2,
  /** Another way round is left when it goes. */
  leavesCycle: -1,
} as const;
/** A default is sure to be allowed, not to be meant where a link stood. */
const MOST_FOR_VALUE = 0.3;

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
  const taken = fix.edits.find(({ kind }) => kind === 'connect')?.to as LinkSource | undefined;
  let score = taken ? fix.confidence : Math.min(fix.confidence, MOST_FOR_VALUE);
  if (facts.isOutput(from)) score += savesFile(context, from) ? POINTS.fromSaved : POINTS.fromShown;
  else if (facts.readers(from).length === 1) score += POINTS.leavesUnread;
  if (taken && facts.isUnread(taken.from))
    score += POINTS.takesIdle + (facts.slotsOf(taken.from)[0]?.slot === taken.slot ? POINTS.takesMain : 0);
  if (waitsForItself(context, subject)) score += POINTS.leavesCycle;
  return [{ fix, score }];
}

/** Whether a node writes a file: ComfyUI's own ask for the start of its name. */
function savesFile({ facts }: FixContext, node: string): boolean {
  return facts.declared(node).has('filename_prefix');
}

/** Whether the node of an input would still wait for itself if the input were fed by nothing. */
function waitsForItself({ facts }: FixContext, { place, input }: Subject): boolean {
  const seen = new Set<string>();
  const open = [place.node];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const [name, { from }] of Object.entries(own(facts.nodes, node)?.links ?? {})) {
      if (node === place.node && name === input) continue;
      if (from === place.node) return true;
      if (!seen.has(from)) open.push(from);
      seen.add(from);
    }
  }
  return false;
}
