import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { cleanEnv, cwf, ensureBuilt, inTemp, ROOT } from './cwf.ts';

beforeAll(ensureBuilt);

describe('cwf mcp [MC-1]', () => {
  test('says nothing by itself, and ends with its input', () =>
    inTemp((dir) => {
      cwf(dir, ['init', '-q']);
      const { code, stdout, stderr } = cwf(dir, ['mcp']);
      expect([code, stdout, stderr]).toEqual([0, '', '']);
    }));

  test.each(['SIGINT', 'SIGTERM'] as const)('ends by %s, with exit code 0', (signal) =>
    inTemp(async (dir) => {
      cwf(dir, ['init', '-q']);
      const child = spawn(process.execPath, [join(ROOT, 'bin/cwf.cjs'), 'mcp'], {
        cwd: dir,
        env: cleanEnv(),
      });
      const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
      // Once it answers, it listens for signals.
      const heard = new Promise((resolve) => child.stdout.once('data', resolve));
      child.stdin.write('{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
      await heard;
      child.kill(signal);
      expect(await ended).toBe(0);
    }),
  );

  test('asks for a repository', () =>
    inTemp((dir) => {
      const { code, stderr } = cwf(dir, ['mcp']);
      expect([code, stderr]).toEqual([5, expect.stringContaining('not in a repository')]);
    }));
});
