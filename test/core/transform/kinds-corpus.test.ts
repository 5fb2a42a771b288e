import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isCwfError } from '../../../src/base/errors.ts';
import { parseJson } from '../../../src/base/json-parse.ts';
import { jsonEqual } from '../../../src/base/json-text.ts';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { convertToApi } from '../../../src/core/convert/convert.ts';
import { applyEdits, invertEdits } from '../../../src/core/edit/compile.ts';
import { runTransforms } from '../../../src/core/transform/run-transform.ts';
import type { TransformCall } from '../../../src/core/transform/transform.ts';
import { detectFormat } from '../../../src/core/workflow/read.ts';
import type { Workflow } from '../../../src/core/workflow/types.ts';
import { writeWorkflow } from '../../../src/core/workflow/write.ts';
import { withCorpus } from '../../corpus.ts';
import { faultsOf, newFaults } from './faults.ts';
import { read } from './graphs.ts';

const catalog = defaultCatalog();
const CALLS: TransformCall[] = [
  { op: 'insert-lora', args: { file: 'x.safetensors' } },
  { op: 'insert-controlnet', args: { file: 'x.safetensors', image: 'a.png', preprocessor: 'Canny' } },
  { op: 'insert-upscale', args: { kind: 'model', file: 'x.pth' } },
  { op: 'insert-upscale', args: { kind: 'latent' } },
  { op: 'insert-upscale', args: { kind: 'hires' } },
  { op: 'change-scheduler', args: { sampler: 'dpmpp_2m', scheduler: 'karras' } },
  { op: 'swap-checkpoint', args: { file: 'x.safetensors' } },
  { op: 'convert-loader', args: { to: 'parts', model: 'm', clip: ['c'], type: 'stable_diffusion', vae: 'v' } },
  { op: 'convert-loader', args: { to: 'checkpoint', checkpoint: 'x.safetensors' } },
  { op: 'replace-deprecated', args: {} },
];

/** Errors with which the page could make no prompt. */
function broken(workflow: Workflow): string[] {
  const { diagnostics } = convertToApi(workflow, catalog, { now: new Date(0), choose: () => 0 });
  return diagnostics.filter(({ severity }) => severity === 'error').map(({ code, message }) => `${code} ${message}`);
}

withCorpus('templates', (folder) => {
  const files = readdirSync(folder).filter((_, at) => at % 5 === 0);
  const workflows = files.flatMap((file): [string, Workflow][] => {
    const json = parseJson(readFileSync(join(folder, file)), { source: file });
    return detectFormat(json) === 'ui' ? [[file, read(json)]] : [];
  });

  test.each(CALLS)('$op $args brings no fault into a real file, or says why not [TE-8]', (transform) => {
    const count = { done: 0, refused: 0 };
    for (const [file, workflow] of workflows) {
      let done: ReturnType<typeof runTransforms>;
      try {
        done = runTransforms(workflow, [transform], { catalog, source: file });
      } catch (error) {
        expect(
          isCwfError(error) && error.code !== 'BUG' && error.hint !== '',
          `${file}: ${String((error as Error).stack)}`,
        ).toBe(true);
        count.refused++;
        continue;
      }
      count.done++;
      // A second pass has the settings of the first, wrong ones of the file included.
      const known = new Set(faultsOf(workflow).map((fault) => fault.replace(/^.*\d+ /, '')));
      const brought = newFaults(workflow, done.after).filter((fault) => !known.has(fault.replace(/^.*\d+ /, '')));
      expect(brought, file).toEqual([]);
      expect(broken(done.after), file).toEqual(broken(workflow));
      expect(jsonEqual(read(writeWorkflow(done.after)) as never, done.after as never), file).toBe(true);
      expect(jsonEqual(applyEdits(workflow, done.edits) as never, done.after as never), file).toBe(true);
      expect(jsonEqual(applyEdits(done.after, invertEdits(done.edits)) as never, workflow as never), file).toBe(true);
    }
    expect(count.done).toBeGreaterThan(0);
    expect(count.done + count.refused).toBe(workflows.length);
  });
});
