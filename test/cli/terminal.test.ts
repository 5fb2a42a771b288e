import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { ensureBuilt, inTemp, ROOT } from './cwf.ts';
import { hasPty, onPty } from './pty.ts';

/** Prints ten lines through the io of a paged command, on a terminal. */
const SCRIPT = `
const { makeIo } = require(process.argv[1]);
(async () => {
  const command = { name: 'x', summary: 'X', examples: [], paged: true };
  const io = await makeIo(command, { args: {}, flags: {}, rest: [] }, { env: process.env, commands: {} });
  for (let i = 1; i <= 10; i++) io.print(io.color.red('line ' + i) + ' of ' + io.columns);
  await io.end();
  process.exitCode = io.interactive ? 3 : 4;
})();
`;

const onTerminal = (bundle: string, env: Record<string, string>) =>
  onPty([process.execPath, '-e', SCRIPT, bundle], { columns: 100, env });

async function bundled(use: (bundle: string) => void): Promise<void> {
  const { build } = await import('esbuild');
  await inTemp(async (dir) => {
    const outfile = join(dir, 'io.cjs');
    await build({
      entryPoints: [join(ROOT, 'cli/io.ts')],
      outfile,
      bundle: true,
      format: 'cjs',
      platform: 'node',
      packages: 'external',
      external: ['../src/porcelain/context.ts'],
    });
    use(outfile);
  });
}

beforeAll(ensureBuilt);

test.runIf(hasPty)('a terminal gets colours, its width and the pager', async () => {
  await bundled((bundle) => {
    const plain = onTerminal(bundle, { CWF_PAGER: 'cat', TERM: 'xterm' });
    expect(plain.status).toBe(3);
    expect(plain.text.split('\n')[0]).toMatch(/^\u001b\[31mline 1\u001b\[39m of (100|80)$/);
    const paged = onTerminal(bundle, { CWF_PAGER: 'sed s/line/row/', TERM: 'xterm' });
    expect(paged.text).toContain('row 10');
    expect(paged.status).toBe(3);
    expect(onTerminal(bundle, { CWF_PAGER: 'cat', TERM: 'xterm', NO_COLOR: '1' }).text).not.toContain('\u001b');
  });
});

test.runIf(hasPty)('a pager that is missing is done without; one that quits early ends quietly', async () => {
  await bundled((bundle) => {
    const missing = onTerminal(bundle, { CWF_PAGER: 'no-such-pager-here 2>/dev/null', NO_COLOR: '1' });
    expect(missing.text).toContain('line 10 of');
    const early = onTerminal(bundle, { CWF_PAGER: 'head -n 1', NO_COLOR: '1' });
    expect(early.text).toMatch(/^line 1 of \d+\n$/);
  });
});
