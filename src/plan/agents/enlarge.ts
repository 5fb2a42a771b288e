import type { FileLists } from '../../core/catalog/check-value.ts';
import { applyEdits } from '../../core/edit/compile.ts';
import { diffByIds } from '../../core/edit/diff.ts';
import type { Diagnostic } from '../../core/validate/diagnostic.ts';
import { withFixes } from '../../core/validate/fixes/with-fixes.ts';
import type { Standing } from './accept.ts';
import { faultKey, newFaults, nodesOf } from './faults.ts';
import type { Proposal } from './proposal.ts';

const MOST_STEPS = 4;
/** Findings that may come to light with one proposal; more means that it is wrong. */
const MOST_REVEALED = 12;

/**
 * A proposal together with cures of what it brings to light: a node whose class becomes known has inputs that nobody
 * could look at before. Undefined where that leads beyond the nodes of the proposal or to no end.
 */
export function enlarge(
  proposal: Proposal,
  { workflow, diagnostics, catalog, validate }: Standing,
  revealed: readonly Diagnostic[],
  { files, minConfidence }: { readonly files: FileLists; readonly minConfidence: number },
): Proposal | undefined {
  const named = new Set(proposal.evidence.flatMap(nodesOf));
  let [now, open] = [applyEdits(workflow, proposal.edits), revealed];
  let confidence = proposal.confidence;
  for (let step = 0; step < MOST_STEPS; step++) {
    if (open.length > MOST_REVEALED || open.some((one) => !nodesOf(one).some((node) => named.has(node))))
      return undefined;
    const [next] = withFixes(open, now, catalog, { files }).flatMap(({ fixes, ...one }) => {
      const fix = fixes?.find((each) => each.confidence >= minConfidence);
      return fix ? [{ fix, one }] : [];
    });
    if (!next) return undefined;
    now = applyEdits(now, next.fix.edits);
    confidence = Math.min(confidence, next.fix.confidence);
    const after = validate(now);
    const left = newFaults(after, diagnostics);
    if (left.length === 0) {
      const edits = diffByIds(workflow, now);
      return { ...proposal, edits, confidence, reason: `${proposal.reason}; ${next.fix.title}` };
    }
    if (left.some((one) => faultKey(one) === faultKey(next.one))) return undefined;
    open = left;
  }
  return undefined;
}
