import { type ReviewState, reviewerKey } from './state.ts';

/** What a branch asks of a proposal. */
export interface Demand {
  readonly approvals: number;
  readonly checks: readonly string[];
}

/** What all rules of a branch ask together. */
export function demandOf(rules: readonly Demand[]): Demand {
  return {
    approvals: Math.max(0, ...rules.map(({ approvals }) => approvals)),
    checks: [...new Set(rules.flatMap(({ checks }) => checks))].sort(),
  };
}

/** People whose approval counts: of the commit that is the head now, and not of their own proposal. [RV-7] */
export function approvers({ author, verdicts }: ReviewState): string[] {
  const counts = verdicts.filter(
    (one) =>
      one.verdict === 'approve' && !one.stale && one.actor === 'person' && reviewerKey(one) !== reviewerKey(author),
  );
  return counts.map(({ name, email }) => name || email);
}

/** What a proposal still needs to be merged, in words; nothing when it may be. `failed`: checks that were made and failed. */
export function missing(state: ReviewState, demand: Demand, failed: readonly string[]): string[] {
  const needs: string[] = [];
  // A word of an agent is advice.
  for (const { verdict, actor, name, email } of state.verdicts)
    if (verdict === 'request-changes' && actor === 'person') needs.push(`${name || email} asks for changes`);
  const have = approvers(state).length;
  if (have < demand.approvals) {
    const stale = state.verdicts.filter(
      (one) => one.verdict === 'approve' && one.stale && one.actor === 'person',
    ).length;
    const old = stale > 0 ? `; ${stale === 1 ? '1 is' : `${stale} are`} of an earlier commit` : '';
    needs.push(`${have} of ${demand.approvals} ${demand.approvals === 1 ? 'approval' : 'approvals'}${old}`);
  }
  for (const check of demand.checks) if (failed.includes(check)) needs.push(`the check ${check} fails`);
  return needs;
}
