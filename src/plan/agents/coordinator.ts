import type { Catalog } from '../../core/catalog/catalog.ts';
import type { FileLists } from '../../core/catalog/check-value.ts';
import type { Edit } from '../../core/edit/edit.ts';
import type { Diagnostic } from '../../core/validate/diagnostic.ts';
import { withFixes } from '../../core/validate/fixes/with-fixes.ts';
import { validateWorkflow } from '../../core/validate/validate.ts';
import { compareIds } from '../../core/workflow/names.ts';
import type { Workflow } from '../../core/workflow/types.ts';
import { judge, type Standing, type Verdict } from './accept.ts';
import type { Agent } from './agent.ts';
import { enlarge } from './enlarge.ts';
import { explained } from './explain.ts';
import { countFaults, type FaultCounts, faultKey } from './faults.ts';
import { linkAgent, parameterAgent, structuralAgent } from './fix-agents.ts';
import type { AgentName, Proposal } from './proposal.ts';

/** Who repairs, how far, and what is told on the way. */
export interface RepairOptions {
  /** In the order of hand-off; default: link, parameter, structural. A language model is one agent more. */
  readonly agents?: readonly Agent[];
  readonly files?: FileLists;
  /** Default: the strict validation with `files`. */
  readonly validate?: (workflow: Workflow) => readonly Diagnostic[];
  /** Default 0.5. */
  readonly minConfidence?: number;
  /** Default 8. */
  readonly maxRounds?: number;
  /** Edits of all accepted proposals together; default 1000. */
  readonly maxEdits?: number;
  readonly report?: (step: RepairStep) => void;
}

/** One step of a repair, as it happens. */
export type RepairStep =
  | ({ readonly step: 'validate'; readonly round: number } & FaultCounts)
  | { readonly step: 'analyse'; readonly round: number; readonly agent: AgentName; readonly proposals: number }
  | { readonly step: 'hand-off'; readonly round: number; readonly from: AgentName; readonly to: AgentName }
  | {
      readonly step: 'patch';
      readonly round: number;
      readonly agent: AgentName;
      readonly reason: string;
      readonly edits: number;
    }
  | {
      readonly step: 'refuse';
      readonly round: number;
      readonly agent: AgentName;
      readonly reason: string;
      readonly why: string;
    };

/** A proposal that was accepted, with the faults before and after it and the workflow it led to. */
export interface Accepted {
  readonly proposal: Proposal;
  readonly before: FaultCounts;
  readonly after: FaultCounts;
}

/** What a repair led to. `left`: the findings that remain, with advice. */
export interface Repair {
  readonly after: Workflow;
  readonly accepted: readonly Accepted[];
  readonly left: readonly Diagnostic[];
  readonly rounds: number;
}

/** Fixes less sure than this are told and not made. */
export const MIN_CONFIDENCE = 0.5;
const MAX_ROUNDS = 8;
const MAX_EDITS = 1000;
/** Nodes that are validated in all trials of one run together, so that a huge file takes seconds and not hours. */
const MAX_WORK = 400_000;
const LEAST_TRIALS = 40;
/** Findings times nodes that one search for fixes looks at. */
const MAX_SEARCH = 3_000_000;
const LEAST_FINDINGS = 200;

/**
 * Repairs a workflow in rounds: findings, proposals of all agents by confidence, those that do not overlap judged
 * together and apart where together they fail, until nothing is accepted any more. Pure but for what agents await.
 */
export async function repairWorkflow(
  workflow: Workflow,
  catalog: Catalog,
  options: RepairOptions = {},
): Promise<Repair> {
  const { agents = [linkAgent, parameterAgent, structuralAgent], files = {}, minConfidence = MIN_CONFIDENCE } = options;
  const validate = options.validate ?? ((one: Workflow) => validateWorkflow(one, catalog, { files }).diagnostics);
  const report = options.report ?? (() => {});
  const accepted: Accepted[] = [];
  let standing: Standing = { workflow, diagnostics: validate(workflow), catalog, validate };
  let [rounds, edits] = [0, 0];
  const maxRounds = options.maxRounds ?? MAX_ROUNDS;
  const maxEdits = options.maxEdits ?? MAX_EDITS;
  const most = Math.max(LEAST_FINDINGS, Math.min(1000, Math.floor(MAX_SEARCH / (countNodes(workflow) + 1))));
  const fixed = (): Diagnostic[] => withFixes(standing.diagnostics, standing.workflow, catalog, { files, most });
  let diagnostics = fixed();
  let refusals: ReadonlyMap<string, string> = new Map();
  const trials = { left: Math.max(LEAST_TRIALS, MAX_WORK / (countNodes(workflow) + 1)) };
  while (rounds < maxRounds && edits < maxEdits && trials.left > 0) {
    report({ step: 'validate', round: rounds + 1, ...countFaults(standing.diagnostics) });
    if (!diagnostics.some(({ severity }) => severity !== 'info')) break;
    rounds++;
    const proposals: Proposal[] = [];
    for (const [at, agent] of agents.entries()) {
      if (at > 0) report({ step: 'hand-off', round: rounds, from: agents[at - 1]!.name, to: agent.name });
      const made = await agent.propose({
        workflow: standing.workflow,
        catalog,
        diagnostics,
        files,
        round: rounds,
        minConfidence,
      });
      report({ step: 'analyse', round: rounds, agent: agent.name, proposals: made.length });
      proposals.push(...made);
    }
    const done = accept(inOrder(proposals), standing, { files, minConfidence, room: maxEdits - edits, trials });
    for (const { proposal, why } of done.refused)
      report({ step: 'refuse', round: rounds, agent: proposal.agent, reason: proposal.reason, why });
    for (const { proposal } of done.accepted) {
      report({
        step: 'patch',
        round: rounds,
        agent: proposal.agent,
        reason: proposal.reason,
        edits: proposal.edits.length,
      });
      edits += proposal.edits.length;
    }
    accepted.push(...done.accepted);
    refusals = new Map(
      done.refused.flatMap(({ proposal, why }) => proposal.evidence.map((fault) => [faultKey(fault), why] as const)),
    );
    if (done.accepted.length === 0) break;
    standing = done.standing;
    diagnostics = fixed();
  }
  return { after: standing.workflow, accepted, left: explained(diagnostics, minConfidence, refusals), rounds };
}

function countNodes({ nodes, subgraphs }: Workflow): number {
  return [nodes, ...Object.values(subgraphs).map((one) => one.nodes)].reduce(
    (sum, one) => sum + Object.keys(one).length,
    0,
  );
}

interface Limits {
  readonly files: FileLists;
  readonly minConfidence: number;
  /** Edits that may still be made. */
  readonly room: number;
  /** Validations that may still be made; counted down. */
  readonly trials: { left: number };
}

interface Round {
  readonly standing: Standing;
  readonly accepted: readonly Accepted[];
  readonly refused: readonly { readonly proposal: Proposal; readonly why: string }[];
}

/** Surest first, then by place: the same proposals are always tried in the same order. [RA-6] */
function inOrder(proposals: readonly Proposal[]): Proposal[] {
  const place = ({ evidence }: Proposal): string => evidence[0]?.node ?? '';
  return [...proposals].sort(
    (a, b) =>
      b.confidence - a.confidence ||
      compareIds(place(a), place(b)) ||
      (a.reason < b.reason ? -1 : a.reason > b.reason ? 1 : 0),
  );
}

function accept(proposals: readonly Proposal[], start: Standing, limits: Limits): Round {
  let standing = start;
  const accepted: Accepted[] = [];
  const refused: { proposal: Proposal; why: string }[] = [];
  let room = limits.room;
  const take = (list: readonly Proposal[], verdict: Verdict & { kind: 'accepted' }): void => {
    const { workflow, diagnostics } = verdict;
    accepted.push(...counted(list, standing, verdict));
    standing = { ...standing, workflow, diagnostics };
  };
  const run = (list: readonly Proposal[]): void => {
    if (list.length === 0 || limits.trials.left-- <= 0) return;
    const verdict = judge(list, standing);
    if (verdict.kind === 'accepted') take(list, verdict);
    else if (list.length > 1) {
      const half = Math.ceil(list.length / 2);
      run(list.slice(0, half));
      run(list.slice(half));
    } else {
      const larger = verdict.revealed && enlarge(list[0]!, standing, verdict.revealed, limits);
      const again = larger && judge([larger], standing);
      if (again?.kind === 'accepted') take([larger!], again);
      else refused.push({ proposal: list[0]!, why: verdict.reason });
    }
  };
  const { apart, overlapping } = withoutOverlaps(proposals);
  const chosen = apart.filter(({ edits }) => {
    const fits = edits.length <= room;
    if (fits) room -= edits.length;
    return fits;
  });
  // What a language model says is judged by itself, so that nothing rides along.
  run(chosen.filter(({ agent }) => agent !== 'model'));
  for (const one of chosen.filter(({ agent }) => agent === 'model')) run([one]);
  // The next best for a finding whose best was refused; what a proposal took is not offered twice in one round.
  const cured = new Set(accepted.flatMap(({ proposal }) => proposal.evidence.map(faultKey)));
  const changed = accepted.flatMap(({ proposal }) => proposal.edits);
  for (const one of overlapping) {
    if (one.evidence.some((fault) => cured.has(faultKey(fault))) || overlaps(one.edits, changed)) continue;
    if (one.edits.length > room) continue;
    const count = accepted.length;
    run([one]);
    if (accepted.length === count) continue;
    room -= one.edits.length;
    for (const fault of one.evidence) cured.add(faultKey(fault));
    changed.push(...one.edits);
  }
  return { standing, accepted, refused };
}

/** The counts around each proposal of a batch: what its own findings made up goes with it. */
function counted(
  list: readonly Proposal[],
  { diagnostics }: Standing,
  verdict: Verdict & { kind: 'accepted' },
): Accepted[] {
  if (list.length === 1) return [{ proposal: list[0]!, before: verdict.before, after: verdict.after }];
  const left = new Set(verdict.diagnostics.map(faultKey));
  let now = diagnostics.filter((one) => one.severity !== 'info');
  return list.map((proposal, at) => {
    const before = countFaults(now);
    const cures = new Set(proposal.evidence.map(faultKey).filter((key) => !left.has(key)));
    now = at === list.length - 1 ? [...verdict.diagnostics] : now.filter((one) => !cures.has(faultKey(one)));
    return { proposal, before, after: countFaults(now) };
  });
}

/** Of proposals for one finding, one place or one idle source the first; the others may come later. [RA-6] */
function withoutOverlaps(proposals: readonly Proposal[]): { apart: Proposal[]; overlapping: Proposal[] } {
  const apart: Proposal[] = [];
  const overlapping: Proposal[] = [];
  const places = new Set<string>();
  const prefixes = new Set<string>();
  const faults = new Set<string>();
  for (const one of proposals) {
    const claims = one.edits.flatMap(({ kind, path, to }) => {
      const source = kind === 'connect' ? (to as { from?: string; slot?: unknown } | undefined) : undefined;
      const scope = path[0] === 'subgraphs' ? path[1] : '';
      return source ? [JSON.stringify(['from', scope, source.from, source.slot])] : [];
    });
    const paths = one.edits.map(({ path }) => path);
    const keys = [...paths.map((path) => JSON.stringify(path)), ...claims];
    const above = paths.flatMap((path) => path.slice(0, -1).map((_part, at) => JSON.stringify(path.slice(0, at + 1))));
    const isTaken =
      one.evidence.some((fault) => faults.has(faultKey(fault))) ||
      keys.some((key) => places.has(key) || prefixes.has(key)) ||
      above.some((key) => places.has(key));
    if (isTaken) {
      overlapping.push(one);
      continue;
    }
    for (const fault of one.evidence) faults.add(faultKey(fault));
    for (const key of keys) places.add(key);
    for (const key of above) prefixes.add(key);
    apart.push(one);
  }
  return { apart, overlapping };
}

/** Whether edits change a place that others have changed, or one above or below it. */
function overlaps(edits: readonly Edit[], others: readonly Edit[]): boolean {
  const within = (a: readonly string[], b: readonly string[]): boolean => a.every((part, at) => part === b[at]);
  return edits.some(({ path }) => others.some((other) => within(path, other.path) || within(other.path, path)));
}
