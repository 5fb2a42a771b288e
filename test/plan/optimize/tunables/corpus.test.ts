import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../../src/base/json.ts';
import { parseJson } from '../../../../src/base/json-parse.ts';
import { jsonEqual } from '../../../../src/base/json-text.ts';
import { defaultCatalog } from '../../../../src/core/catalog/catalog.ts';
import { convertToApi } from '../../../../src/core/convert/convert.ts';
import { editsToPatch } from '../../../../src/core/edit/compile.ts';
import { applyPatch } from '../../../../src/core/edit/patch.ts';
import type { Diagnostic } from '../../../../src/core/validate/diagnostic.ts';
import { validateWorkflow } from '../../../../src/core/validate/validate.ts';
import { detectFormat, readWorkflow } from '../../../../src/core/workflow/read.ts';
import type { Workflow } from '../../../../src/core/workflow/types.ts';
import { writeWorkflow } from '../../../../src/core/workflow/write.ts';
import { mulberry32, seedOf } from '../../../../src/plan/optimize/rng.ts';
import { readSpaceFile } from '../../../../src/plan/optimize/space-file/read-space-file.ts';
import { spaceFileOf } from '../../../../src/plan/optimize/space-file/space-file-of.ts';
import { findTunables } from '../../../../src/plan/optimize/tunables/find-tunables.ts';
import { atPoint, currentPoint, editsFor } from '../../../../src/plan/optimize/tunables/point-edits.ts';
import type { Tunable } from '../../../../src/plan/optimize/tunables/tunable.ts';
import { withCorpus } from '../../../corpus.ts';
import { randomPoint } from './points.ts';

const catalog = defaultCatalog();
/** Points of each template; the figures of docs/spaces.md are those of 20 (CWF_POINTS). */
const POINTS = Number(process.env['CWF_POINTS'] ?? 2);

withCorpus('templates', (folder) => {
  const files = readdirSync(folder).filter((_, at) => at % Number(process.env['CWF_EVERY'] ?? 4) === 0);

  test('every point of the space of an official template is an edit that brings no fault and the space survives its file [SP-13] [SP-14] [SP-15]', () => {
    const wrong: string[] = [];
    let spaces = 0;
    let points = 0;
    for (const file of files) {
      const json = parseJson(readFileSync(join(folder, file)), { source: file });
      if (detectFormat(json) === undefined) continue;
      for (const workflow of bothFormats(json, file)) {
        const { tunables, space, held } = findTunables(workflow, catalog);
        if (tunables.length === 0) continue;
        spaces++;
        const current = currentPoint(tunables);
        expect(current && editsFor(workflow, tunables, current, catalog), file).toEqual([]);
        const subject = { workflow, catalog, known: [...tunables, ...held] };
        const back = readSpaceFile(spaceFileOf(tunables, workflow, file), subject, { source: file, lineOf: () => 1 });
        expect(back.map(plain), file).toEqual(tunables.map(plain));
        const known = faults(workflow);
        const rng = mulberry32(seedOf(file));
        let before = workflow;
        for (let i = 0; i < POINTS; i++) {
          const point = randomPoint(space, rng);
          const edits = editsFor(workflow, tunables, point, catalog);
          const after = applyPatch(workflow, editsToPatch(edits, workflow)) as unknown as Workflow;
          expect(jsonEqual(after as never, atPoint(before, tunables, point, catalog) as never), file).toBe(true);
          const written = readWorkflow(writeWorkflow(after), { catalog, source: file });
          expect(jsonEqual(written as never, after as never), file).toBe(true);
          for (const fault of faults(written))
            if (!known.has(fault)) wrong.push(`${file} ${fault} ${JSON.stringify(point)}`);
          before = after;
          points++;
        }
      }
    }
    console.log(`${spaces} spaces of ${files.length} files, ${points} points`);
    expect(wrong).toEqual([]);
    expect(spaces).toBeGreaterThan(20);
  });
});

/** A document and the prompt that the page would send of it. */
function bothFormats(json: Json, source: string): Workflow[] {
  const workflow = readWorkflow(json, { catalog, source });
  const { prompt, diagnostics } = convertToApi(workflow, catalog, { now: new Date(0), choose: () => 0 });
  if (diagnostics.some(({ severity }) => severity === 'error')) return [workflow];
  return [workflow, readWorkflow(prompt as unknown as JsonObject, { catalog, source })];
}

/** What a space file says of a parameter. */
function plain({ parameter, targets, current, meaning }: Tunable): unknown {
  const parts = targets.map((target) =>
    JSON.stringify(target, (_key, one) => (typeof one === 'bigint' ? `${one}` : one)),
  );
  return { parameter, parts: parts.sort(), current, meaning };
}

/** What is wrong, by place and kind: what a message says of a value differs with the value. */
function faults(workflow: Workflow): Set<string> {
  const place = ({ code, scope, node, input }: Diagnostic): string => JSON.stringify([code, scope, node, input]);
  return new Set(validateWorkflow(workflow, catalog).diagnostics.map(place));
}
