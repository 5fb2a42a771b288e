// Last step of .ci/run: `tally.mjs <vitest report> <exit of check> <exit of test>` prints what happened and, as the last
// line, `N passed, N failed`. A failed check and a test file that could not run count as one failure each.
import { existsSync, readFileSync } from 'node:fs';

const [report = '', check = '1', tests = '1'] = process.argv.slice(2);
const results = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;

let passed = 0;
let failed = 0;
let skipped = 0;
for (const file of results?.testResults ?? []) {
  const counts = { passed: 0, failed: 0, other: 0 };
  for (const { status } of file.assertionResults) counts[status in counts ? status : 'other']++;
  // A file that breaks before or beside its tests reports no failed test.
  if (file.status === 'failed' && counts.failed === 0) counts.failed = 1;
  passed += counts.passed;
  failed += counts.failed;
  skipped += counts.other;
}
if (!results) console.log('the tests left no report');
if (check !== '0') console.log(`npm run check failed with exit code ${check}`);
if (tests !== '0' && failed === 0) console.log(`npm test failed with exit code ${tests}`);
if (skipped > 0) console.log(`${skipped} skipped`);
if (check !== '0') failed++;
if (!results || (tests !== '0' && failed === 0)) failed++;
if (passed === 0) failed = Math.max(failed, 1);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && check === '0' && tests === '0' ? 0 : 1);
