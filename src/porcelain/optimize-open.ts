import { CwfError, isCwfError } from '../base/errors.ts';
import { docDigest } from '../core/workflow/digest.ts';
import type { Workflow } from '../core/workflow/types.ts';
import type { Params, Space } from '../plan/optimize/space.ts';
import { readSpaceFile } from '../plan/optimize/space-file/read-space-file.ts';
import type { StudyDefinition } from '../plan/optimize/study/definition.ts';
import { narrowed } from '../plan/optimize/study/narrow.ts';
import { findTunables } from '../plan/optimize/tunables/find-tunables.ts';
import { currentPoint } from '../plan/optimize/tunables/point-edits.ts';
import type { NamedNode, Tunable } from '../plan/optimize/tunables/tunable.ts';
import type { Context } from './context.ts';
import { workflowAt } from './workflows.ts';

/** A study with all that is made of its definition. */
export interface OpenedStudy {
  readonly definition: StudyDefinition;
  /** The workflow at its base. */
  readonly workflow: Workflow;
  /** What can be varied there, the held ones included. */
  readonly tunables: readonly Tunable[];
  /** What is searched. */
  readonly space: Space;
  /** The point that the base is at; undefined where the space leaves it out. */
  readonly point?: Params;
  readonly hosted: readonly NamedNode[];
  /** The folder that pictures are loaded from. */
  readonly input?: string;
}

/** Reads what a study is about from its base. Throws STUDY_BASE_GONE, SPACE_FILE_INVALID. [ST-9] */
export async function openStudy(ctx: Context, definition: StudyDefinition, input?: string): Promise<OpenedStudy> {
  const workflow = await baseOf(ctx, definition);
  const { goal, space: json, name, only, fixed } = definition;
  const found = findTunables(workflow, ctx.catalog, { ...(goal ? { goal } : {}) });
  const subject = { workflow, catalog: ctx.catalog, known: [...found.tunables, ...found.held] };
  const tunables = readSpaceFile(json, subject, { source: `study ${name}`, lineOf: () => undefined });
  return {
    ...searched(tunables, only, fixed),
    definition,
    workflow,
    tunables,
    hosted: found.hosted,
    ...(input === undefined ? {} : { input }),
  };
}

/** The space that is left to search, and where the workflow stands in it. */
export function searched(
  tunables: readonly Tunable[],
  only: readonly string[] | undefined,
  fixed: Params,
): Pick<OpenedStudy, 'space' | 'point'> {
  const left = narrowed(tunables, only, fixed);
  const point = currentPoint(left);
  return { space: { parameters: left.map(({ parameter }) => parameter) }, ...(point ? { point } : {}) };
}

async function baseOf(ctx: Context, { name, base, file, document }: StudyDefinition): Promise<Workflow> {
  const gone = (cause?: unknown): CwfError =>
    new CwfError('STUDY_BASE_GONE', { study: name, base: base.slice(0, 8), file }, { cause });
  await ctx.loadCatalog();
  let workflow: Workflow;
  try {
    workflow = await workflowAt(ctx, base, file);
  } catch (error) {
    if (!isCwfError(error) || error.kind === 'bug') throw error;
    throw gone(error);
  }
  if (docDigest(workflow) !== document) throw gone();
  return workflow;
}
