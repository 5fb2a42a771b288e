import { CwfError } from '../base/errors.ts';
import { fullRefName } from '../io/repo/ref-name.ts';
import type { Oid } from '../io/repo/types.ts';
import { type ExpInput, findTrial } from './exp.ts';
import { cherryPick, type PickOutput } from './pick.ts';
import { findStudy, writeStudy } from './study-store.ts';
import { defineVerb } from './verb.ts';

/** Which trial, as `<study>/<number>`. */
export interface ExpTrialInput {
  readonly trial: string;
}

/** `cwf exp promote`: the branch that was made. */
export interface ExpPromoteOutput {
  readonly branch: string;
  readonly oid: Oid;
}

/** `cwf exp promote`: makes a trial a branch, which fetch and push take along. Throws TRIAL_NOT_FOUND, REF_EXISTS. */
export const expPromote = defineVerb<ExpTrialInput, ExpPromoteOutput>({
  name: 'exp promote',
  summary: 'Make a trial a branch',
  mutates: true,
  async run(ctx, { trial }) {
    const { study, record, commit } = await findTrial(ctx, trial);
    const branch = `trial/${study.definition.name}/${record.number}`;
    const ref = fullRefName(branch, 'refs/heads/');
    if ((await ctx.repo.readRef(ref)) !== undefined) throw new CwfError('REF_EXISTS', { ref: branch });
    await ctx.repo.transaction({ command: 'exp promote', actor: ctx.actor }, async (tx) =>
      tx.setRef(ref, commit, null),
    );
    return { branch, oid: commit };
  },
});

/** What the branch that one is on got of a trial. */
export interface ExpApplyOutput extends PickOutput {
  readonly study: string;
  readonly trial: number;
}

/**
 * `cwf exp apply`: repeats the edits of a trial on the branch that one is on, as `cwf cherry-pick` does. Throws
 * TRIAL_NOT_FOUND and what `cherryPick` throws.
 */
export const expApply = defineVerb<
  ExpTrialInput & { readonly reason?: string; readonly dryRun?: boolean },
  ExpApplyOutput
>({
  name: 'exp apply',
  summary: 'Take the edits of a trial into the current branch',
  mutates: true,
  async run(ctx, { trial, reason, dryRun }) {
    const { study, record, commit } = await findTrial(ctx, trial);
    const more = { ...(reason === undefined ? {} : { reason }), ...(dryRun === undefined ? {} : { dryRun }) };
    const { picks } = await cherryPick.run(ctx, { revs: [commit], ...more });
    return { study: study.definition.name, trial: record.number, picks };
  },
});

/** How a study stands after it was asked to stop. */
export interface ExpStopOutput {
  readonly study: string;
  /** Whether it was not running. */
  readonly wasOver: boolean;
}

/** `cwf exp stop`: ends a study, wherever it runs, after the trials that run. Throws STUDY_NOT_FOUND. */
export const expStop = defineVerb<ExpInput, ExpStopOutput>({
  name: 'exp stop',
  summary: 'End a running study after its current trial',
  mutates: true,
  async run(ctx, input) {
    const study = await findStudy(ctx, input.study);
    const { definition, status, tip } = study;
    const wasOver = status !== 'running';
    if (!wasOver)
      await writeStudy(ctx, 'exp stop', { ...study, status: 'stopped', reason: `stopped by ${ctx.actor}` }, tip);
    return { study: definition.name, wasOver };
  },
});
