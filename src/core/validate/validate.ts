import type { Catalog } from '../catalog/catalog.ts';
import type { FileLists } from '../catalog/check-value.ts';
import { convertToApi } from '../convert/convert.ts';
import type { FileOrder } from '../convert/renumber.ts';
import type { Workflow } from '../workflow/types.ts';
import { isBlueprint } from './blueprint.ts';
import type { Diagnostic } from './diagnostic.ts';
import { type Graph, type GraphNode, graphOfApi, graphOfPrompt } from './graph.ts';
import { Report } from './report.ts';
import { RULES } from './rules/index.ts';
import { isEnd, neededByFragment, usedNodes } from './usage.ts';

/** What a validation may know besides the workflow and the catalog. */
export interface ValidateOptions {
  /** The files that a server has; without them no file is said to be missing. */
  readonly files?: FileLists;
  /** The order of the lists of a UI file (`fileOrder`), which ids of the prompt depend on. */
  readonly order?: FileOrder;
}

/**
 * All faults of a workflow at once, errors first, then by place. [VS-1] An API document is looked at as it is; of a UI
 * document the prompt that ComfyUI's page would send, with every finding at its place in the document. Pure: needs no
 * server, changes nothing.
 */
export function validateWorkflow(
  workflow: Workflow,
  catalog: Catalog,
  { files, order }: ValidateOptions = {},
): { readonly diagnostics: Diagnostic[] } {
  const made =
    workflow.format === 'ui'
      ? convertToApi(workflow, catalog, { now: new Date(0), choose: () => 0, ...(order ? { order } : {}) })
      : undefined;
  const graph = made ? graphOfPrompt(made, catalog, files) : graphOfApi(workflow, catalog, files);
  const remarks = made?.diagnostics ?? [];
  const report = new Report(usedIn(workflow, graph));
  for (const rule of RULES) rule.check({ workflow, graph, remarks }, report);
  return { diagnostics: report.list() };
}

/** The nodes that are run; undefined where none is known to be, so that all are judged alike. */
function usedIn(workflow: Workflow, graph: Graph): ReadonlySet<GraphNode> | undefined {
  if (isBlueprint(workflow)) return neededByFragment(workflow, graph);
  return [...graph.nodes.values()].some(isEnd) ? usedNodes(graph) : undefined;
}
