import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inTemp, ROOT } from '../cli/cwf.ts';

const passing = {
  status: 'passed',
  assertionResults: [{ status: 'passed' }, { status: 'passed' }, { status: 'pending' }],
};
const failing = { status: 'failed', assertionResults: [{ status: 'passed' }, { status: 'failed' }] };
const broken = { status: 'failed', assertionResults: [] };

test.each([
  ['all is well', [passing], 0, 0, '2 passed, 0 failed', 0],
  ['a test failed', [passing, failing], 0, 1, '3 passed, 1 failed', 1],
  ['a file could not run', [passing, broken], 0, 1, '2 passed, 1 failed', 1],
  ['the check failed', [passing], 3, 0, '2 passed, 1 failed', 1],
  ['vitest failed after the tests', [passing], 0, 1, '2 passed, 1 failed', 1],
  ['nothing ran', [], 0, 0, '0 passed, 1 failed', 1],
  ['there is no report', undefined, 0, 1, '0 passed, 1 failed', 1],
])('the last line of CI when %s', async (_, testResults, check, tests, line, exit) => {
  await inTemp((dir) => {
    const report = join(dir, 'report.json');
    if (testResults) writeFileSync(report, JSON.stringify({ testResults }));
    const args = [join(ROOT, 'scripts/tally.mjs'), report, String(check), String(tests)];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(line);
    expect(status).toBe(exit);
  });
});
