import { CwfError } from '../base/errors.ts';
import type { Catalog } from '../core/catalog/catalog.ts';
import type { Workflow } from '../core/workflow/types.ts';
import { FIDELITY_KINDS, type FidelityKind } from '../plan/optimize/sampler.ts';
import type { Params } from '../plan/optimize/space.ts';
import { type Objective, RUN_MEASURES, type StudyFidelity } from '../plan/optimize/study/definition.ts';
import { imageLadder, isClimbing } from '../plan/optimize/study/ladder.ts';
import { cheaperRuns } from '../plan/optimize/tunables/cheaper.ts';
import { atPoint } from '../plan/optimize/tunables/point-edits.ts';
import type { Tunable } from '../plan/optimize/tunables/tunable.ts';

/** What decides on the fidelity of a study. */
export interface FidelityTask {
  readonly asked?: FidelityKind;
  readonly pruner?: string;
  readonly repeats: number;
  readonly objectives: readonly Objective[];
  readonly file: string;
  readonly workflow: Workflow;
  readonly catalog: Catalog;
  readonly tunables: readonly Tunable[];
  readonly fixed: Params;
  /** Names of the parameters that are searched. */
  readonly searched: ReadonlySet<string>;
}

type Pruning = { readonly pruner?: string; readonly fidelity?: StudyFidelity };

/**
 * What a study gives its trials less of, and its pruner. A fidelity without a pruner has `asha`; `asha` and `hyperband`
 * without a fidelity have images where there are repeats, else smaller pictures, else fewer steps. Throws STUDY_FIDELITY
 * where none is to be had, USAGE. [ST-19]
 */
export function decideFidelity(task: FidelityTask): Pruning {
  const { asked, repeats } = task;
  const { pruner = asked === undefined ? undefined : 'asha' } = task;
  if (pruner === undefined) return {};
  if (!isClimbing(pruner)) {
    if (asked !== undefined && asked !== 'images')
      throw usage(`--pruner ${pruner} ends trials between repeats: --fidelity ${asked} needs asha or hyperband`);
    if (repeats < 2) throw usage(`--pruner ${pruner} decides between runs of a trial: give --repeats, too`);
    return { pruner };
  }
  const kinds = asked === undefined ? FIDELITY_KINDS : [asked];
  const reasons: string[] = [];
  for (const kind of kinds) {
    const found = fidelityOf(kind, task);
    if ('fidelity' in found) return { pruner, fidelity: found.fidelity };
    reasons.push(kinds.length > 1 ? `${kind}: ${found.reason}` : found.reason);
  }
  throw new CwfError('STUDY_FIDELITY', {
    source: task.file,
    fidelity: asked ?? `for ${pruner}`,
    reason: reasons.join('; '),
  });
}

function fidelityOf(
  kind: FidelityKind,
  { repeats, objectives, workflow, catalog, tunables, fixed, searched }: FidelityTask,
): { readonly fidelity: StudyFidelity } | { readonly reason: string } {
  if (kind === 'images')
    return repeats > 1 ? { fidelity: imageLadder(repeats) } : { reason: 'it needs --repeats, which says how many' };
  const ofRun = objectives.find(({ name }) => (RUN_MEASURES as readonly string[]).includes(name));
  if (ofRun) return { reason: `${ofRun.name} of a cheaper run is not that of the whole one` };
  const at = atPoint(workflow, tunables, fixed, catalog);
  const found = cheaperRuns(
    kind,
    at,
    catalog,
    tunables.filter(({ parameter }) => searched.has(parameter.name)),
  );
  return found.kind === 'fidelity' ? { fidelity: found.fidelity } : { reason: found.reason };
}

function usage(reason: string): CwfError {
  return new CwfError('USAGE', { command: 'optimize', reason });
}
