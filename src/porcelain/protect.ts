import { CwfError } from '../base/errors.ts';
import {
  DEFAULT_BRANCH,
  MOST_APPROVALS,
  PROTECT_REF,
  type Protection,
  type ProtectRule,
  patternProblem,
  REQUIRED_CHECKS,
  type RequiredCheck,
  readProtection,
  rulesFile,
  rulesOf,
} from '../io/repo/protection.ts';
import { demandOf } from '../plan/review/gate.ts';
import type { Context } from './context.ts';
import { whileStale } from './settled.ts';
import { defineVerb } from './verb.ts';

/** Without a pattern the rules are listed; with one it is protected, or its rule is taken away. */
export interface ProtectInput {
  /** A branch, a pattern (`release/*`), or `@default`. */
  readonly branch?: string;
  /** Of a rule that is there: what is absent stays as it is. */
  readonly approvals?: number;
  readonly checks?: readonly string[];
  readonly remove?: boolean;
  readonly dryRun?: boolean;
}

/** The rules after the command, and the branches there are that fall under one. */
export interface ProtectOutput {
  readonly rules: readonly ProtectRule[];
  /** Short name of the branch that `@default` stands for; absent where it stands for every branch. */
  readonly defaultBranch?: string;
  readonly branches: readonly {
    readonly name: string;
    readonly approvals: number;
    readonly checks: readonly string[];
  }[];
}

/** `cwf protect`: which branches no agent may change, and what a proposal into them needs. Throws PROTECT_INVALID, PROTECT_NOT_FOUND, PROTECT_DENIED. */
export const protect = defineVerb<ProtectInput, ProtectOutput>({
  name: 'protect',
  summary: 'Protect branches from agents',
  mutates: true,
  lists: true,
  run: (ctx, input) => whileStale(() => protectOnce(ctx, input)),
});

async function protectOnce(ctx: Context, input: ProtectInput): Promise<ProtectOutput> {
  const now = await readProtection(ctx.repo);
  const { branch } = input;
  if (branch === undefined) return listed(ctx, now);
  const reason = patternProblem(branch);
  if (reason !== undefined) throw new CwfError('PROTECT_INVALID', { reason: `${branch.slice(0, 80)}: ${reason}` });
  const old = now.rules.find((rule) => rule.branch === branch);
  if (input.remove && old === undefined) throw notFound(branch, now);
  const others = now.rules.filter((rule) => rule.branch !== branch);
  const rules = input.remove ? others : [...others, ruleOf(branch, input, old)];
  if (!input.dryRun) await write(ctx, now, rules, input);
  return listed(ctx, input.dryRun ? { ...now, rules } : await readProtection(ctx.repo));
}

function ruleOf(branch: string, input: ProtectInput, old: ProtectRule | undefined): ProtectRule {
  const approvals = input.approvals ?? old?.approvals ?? 0;
  if (!Number.isInteger(approvals) || approvals < 0 || approvals > MOST_APPROVALS)
    throw new CwfError('PROTECT_INVALID', { reason: `approvals are a whole number from 0 to ${MOST_APPROVALS}` });
  const checks = [...new Set(input.checks ?? old?.checks ?? [])].sort();
  const unknown = checks.find((check) => !(REQUIRED_CHECKS as readonly string[]).includes(check));
  if (unknown !== undefined)
    throw new CwfError('PROTECT_INVALID', {
      reason: `no check ${unknown.slice(0, 80)}; there are: ${REQUIRED_CHECKS.join(', ')}`,
    });
  return { branch, approvals, checks: checks as RequiredCheck[] };
}

async function write(ctx: Context, now: Protection, rules: readonly ProtectRule[], input: ProtectInput): Promise<void> {
  const { path, bytes } = rulesFile(rules);
  await ctx.repo.transaction({ command: 'protect', actor: ctx.actor }, async (tx) => {
    const tree = await tx.writeTree(undefined, new Map([[path, { mode: '100644', oid: await tx.writeBlob(bytes) }]]));
    const message = `${input.remove ? 'Unprotect' : 'Protect'} ${input.branch}\n\nCwf-Actor: ${ctx.actor}\n`;
    const parents = now.tip === undefined ? [] : [now.tip];
    const oid = await tx.writeCommit({ tree, parents, message, ...(await ctx.identity()) });
    tx.setRef(PROTECT_REF, oid, now.tip ?? null);
  });
}

async function listed(ctx: Context, protection: Protection): Promise<ProtectOutput> {
  const branches = [];
  for (const { ref } of await ctx.repo.listRefs('refs/heads/')) {
    const rules = rulesOf(protection, ref);
    if (rules.length > 0) branches.push({ name: ref.slice('refs/heads/'.length), ...demandOf(rules) });
  }
  const known = protection.defaultBranch?.slice('refs/heads/'.length);
  return {
    rules: protection.rules,
    ...(known === undefined ? {} : { defaultBranch: known }),
    branches,
  };
}

function notFound(branch: string, protection: Protection): CwfError {
  const rules = protection.rules.map((rule) => rule.branch);
  const by = rulesOf(protection, `refs/heads/${branch}`).map((rule) => rule.branch);
  const what = by[0] === DEFAULT_BRANCH ? 'the default branch' : 'the pattern';
  const hint = by[0] === undefined ? {} : { hint: `${branch} falls under ${what}: \`cwf protect --remove ${by[0]}\`.` };
  return new CwfError('PROTECT_NOT_FOUND', { branch, rules }, hint);
}
