import { basename } from 'node:path';
import { CwfError } from '../base/errors.ts';
import type { Diagnostic } from '../core/validate/diagnostic.ts';
import { docDigest } from '../core/workflow/digest.ts';
import type { Workflow } from '../core/workflow/types.ts';
import { fullRefName } from '../io/repo/ref-name.ts';
import type { Oid } from '../io/repo/types.ts';
import type { Agent } from '../plan/agents/agent.ts';
import { type Accepted, MIN_CONFIDENCE, type RepairStep } from '../plan/agents/coordinator.ts';
import { countFaults, type FaultCounts } from '../plan/agents/faults.ts';
import { linkAgent, parameterAgent, structuralAgent } from '../plan/agents/fix-agents.ts';
import type { AgentName } from '../plan/agents/proposal.ts';
import type { Context } from './context.ts';
import { parseFile } from './json-file.ts';
import { type Landing, landingOf, stageOpening } from './landing.ts';
import { noteExchanges } from './language-model.ts';
import { repoPath } from './paths.ts';
import { type RepairCommit, stageRepair } from './repair-commits.ts';
import { type RepairedDocument, repairDocument } from './repair-document.ts';
import { type ModelReport, openRepairModel, type RepairModel } from './repair-model.ts';
import { type RepairedByRuns, type RepairRunSettings, type RepairRunStep, repairByRuns } from './repair-run.ts';
import { recordRuns, stageRun } from './run-document.ts';
import type { RunNote } from './run-note.ts';
import { describeSecret, findSecrets } from './secrets.ts';
import { settledHead, whileStale } from './settled.ts';
import { catalogFor, readFileLists } from './validate.ts';
import { defineVerb } from './verb.ts';
import { loadWorkflows } from './workflows.ts';
import { readBytes, toDocument } from './worktree.ts';

/** The agents that decide by rules, in the order of hand-off. */
export const RULE_AGENTS: readonly Agent[] = [linkAgent, parameterAgent, structuralAgent];

/** What decides over a repair, whatever is repaired. */
export interface RepairSettings {
  /** Only these agents. Default: all. */
  readonly agents?: readonly AgentName[];
  /** Fixes less sure than this are told and not made, 0 to 1. Default 0.5. */
  readonly minConfidence?: number;
  readonly maxRounds?: number;
  /** A JSON file with the names of the files that a server has, by folder. */
  readonly lists?: string;
  /** The version of ComfyUI to repair for. */
  readonly engine?: string;
  /** A server's `/object_info` instead. */
  readonly objectInfo?: string;
}

/** Which file to repair, and where the commits go. */
export interface RepairInput extends RepairSettings {
  readonly file: string;
  /** Default `repair/<name of the file>`. */
  readonly branch?: string;
  /** Onto a proposal instead of a branch. */
  readonly propose?: boolean;
  /** Goes to the branch and writes the file; else both stay as they are. */
  readonly isSwitch?: boolean;
  readonly allowSecrets?: boolean;
  /** Asks the language model of `.cwfrc` about what is left; by default where `repair.model` there says so. */
  readonly model?: boolean;
  readonly dryRun?: boolean;
  /** Runs what is repaired, and repairs from what the runs say. */
  readonly run?: RepairRunSettings;
  readonly report?: (step: RepairStep | RepairRunStep) => void;
  /** Ends the runs. */
  readonly signal?: AbortSignal;
}

/** What a repair did. */
export interface RepairOutput {
  readonly file: string;
  readonly before: FaultCounts;
  readonly after: FaultCounts;
  readonly rounds: number;
  readonly accepted: readonly AcceptedReport[];
  /** Faults of form that writing the file cures. */
  readonly mended: readonly Diagnostic[];
  /** What remains, with advice. */
  readonly left: readonly Diagnostic[];
  /** The commits on the branch; absent dry, and where nothing was changed. */
  readonly branch?: string;
  /** The proposal they are on instead. */
  readonly proposal?: string;
  readonly commits?: readonly RepairCommit[];
  /** What the language model did, where one stood by. */
  readonly model?: ModelReport;
  /** What runs made of it, where it was to be run and no error was left. */
  readonly ran?: RunReport;
  /** The commit to go back to, and how. */
  readonly checkpoint?: { readonly oid: Oid; readonly command: string };
}

/** The runs of a repair, told: the first is of the workflow without a patch, each next one has one more. */
export interface RunReport extends Pick<RepairedByRuns, 'finished' | 'patches' | 'tried' | 'left' | 'error'> {
  readonly runs: readonly RunNote[];
  /** The commit that the last of them is noted on. */
  readonly commit?: Oid;
}

/** An accepted proposal, told. */
export interface AcceptedReport extends Pick<Accepted, 'before' | 'after'> {
  readonly agent: AgentName;
  readonly reason: string;
  readonly confidence: number;
  readonly edits: Accepted['proposal']['edits'];
  readonly cures: readonly Pick<Diagnostic, 'code' | 'scope' | 'node' | 'input'>[];
}

/**
 * `cwf repair`: repairs a workflow file by agents, a commit for each accepted proposal, on a branch of its own; one
 * operation for all, so that undo takes the whole repair back. Throws REF_EXISTS, SECRET_FOUND, FILE_NOT_FOUND, and what
 * reading the file, the lists, the definitions and the settings of the language model throws. A model that fails when it
 * was asked for by name is an error only where nothing else was repaired.
 */
export const repair = defineVerb<RepairInput, RepairOutput>({
  name: 'repair',
  summary: 'Repair a workflow on a branch',
  mutates: true,
  scope: 'propose',
  reports: true,
  async run(ctx, input) {
    await ctx.loadCatalog();
    const file = repoPath(ctx, input.file);
    const isAsked = input.model ?? (ctx.config.repair.model && input.agents === undefined);
    const model = isAsked ? await openRepairModel(ctx) : undefined;
    return whileStale(() => repairOnce(ctx, input, file, model));
  },
});

/** The agents of a run, in the order of hand-off. */
export function agentsOf({ agents }: RepairSettings): readonly Agent[] {
  return agents === undefined ? RULE_AGENTS : RULE_AGENTS.filter(({ name }) => agents.includes(name));
}

/** An accepted proposal as data. */
export function acceptedReport({ proposal, before, after }: Accepted): AcceptedReport {
  const { agent, reason, confidence, edits, evidence } = proposal;
  const cures = evidence.map(({ code, scope, node, input }) => ({
    code,
    ...(scope === undefined ? {} : { scope }),
    ...(node === undefined ? {} : { node }),
    ...(input === undefined ? {} : { input }),
  }));
  return { agent, reason, confidence, before, after, edits, cures };
}

async function repairOnce(
  ctx: Context,
  input: RepairInput,
  file: string,
  model: ((workflow: Workflow) => RepairModel) | undefined,
): Promise<RepairOutput> {
  const head = await settledHead(ctx);
  const bytes = readBytes(ctx, file);
  const fractions: string[] = [];
  const json = parseFile(bytes, file, { onFraction: (pointer) => void fractions.push(pointer) });
  const catalog = await catalogFor(input, ctx.cwd);
  const files = input.lists === undefined ? {} : { files: readFileLists(ctx.cwd, input.lists) };
  const { maxRounds, minConfidence, report } = input;
  const done = await repairDocument(json, file, {
    catalog,
    ...files,
    fractions,
    agents: agentsOf(input),
    ...(maxRounds === undefined ? {} : { maxRounds }),
    ...(minConfidence === undefined ? {} : { minConfidence }),
    ...(report === undefined ? {} : { report }),
    ...(model === undefined ? {} : { model }),
  });
  const told = outputOf(file, done);
  const isChanged = told.accepted.length > 0 || told.mended.length > 0;
  const failure = !isChanged && input.model === true ? done.model?.failure() : undefined;
  if (failure) throw failure;
  const isRun = input.run !== undefined && !input.dryRun && told.after.errors === 0;
  const least = minConfidence ?? MIN_CONFIDENCE;
  const ran = isRun
    ? await repairByRuns(ctx, done.repair.after, {
        ...input.run,
        signal: input.signal,
        file,
        catalog,
        ...files,
        minConfidence: least,
        report: report ?? (() => {}),
      })
    : undefined;
  if (!isChanged && !ran?.patches.length) return { ...told, ...(ran ? await noteOnHead(ctx, head, file, ran) : {}) };
  const landing = await landingFor(ctx, input);
  const place = landing ? { proposal: landing.id } : { branch: await branchFor(ctx, input, file) };
  if (input.dryRun) return { ...told, ...place };
  return {
    ...told,
    ...place,
    ...(await commitRepair(ctx, input, { file, ...place, landing, head, bytes, done, ran })),
  };
}

/** A run of what was not changed is noted where `cwf run` would note it: on HEAD, if that has the file so. */
async function noteOnHead(
  ctx: Context,
  head: { readonly oid?: Oid },
  file: string,
  ran: RepairedByRuns,
): Promise<{ readonly ran: RunReport }> {
  const committed = await (await loadWorkflows(ctx, head.oid)).get(file)?.workflow();
  const runs = ran.runs.filter((one) => one !== undefined);
  const [first] = runs;
  if (!first || !committed || docDigest(committed) !== first.note.document) return { ran: runReport(ran) };
  await recordRuns(ctx, head.oid!, 'repair', runs);
  return { ran: runReport(ran, head.oid) };
}

function runReport({ runs, finished, patches, tried, left, error }: RepairedByRuns, commit?: Oid): RunReport {
  const notes = runs.flatMap((one) => (one ? [one.note] : []));
  const on = commit !== undefined && notes.length > 0 ? { commit } : {};
  return { runs: notes, finished, patches, tried, left, ...(error ? { error } : {}), ...on };
}

function outputOf(file: string, { found, mended, repair: run, model }: RepairedDocument): RepairOutput {
  const { accepted, left, rounds } = run;
  return {
    file,
    before: found,
    after: countFaults(left),
    rounds,
    accepted: accepted.map(acceptedReport),
    mended,
    left,
    ...(model ? { model: model.report() } : {}),
  };
}

interface Committing {
  readonly file: string;
  readonly branch?: string;
  readonly landing: Landing | undefined;
  readonly head: { readonly branch?: string; readonly oid?: Oid };
  readonly bytes: Uint8Array;
  readonly done: RepairedDocument;
  readonly ran: RepairedByRuns | undefined;
}

async function commitRepair(
  ctx: Context,
  input: RepairInput,
  { file, branch, landing, head, bytes, done, ran }: Committing,
): Promise<Pick<RepairOutput, 'commits' | 'checkpoint' | 'ran'>> {
  const { before: found, repair: run } = done;
  const after = ran?.after ?? run.after;
  const committed = await (await loadWorkflows(ctx, head.oid)).get(file)?.workflow();
  const secrets = input.allowSecrets || ctx.config.secrets === 'allow' ? [] : findSecrets(file, after, committed);
  if (secrets.length > 0)
    throw new CwfError('SECRET_FOUND', { count: secrets.length, places: secrets.map(describeSecret) });
  const ref = landing ? landing.ref : fullRefName(branch!, 'refs/heads/');
  const start = {
    ...(head.oid === undefined ? {} : { parent: head.oid }),
    ...(committed === undefined ? {} : { committed }),
  };
  const { commits, base, states } = await ctx.repo.transaction({ command: 'repair', actor: ctx.actor }, async (tx) => {
    const onCommit = (commit: Oid, { proposal }: Accepted): void => {
      if (proposal.agent === 'model') noteExchanges(ctx, tx, commit, done.model?.exchangesFor(proposal) ?? []);
    };
    const made = await stageRepair(ctx, tx, {
      file,
      found,
      accepted: run.accepted,
      patches: ran?.patches ?? [],
      onCommit,
      ...start,
    });
    const tip = made.commits.at(-1)?.oid ?? head.oid!;
    tx.setRef(ref, tip, null);
    if (landing) await stageOpening(ctx, tx, landing, tip, { title: `Repair ${file}`, text: reasonsOf(run.accepted) });
    for (const [at, one] of (ran?.runs ?? []).entries()) {
      const state = made.states[at];
      if (one && state !== undefined) stageRun(ctx, tx, state, one);
    }
    if (!input.isSwitch) return made;
    const document = toDocument(after);
    tx.setHead({ branch: ref });
    tx.writeFile(file, document.bytes, { expected: bytes });
    tx.setIndexEntry(file, { mode: made.mode, oid: document.oid });
    return made;
  });
  const told = ran ? { ran: runReport(ran, states[ran.patches.length]) } : {};
  if (base === undefined) return { commits, ...told };
  return { commits, ...told, checkpoint: { oid: base, command: `cwf restore --source ${base.slice(0, 8)} ${file}` } };
}

/** Where a proposed repair lands. Throws PROPOSAL_INVALID for one that is to be gone to. */
async function landingFor(ctx: Context, { propose, branch, isSwitch }: RepairInput): Promise<Landing | undefined> {
  if (propose && (branch !== undefined || isSwitch))
    throw new CwfError('PROPOSAL_INVALID', { reason: 'it takes the place of a branch, and nobody goes there' });
  return landingOf(ctx, { propose });
}

function reasonsOf(accepted: readonly Accepted[]): string {
  return accepted.map(({ proposal }) => `- ${proposal.reason}`).join('\n');
}

/** The branch that was asked for, which must be new; else the first free name. Throws REF_INVALID, REF_EXISTS. */
async function branchFor(ctx: Context, { branch }: RepairInput, file: string): Promise<string> {
  const isTaken = async (name: string): Promise<boolean> =>
    (await ctx.repo.readRef(fullRefName(name, 'refs/heads/'))) !== undefined;
  if (branch !== undefined) {
    if (await isTaken(branch)) throw new CwfError('REF_EXISTS', { ref: branch });
    return branch;
  }
  const stem = basename(file, '.json')
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[-.]+|[-.]+$|\.(?=\.)|\.lock$/g, '');
  const name = `repair/${stem || 'workflow'}`;
  for (let n = 1; ; n++) {
    const tried = n === 1 ? name : `${name}-${n}`;
    if (!(await isTaken(tried))) return tried;
  }
}
