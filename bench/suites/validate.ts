import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../../src/base/json-parse.ts';
import { defaultCatalog } from '../../src/core/catalog/catalog.ts';
import { type FileOrder, fileOrder } from '../../src/core/convert/renumber.ts';
import { validateWorkflow } from '../../src/core/validate/validate.ts';
import { detectFormat, readWorkflow } from '../../src/core/workflow/read.ts';
import type { Workflow } from '../../src/core/workflow/types.ts';
import { type BenchContext, type Figure, figure } from '../figure.ts';
import { interleaved, median } from '../measure.ts';
import { timeProgram } from '../programs.ts';

const ROUNDS = 8;
const STARTS = 11;
/**
 * Wall times of other validators for one API file from a cold start, in ms: comfy-cli 1.23.0 (`comfy validate`) and
 * comfy-lint 0.1.0, measured once with the same twelve faults on a machine with two cores. Another machine and another
 * day: the ratios tell the order, not the percent.
 */
const PUBLISHED = { 'comfy-cli 1.23.0': 750, 'comfy-lint 0.1.0': 250 } as const;
const FAULTS = 'test/fixtures/validate/twelve-faults.api.json';

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
    ...(await coldFigures(ctx)),
  ];
}

/** `cwf validate` of one file as a whole process, beside the times that were published for others. */
async function coldFigures(ctx: BenchContext): Promise<Figure[]> {
  const args = [join(ctx.root, 'bin/cwf.cjs'), 'validate', join(ctx.root, FAULTS)];
  const dir = ctx.temp();
  const { cwf, node } = await interleaved(
    {
      cwf: () => timeProgram(process.execPath, args, dir, process.env, [3]),
      node: () => timeProgram(process.execPath, ['-e', '0'], dir),
    },
    STARTS,
  );
  const spent = median(cwf);
  const common = { suite: 'validate', bar: null };
  return [
    figure({
      ...common,
      name: 'one file, from a cold start',
      value: spent,
      unit: 'ms',
      against: `node -e 0 (${median(node).toFixed(0)} ms)`,
    }),
    ...Object.entries(PUBLISHED).map(([program, ms]) =>
      figure({
        ...common,
        name: 'one file, from a cold start',
        value: spent / ms,
        unit: 'x',
        against: `${program} (${ms} ms, published)`,
      }),
    ),
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
