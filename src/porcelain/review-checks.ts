import { sha256 } from '../base/hash.ts';
import type { Json } from '../base/json.ts';
import { canonicalJson } from '../base/json-text.ts';
import { placeLabel } from '../core/edit/describe.ts';
import type { Workflow } from '../core/workflow/types.ts';
import type { Oid } from '../io/repo/types.ts';
import { newReach, type Reach } from '../plan/review/reach.ts';
import { type ChangeFault, changeFaults } from './change-faults.ts';
import { type Change, compareSides } from './changes.ts';
import type { Context } from './context.ts';
import type { FileRuns } from './review-runs.ts';
import { loadWorkflows } from './workflows.ts';

/** One check of a proposal against where it left its target. */
export interface CheckResult {
  readonly check: 'validate' | 'reach' | 'run';
  /** `warn` is to be looked at: warnings of the validator, whatever is newly reached, what could not be run. */
  readonly state: 'pass' | 'warn' | 'fail';
  /** In one line. */
  readonly text: string;
  /** New faults, for `validate`. */
  readonly faults?: readonly ChangeFault[];
  /** What is newly reached, for `reach`. */
  readonly reach?: readonly (Reach & { readonly file: string; readonly place: string })[];
  /** The changed workflows that were run, for `run`. */
  readonly runs?: readonly FileRuns[];
}

/** All checks; `digest` names what they judged: both trees' workflows and the node definitions. */
export interface Checks {
  readonly base?: Oid;
  readonly digest: string;
  readonly results: readonly CheckResult[];
}

/** Makes the checks that need no run. They are pure: whoever relies on one makes it anew, and trusts no note. [RV-9] */
export async function makeChecks(ctx: Context, base: Oid | undefined, head: Oid): Promise<Checks> {
  const [before, after] = [await loadWorkflows(ctx, base), await loadWorkflows(ctx, head)];
  const changes = await changedWorkflows(ctx, base, head);
  const judged = changes.map(({ file }) => [file, before.get(file)?.oid ?? null, after.get(file)?.oid ?? null]);
  const digest = sha256(canonicalJson([ctx.catalog.hash, ...judged] as Json));
  const results = [validated(ctx, changes), reached(ctx, changes)];
  return { ...(base === undefined ? {} : { base }), digest, results };
}

/** The workflows that a proposal changes. */
export async function changedWorkflows(ctx: Context, base: Oid | undefined, head: Oid): Promise<readonly Change[]> {
  await ctx.loadCatalog();
  return compareSides(await loadWorkflows(ctx, base), await loadWorkflows(ctx, head));
}

/** The names of those that a rule would not let pass: new errors, and anything that is newly reached. */
export function failedChecks({ results }: Checks): string[] {
  const fails = results.filter(({ check, state }) => state === 'fail' || (check === 'reach' && state === 'warn'));
  return fails.map(({ check }) => check);
}

function validated(ctx: Context, changes: readonly Change[]): CheckResult {
  const faults = changeFaults(ctx, changes);
  const errors = faults.filter(({ severity }) => severity === 'error').length;
  const warnings = faults.length - errors;
  const counts = [plural(errors, 'new error'), plural(warnings, 'new warning')].filter((text) => text !== '');
  const state = errors > 0 ? 'fail' : warnings > 0 ? 'warn' : 'pass';
  return { check: 'validate', state, text: counts.join(', ') || 'no new fault', faults };
}

function reached(ctx: Context, changes: readonly Change[]): CheckResult {
  const reach = changes.flatMap(({ file, before, after }) =>
    after ? newReach(before, after, ctx.catalog).map((one) => ({ file, ...one, place: placeOf(one, after) })) : [],
  );
  const kinds = [
    ['paid', 'hosted node that costs money', 'hosted nodes that cost money'],
    ['program', 'node that may run programs', 'nodes that may run programs'],
    ['download', 'node that may download', 'nodes that may download'],
    ['unknown', 'node of unknown code', 'nodes of unknown code'],
    ['address', 'new address', 'new addresses'],
  ] as const;
  const parts = kinds.map(([kind, one, many]) =>
    plural(reach.filter((found) => found.kind === kind).length, one, many),
  );
  const text = parts.filter((part) => part !== '').join(', ') || 'nothing beyond this machine';
  return { check: 'reach', state: reach.length > 0 ? 'warn' : 'pass', text, reach };
}

function placeOf(reach: Reach, workflow: Workflow): string {
  return placeLabel(reach, workflow);
}

function plural(n: number, one: string, many = `${one}s`): string {
  return n === 0 ? '' : `${n} ${n === 1 ? one : many}`;
}
