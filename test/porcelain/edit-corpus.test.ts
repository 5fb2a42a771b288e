import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isCwfError } from '../../src/base/errors.ts';
import { parseJson } from '../../src/base/json-parse.ts';
import { jsonEqual } from '../../src/base/json-text.ts';
import { defaultCatalog } from '../../src/core/catalog/catalog.ts';
import { editsToPatch } from '../../src/core/edit/compile.ts';
import { applyPatch } from '../../src/core/edit/patch.ts';
import { runTransforms } from '../../src/core/transform/run-transform.ts';
import type { TransformCall } from '../../src/core/transform/transform.ts';
import { validateDocument } from '../../src/core/validate/validate-document.ts';
import { detectFormat, readWorkflow } from '../../src/core/workflow/read.ts';
import { editedFrom } from '../../src/porcelain/record-edit.ts';
import { withCorpus } from '../corpus.ts';

const catalog = defaultCatalog();
const CALLS: TransformCall[] = [
  { op: 'add-node', args: { class: 'KSampler' } },
  { op: 'insert-lora', args: { file: 'x.safetensors' } },
  { op: 'insert-upscale', args: { kind: 'model', file: 'x.pth' } },
  { op: 'insert-upscale', args: { kind: 'hires' } },
  { op: 'insert-controlnet', args: { file: 'x.safetensors', image: 'a.png' } },
  { op: 'convert-loader', args: { to: 'parts', model: 'm', clip: ['c'], type: 'stable_diffusion', vae: 'v' } },
  { op: 'convert-loader', args: { to: 'checkpoint', checkpoint: 'x.safetensors' } },
  { op: 'replace-deprecated', args: {} },
];

withCorpus('templates', (folder) => {
  const files = readdirSync(folder).filter((_, at) => at % 4 === 2);

  test('what transforms make of real files is a change whose patch holds, and brings no error [TE-8] [TE-42]', () => {
    let count = 0;
    const wrong: string[] = [];
    for (const file of files) {
      const json = parseJson(readFileSync(join(folder, file)), { source: file });
      if (detectFormat(json) === undefined) continue;
      const before = readWorkflow(json, { catalog, source: file });
      const known = new Set(validateDocument(json, file, catalog).diagnostics.map(({ message }) => message));
      for (const call of CALLS) {
        let after: typeof before;
        try {
          ({ after } = runTransforms(before, [call], { catalog, source: file }));
        } catch (error) {
          if (!isCwfError(error) || error.code === 'BUG') throw error;
          continue;
        }
        const { change, edited } = editedFrom(before, after, { catalog }, { file });
        const patch = editsToPatch(change.edits, before);
        expect(jsonEqual(applyPatch(before, patch) as never, change.after as never), `${file} ${call.op}`).toBe(true);
        // A second pass has the settings of the first, wrong ones of the file included.
        for (const { text, message } of edited.brought)
          if (!known.has(message)) wrong.push(`${file} ${call.op} ${text}`);
        count++;
      }
    }
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(100);
  });
});
