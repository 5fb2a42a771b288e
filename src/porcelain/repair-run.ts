import { type CwfError, isCwfError } from '../base/errors.ts';
import type { Catalog } from '../core/catalog/catalog.ts';
import type { FileLists } from '../core/catalog/check-value.ts';
import { applyEdits } from '../core/edit/compile.ts';
import type { Diagnostic, Fix } from '../core/validate/diagnostic.ts';
import { withFixes } from '../core/validate/fixes/with-fixes.ts';
import { validateWorkflow } from '../core/validate/validate.ts';
import { docDigest } from '../core/workflow/digest.ts';
import type { Workflow } from '../core/workflow/types.ts';
import { writeWorkflow } from '../core/workflow/write.ts';
import type { RunEvent, Runner, RunResult } from '../io/runner/runner.ts';
import { newFaults } from '../plan/agents/faults.ts';
import { agentFor } from '../plan/agents/fix-agents.ts';
import type { AgentName } from '../plan/agents/proposal.ts';
import { type RunFinding, runFindings } from '../plan/agents/run-finding.ts';
import type { Context } from './context.ts';
import { type DocumentRun, finishRun } from './run-document.ts';
import { runFailure } from './run-failure.ts';
import type { PreparedRun } from './run-prepare.ts';
import { knownRunners, prepareFor } from './run-runners.ts';
import type { RunSource } from './run-source.ts';
import { openRunners } from './runners.ts';

/** Where a repaired workflow is run, and how often. */
export interface RepairRunSettings {
  /** A runner; without it those of `.cwfrc`, or the embedded engine. */
  readonly on?: string | undefined;
  /** The folder that pictures are loaded from. */
  readonly input?: string | undefined;
  /** Runs at most; default 5. */
  readonly most?: number | undefined;
  /** Seconds, for each run. */
  readonly timeout?: number | undefined;
}

/** One step of a repair by runs, as it happens. */
export type RepairRunStep =
  | { readonly step: 'run'; readonly run: number; readonly runner: string }
  | { readonly step: 'node'; readonly run: number; readonly node: string }
  | { readonly step: 'ran'; readonly run: number; readonly kind: RunResult['kind'] | 'invalid'; readonly took: number }
  | { readonly step: 'finding'; readonly run: number; readonly code: RunFinding['code']; readonly message: string }
  | {
      readonly step: 'patch';
      readonly run: number;
      readonly agent: AgentName;
      readonly reason: string;
      readonly edits: number;
    };

/** A change that a run called for. */
export interface RunPatch {
  readonly agent: AgentName;
  readonly fix: Fix;
  readonly finding: RunFinding;
  readonly runner: string;
}

/** What runs made of a workflow: run number n is of the workflow after n patches. */
export interface RepairedByRuns {
  readonly after: Workflow;
  readonly patches: readonly RunPatch[];
  /** Absent for one that was not sent, since the runner would have refused it. */
  readonly runs: readonly (DocumentRun | undefined)[];
  readonly finished: boolean;
  /** What the last run says, with advice. */
  readonly left: readonly RunFinding[];
  /** Changes that were tried, though no run finished with them: they are not kept. */
  readonly tried: readonly RunPatch[];
  readonly error?: CwfError;
}

/** What runs are judged and patched by. */
export interface RepairRunTerms extends RepairRunSettings {
  readonly file: string;
  readonly catalog: Catalog;
  readonly files?: FileLists;
  readonly minConfidence: number;
  readonly report: (step: RepairRunStep) => void;
  readonly signal?: AbortSignal | undefined;
}

const MOST_RUNS = 5;

/**
 * Runs a workflow, and while a run ends with something that a sure fix is known for, makes that change and runs it
 * again [RA-25]. Changes are kept only where the last run finished. Nothing is noted yet. Throws nothing that a runner
 * or a run is the cause of: that is `error`.
 */
export async function repairByRuns(ctx: Context, workflow: Workflow, terms: RepairRunTerms): Promise<RepairedByRuns> {
  const patches: RunPatch[] = [];
  const runs: (DocumentRun | undefined)[] = [];
  const end = (left: readonly RunFinding[], error?: CwfError): RepairedByRuns => {
    const told = { runs: runs.slice(0, 1), left, tried: patches, finished: false };
    return { after: workflow, patches: [], ...told, ...(error ? { error } : {}) };
  };
  let open: Awaited<ReturnType<typeof openRunners>> | undefined;
  const changes = terms.input === undefined ? {} : { input: terms.input };
  try {
    open = await openRunners(ctx, terms.on);
    const known = await knownRunners(open.runners, terms.signal);
    let now = workflow;
    for (let run = 1; ; run++) {
      const placed = await prepareFor(ctx, sourceOf(terms.file, now), changes, known);
      const { prepared } = placed;
      const { runner, definitions } = placed.known;
      const catalog = definitions?.catalog ?? terms.catalog;
      let findings: readonly RunFinding[];
      if (prepared.kind === 'invalid') {
        runs.push(undefined);
        terms.report({ step: 'ran', run, kind: 'invalid', took: 0 });
        findings = withFixes(errorsOf(prepared.findings.diagnostics), now, catalog);
        if (findings.length === 0) return end([], prepared.error);
      } else {
        const { done, result } = await runOnce(ctx, prepared, runner, { run, terms });
        runs.push(done);
        if (result.kind === 'finished')
          return { after: now, patches, runs, finished: true, left: [], tried: [], ...failed(done) };
        findings = findingsOf(result, prepared, now, catalog);
        if (findings.length === 0) return end([], runFailure(done.note));
      }
      for (const { code, message } of findings) terms.report({ step: 'finding', run, code, message });
      const isLast = run >= (terms.most ?? MOST_RUNS) || terms.signal?.aborted === true;
      const patch = isLast ? undefined : nextPatch(findings, now, { ...terms, runner: runner.name });
      if (!patch) {
        const last = runs.at(-1);
        return end(findings, prepared.kind === 'invalid' ? prepared.error : last && runFailure(last.note));
      }
      const { agent, fix } = patch;
      terms.report({ step: 'patch', run, agent, reason: fix.title, edits: fix.edits.length });
      patches.push(patch);
      now = applyEdits(now, fix.edits);
    }
  } catch (error) {
    if (!isCwfError(error) || error.kind === 'bug') throw error;
    return end([], error);
  } finally {
    await open?.close();
  }
}

function sourceOf(file: string, workflow: Workflow): RunSource {
  return { subject: '', file, json: writeWorkflow(workflow), document: docDigest(workflow) };
}

interface Round {
  readonly run: number;
  readonly terms: RepairRunTerms;
}

async function runOnce(
  ctx: Context,
  prepared: PreparedRun,
  runner: Runner,
  { run, terms: { signal, timeout, report } }: Round,
): Promise<{ readonly done: DocumentRun; readonly result: RunResult }> {
  report({ step: 'run', run, runner: runner.name });
  const startedAt = ctx.now();
  const onEvent = (event: RunEvent): void => {
    if (event.kind === 'node') report({ step: 'node', run, node: event.node });
  };
  const limits = { ...(signal ? { signal } : {}), ...(timeout === undefined ? {} : { deadline: timeout * 1000 }) };
  const result = await runner.run(prepared.request, { onEvent, ...limits });
  const took = ctx.now() - startedAt;
  report({ step: 'ran', run, kind: result.kind, took });
  return { result, done: await finishRun(ctx, prepared, { runner, result, took }, { record: false }) };
}

function findingsOf(
  result: RunResult,
  { request: { prompt } }: PreparedRun,
  workflow: Workflow,
  catalog: Catalog,
): readonly RunFinding[] {
  switch (result.kind) {
    case 'failed':
    case 'out-of-memory':
      return runFindings({ kind: result.kind, prompt, error: result.error }, workflow, catalog);
    case 'refused':
      return runFindings(
        { kind: 'refused', prompt, error: result.error, nodeErrors: result.nodeErrors },
        workflow,
        catalog,
      );
    case 'partial': {
      const error = { type: '', message: 'some nodes did not run', details: result.missing.join(', ') };
      return runFindings({ kind: 'refused', prompt, error, nodeErrors: result.nodeErrors }, workflow, catalog);
    }
    default:
      return [];
  }
}

/** The surest change that brings no new fault. */
function nextPatch(
  findings: readonly RunFinding[],
  workflow: Workflow,
  { catalog, files, minConfidence, runner }: RepairRunTerms & { readonly runner: string },
): RunPatch | undefined {
  const validate = (one: Workflow) => validateWorkflow(one, catalog, files ? { files } : {}).diagnostics;
  const offers = findings.flatMap((finding) => (finding.fixes ?? []).map((fix) => ({ finding, fix })));
  const sure = offers.filter(({ fix }) => fix.confidence >= minConfidence && fix.edits.length > 0);
  sure.sort((a, b) => b.fix.confidence - a.fix.confidence);
  const before = validate(workflow);
  for (const { finding, fix } of sure) {
    if (newFaults(validate(applyEdits(workflow, fix.edits)), before).length > 0) continue;
    return { agent: agentFor(fix), fix, finding, runner };
  }
  return undefined;
}

function errorsOf(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity === 'error');
}

function failed({ note }: DocumentRun): { readonly error?: CwfError } {
  const error = runFailure(note);
  return error ? { error } : {};
}
