import type { Json } from '../../base/json.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { withoutGroupNodes } from '../convert/group-nodes.ts';
import { fileOrder } from '../convert/renumber.ts';
import { own } from '../workflow/names.ts';
import { detectFormat, readWorkflow } from '../workflow/read.ts';
import type { Workflow } from '../workflow/types.ts';
import type { Diagnostic } from './diagnostic.ts';
import { readPrompt } from './read-prompt.ts';
import { Report, sorted } from './report.ts';
import { type ValidateOptions, validateWorkflow } from './validate.ts';

/** What is known of a document besides its JSON. */
export interface DocumentOptions extends ValidateOptions {
  /** JSON pointers of whole numbers written with a fraction (`onFraction` of `parseJson`): no server takes them as outputs. */
  readonly fractions?: readonly string[];
}

/**
 * All faults of a document as it was parsed, of either format: what cannot be read of a prompt is a finding too, while
 * a damaged UI file is refused. Throws what `readWorkflow` throws.
 */
export function validateDocument(
  json: Json,
  source: string,
  catalog: Catalog,
  { fractions = [], ...options }: DocumentOptions = {},
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
  const all = [
    ...unread,
    ...fractionLinks(workflow, fractions),
    ...diagnostics.filter((one) => !known.has(place(one))),
  ];
  return { workflow, diagnostics: sorted(all) };
}

/** Links whose output is written as `0.0`: Python takes that for no index, whatever JavaScript makes of it. */
function fractionLinks(workflow: Workflow, fractions: readonly string[]): Diagnostic[] {
  const report = new Report();
  for (const pointer of fractions) {
    const [node = '', member, input = '', index, ...more] = splitPointer(pointer);
    const found = own(workflow.nodes, node);
    const link = own(found?.links, input);
    if (!found || !link || member !== 'inputs' || index !== '1' || more.length > 0) continue;
    const message = `output ${link.slot} of the link is written with a fraction: the server takes whole numbers only`;
    const data = { to: [link.from, link.slot] };
    report.add({ code: 'LINK_MALFORMED', message, data }, { node, class_type: found.class_type, input });
  }
  return report.list();
}

function splitPointer(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
