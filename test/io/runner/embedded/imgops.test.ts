import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withCorpus } from '../../../corpus.ts';
import { difference, picturesOf, readPicture, withEngine } from './harness.ts';

interface Case {
  readonly name: string;
  readonly class: string;
  readonly prompt: Record<string, { class_type: string }>;
  readonly outputs: readonly { readonly file: string }[];
}

/** Classes whose pixels may be off by one step: docs/limits.md gives the causes. All others are exact. */
const WITHIN_ONE = new Set(['ImageBlur', 'ImageSharpen']);

withCorpus('imgops', (folder) => {
  const cases: Case[] = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8'));

  test.each(cases.map((one) => [one.name, one] as const))('%s has the pixels of the real server', async (_, one) => {
    await withEngine(
      async (bench) => {
        const ran = await bench.run(one.prompt);
        expect(ran.messages.filter(([type]) => type === 'execution_error')).toEqual([]);
        const made = await picturesOf(bench, ran, '11');
        expect(made).toHaveLength(one.outputs.length);
        for (const [i, { file }] of one.outputs.entries()) {
          const { most, count } = difference(made[i]!, await readPicture(join(folder, 'out', file)));
          if (process.env['CWF_IMGOPS_REPORT']) console.log(`${one.class} ${one.name}: ${most} (${count})`);
          expect(most, `${count} bytes differ`).toBeLessThanOrEqual(WITHIN_ONE.has(one.class) ? 1 : 0);
        }
      },
      join(folder, 'in'),
    );
  });
});
