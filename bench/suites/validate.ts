import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../../src/base/json-parse.ts';
import { defaultCatalog } from '../../src/core/catalog/catalog.ts';
import { type FileOrder, fileOrder } from '../../src/core/convert/renumber.ts';
import { validateWorkflow } from '../../src/core/validate/validate.ts';
import { detectFormat, readWorkflow } from '../../src/core/workflow/read.ts';
import type { Workflow } from '../../src/core/workflow/types.ts';
import { type BenchContext, type Figure, figure } from '../figure.ts';
import { median } from '../measure.ts';

const ROUNDS = 8;

/** Strict validation of a workflow that is read already, its conversion included, in a warm process. */
export async function figures(ctx: BenchContext): Promise<Figure[]> {
  const { documents, source } = workflows(ctx);
  const catalog = defaultCatalog();
  const best = documents.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, { workflow, order }] of documents.entries()) {
      const started = performance.now();
      validateWorkflow(workflow, catalog, { order });
      best[at] = Math.min(best[at]!, performance.now() - started);
    }
  }
  const common = { suite: 'validate', unit: 'ms', against: `${documents.length} files, ${source}` };
  return [
    figure({ ...common, name: 'strict, the median file', value: median(best), bar: 1 }),
    figure({ ...common, name: 'strict, the slowest file', value: Math.max(...best), bar: 15 }),
  ];
}

function workflows(ctx: BenchContext): { documents: { workflow: Workflow; order: FileOrder }[]; source: string } {
  const templates = join(process.env['CWF_CORPUS'] ?? join(ctx.root, '../shared/data'), 'templates');
  const there = existsSync(templates);
  const files = there
    ? readdirSync(templates).map((name) => join(templates, name))
    : [join(ctx.root, 'bench/fixtures/typical-ui-workflow.json')];
  const documents = files.flatMap((file) => {
    const json = parseJson(readFileSync(file), { source: file });
    if (detectFormat(json) !== 'ui') return [];
    return [{ workflow: readWorkflow(json, { catalog: defaultCatalog(), source: file }), order: fileOrder(json) }];
  });
  return { documents, source: there ? 'the official templates' : 'a typical workflow' };
}
