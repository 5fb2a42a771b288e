import type { Json } from '../../base/json.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { withoutGroupNodes } from '../convert/group-nodes.ts';
import { fileOrder } from '../convert/renumber.ts';
import { detectFormat, readWorkflow } from '../workflow/read.ts';
import type { Workflow } from '../workflow/types.ts';
import type { Diagnostic } from './diagnostic.ts';
import { readPrompt } from './read-prompt.ts';
import { sorted } from './report.ts';
import { type ValidateOptions, validateWorkflow } from './validate.ts';

/**
 * All faults of a document as it was parsed, of either format: what cannot be read of a prompt is a finding too, while
 * a damaged UI file is refused. Throws what `readWorkflow` throws.
 */
export function validateDocument(
  json: Json,
  source: string,
  catalog: Catalog,
  options: ValidateOptions = {},
): { readonly workflow: Workflow; readonly diagnostics: Diagnostic[] } {
  if (detectFormat(json) === 'ui') {
    const shown = withoutGroupNodes(json, catalog);
    const workflow = readWorkflow(shown, { catalog, source });
    return { workflow, ...validateWorkflow(workflow, catalog, { order: fileOrder(shown), ...options }) };
  }
  const { workflow, diagnostics: unread } = readPrompt(json, { catalog, source });
  const { diagnostics } = validateWorkflow(workflow, catalog, options);
  const place = ({ code, node, input }: Diagnostic): string => JSON.stringify([code, node, input]);
  const known = new Set(unread.map(place));
  return { workflow, diagnostics: sorted([...unread, ...diagnostics.filter((one) => !known.has(place(one)))]) };
}
