import { CwfError } from '../../base/errors.ts';
import { nearest } from '../../base/nearest.ts';
import { isOfPage } from '../convert/set-up-node.ts';
import { own } from '../workflow/names.ts';
import type { Workflow } from '../workflow/types.ts';
import { refuse, type Setting } from './transform.ts';

/** Classes of the page that can be made without knowing what they are linked to. */
const OF_PAGE = new Set(['Reroute', 'Note', 'MarkdownNote']);

/**
 * The class that a name means: one of the catalog, one of the page, a subgraph of the file by uuid or name. Throws
 * CLASS_NOT_FOUND with the nearest names; with `force` an unknown name is taken as it is.
 */
export function checkClass(
  workflow: Workflow,
  name: string,
  transform: string,
  { catalog }: Setting,
  { force = false }: { readonly force?: boolean } = {},
): string {
  if (isOfPage(name)) {
    if (workflow.format === 'api') {
      const remedy = 'Use it in a file that the page saved; `cwf convert` makes one.';
      throw refuse(transform, `${name} is a class of the page, which no prompt has`, remedy);
    }
    if (OF_PAGE.has(name)) return name;
    const remedy = 'Use PrimitiveInt, PrimitiveFloat, PrimitiveString or PrimitiveBoolean.';
    throw refuse(transform, `what a ${name} is depends on what the page links it to`, remedy);
  }
  if (catalog.node(name) || own(workflow.subgraphs, name)) return name;
  const named = Object.keys(workflow.subgraphs).filter((id) => workflow.subgraphs[id]!.name === name);
  if (named.length === 1) return named[0]!;
  if (force && name !== '') return name;
  throw new CwfError('CLASS_NOT_FOUND', { class_type: name.slice(0, 80), known: nearest(name, catalog.classes()) });
}
