import type { Catalog } from '../catalog/catalog.ts';
import type { Workflow } from '../workflow/types.ts';
import type { Origin } from './origins.ts';
import type { Page, PageNode } from './page.ts';
import { applyPrimitives } from './primitives.ts';
import { type Prompt, PromptWriter } from './prompt.ts';
import { type Remark, Remarks } from './remarks.ts';
import { type FileOrder, withUniqueIds } from './renumber.ts';
import { setUpPage } from './set-up.ts';
import { type Chance, Texts } from './texts.ts';

/** A workflow as ComfyUI's page would send it. With an error among the diagnostics it must not be used. */
export interface Conversion {
  readonly prompt: Prompt;
  readonly diagnostics: readonly Remark[];
  /** Where each node of the prompt comes from. */
  readonly origins: ReadonlyMap<string, Origin>;
}

/** What a conversion depends on beside the workflow and the catalog. */
export interface ConvertOptions extends Chance {
  /** The order of the file's lists, see `fileOrder`; without it, that of ids. */
  readonly order?: FileOrder;
}

/**
 * The API format of a UI workflow: what ComfyUI's page (1.58.1, values restored by name) sends after it has loaded the
 * file. The steps are those of the page: ids made unique, scopes set up with their widgets and values, primitives
 * applied, links followed. Rules CV-1 to CV-22 in docs/conversion.md.
 */
export function convertToApi(workflow: Workflow, catalog: Catalog, options: ConvertOptions): Conversion {
  const unique = withUniqueIds(workflow, options.order);
  const remarks = new Remarks(unique.ids);
  const page = setUpPage(unique.workflow, catalog, remarks);
  for (const node of nodesOf(page)) repair(node);
  const texts = new Texts(page, options);
  applyPrimitives(page, texts);
  const { prompt, origins } = new PromptWriter(page, texts, remarks, unique.ids).write();
  return { prompt, diagnostics: remarks.list(), origins };
}

function nodesOf({ root, definitions }: Page): PageNode[] {
  return [...definitions.values(), root].flatMap(({ nodes }) => [...nodes.values()]);
}

/** What the page puts right in old files once they are loaded. [CV-19] */
function repair(node: PageNode): void {
  const isSampler = node.classType === 'KSampler' || node.classType === 'KSamplerAdvanced';
  for (const widget of node.widgets) {
    const { name, kind, options, value } = widget;
    if (isSampler && name === 'sampler_name' && typeof value === 'string' && value.startsWith('sample_')) {
      widget.value = value.slice('sample_'.length);
    }
    const list = kind === 'COMBO' && Array.isArray(options.options) ? options.options : [];
    if ((value === null || value === undefined) && list.length > 0) widget.value = list[0];
  }
}
