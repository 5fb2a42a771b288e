import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../src/base/json-parse.ts';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { validateDocument } from '../../../src/core/validate/validate-document.ts';
import { ROOT } from '../../cli/cwf.ts';

/** Code, severity and place of all findings of a fixture, in one pass. */
function found(name: string): string[] {
  const json = parseJson(readFileSync(join(ROOT, 'test/fixtures/validate', name)), { source: name });
  const { diagnostics } = validateDocument(json, name, defaultCatalog());
  return diagnostics.map(({ code, severity, node, input }) => `${severity} ${node} ${input ?? ''} ${code}`);
}

const COMMON = [
  'error 5 cfg VALUE_WRONG_TYPE',
  'error 5 sampler_name VALUE_NOT_IN_LIST',
  'error 5 steps VALUE_TOO_SMALL',
  'error 6 vae SLOT_OUT_OF_RANGE',
  'error 8 image TYPE_MISMATCH',
  'error 9 image LINK_DANGLING',
  'error 11  CLASS_UNKNOWN',
  'error 12 image CYCLE',
  'error 20 image CYCLE',
  'warning 4 width VALUE_OFF_STEP',
  'warning 20  NODE_UNUSED',
];

describe('twelve faults in one graph, all found at once', () => {
  it('[VS-1] [VS-4] [VS-6] of a prompt', () => {
    const own = ['error 5 scheduler INPUT_MISSING', 'warning 4 quality INPUT_UNDECLARED'];
    expect(found('twelve-faults.api.json').sort()).toEqual([...COMMON, ...own].sort());
  });

  // A page fills in what a widget lacks and drops what it does not know: there the two are faults of links.
  it('[VS-1] [VS-5] of a file of the page', () => {
    const own = ['error 15 images INPUT_MISSING', 'error 14 mask LINK_UNDECLARED'];
    expect(found('twelve-faults.ui.json').sort()).toEqual([...COMMON, ...own].sort());
  });

  it.each(['api', 'ui'])('[VS-8] a cycle on the way to the output is told once, with its path (%s)', (format) => {
    expect(found(`cycle-on-path.${format}.json`)).toEqual(['error 2 image2 CYCLE']);
  });
});
