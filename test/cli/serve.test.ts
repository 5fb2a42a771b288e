import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { apiGraph } from '../porcelain/samples.ts';
import { cleanEnv, cwf, ensureBuilt, inTemp, ROOT } from './cwf.ts';

interface Started {
  readonly process: ChildProcess;
  /** The first line of stdout. */
  readonly line: string;
  readonly ended: Promise<number | null>;
  said(): string;
}

const running = new Set<ChildProcess>();
beforeAll(ensureBuilt);
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});

/** Starts `cwf serve` and waits until it says where it listens. */
function start(dir: string, ...args: string[]): Promise<Started> {
  const child = spawn(process.execPath, [join(ROOT, 'bin/cwf.cjs'), 'serve', '--no-open', ...args], {
    cwd: dir,
    env: cleanEnv(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let [out, err] = ['', ''];
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.stderr.on('data', (data) => {
    err += data;
  });
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (data) => {
      out += data;
      const line = out.split('\n')[0]!;
      if (out.includes('\n')) resolve({ process: child, line, ended, said: () => `${out}${err}` });
    });
    void ended.then(() => reject(new Error(err)));
  });
}

/** A repository with one commit. */
function repository(dir: string): void {
  writeFileSync(join(dir, 'ok.json'), JSON.stringify(apiGraph()));
  cwf(dir, ['init', '-q']);
  expect(cwf(dir, ['commit', '-m', 'first']).code).toBe(0);
}

const record = (dir: string) => JSON.parse(readFileSync(join(dir, '.git/cwf/server.json'), 'utf8'));
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe('cwf serve', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'prints a link that opens one session; %s ends it, with a stream open, and leaves no file [SV-6, SV-29]',
    (signal) =>
      inTemp(async (dir) => {
        repository(dir);
        const started = await start(dir, '--port', '0', '--porcelain');
        expect(started.line).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/enter\?code=[\w-]{43}$/);
        const { url, token } = record(dir);
        expect(started.said()).not.toContain(token);
        expect((await fetch(started.line)).status).toBe(200);
        expect((await fetch(started.line)).status).toBe(401);
        const stream = await fetch(`${url}/api/events`, bearer(token));
        expect(stream.status).toBe(200);
        started.process.kill(signal);
        expect(await started.ended).toBe(0);
        await stream.text();
        expect(existsSync(join(dir, '.git/cwf/server.json'))).toBe(false);
      }),
  );

  test('a second one in the folder says where the first is, with a new link to it [SV-29]', () =>
    inTemp(async (dir) => {
      repository(dir);
      const first = await start(dir, '--port', '0', '--json');
      const { url, pid } = record(dir);
      const second = cwf(dir, ['serve', '--no-open', '--json']);
      expect(second.code).toBe(0);
      expect(JSON.parse(second.stdout)).toMatchObject({ schema: 'cwf.serve/1', url, pid, started: false });
      expect((await fetch(JSON.parse(second.stdout).link)).status).toBe(200);
      expect(cwf(dir, ['serve', '--no-open']).stdout).toContain(`Process ${pid} serves this folder on ${url} already`);
      // One that was killed leaves its record, which nobody believes.
      first.process.kill('SIGKILL');
      await first.ended;
      expect(record(dir).pid).toBe(pid);
      const third = await start(dir, '--port', '0', '--porcelain');
      expect(record(dir).pid).toBe(third.process.pid);
    }));

  test('of two that start at once one serves [SV-29]', () =>
    inTemp(async (dir) => {
      repository(dir);
      const both = await Promise.all([start(dir, '--port', '0', '--json'), start(dir, '--port', '0', '--json')]);
      const { pid, url, token } = record(dir);
      expect(both.map(({ process: { pid } }) => pid)).toContain(pid);
      expect((await fetch(`${url}/api/session`, bearer(token))).status).toBe(200);
      const other = both.find((one) => one.process.pid !== pid)!;
      expect(await other.ended).toBe(0);
      expect(other.said()).toContain(url);
    }));

  test('takes the next port where its own is taken, and none that was asked for', () =>
    inTemp(async (dir) => {
      repository(dir);
      const blocker = createServer();
      const port = await new Promise<number>((resolve) =>
        blocker.listen(0, '127.0.0.1', () => resolve((blocker.address() as AddressInfo).port)),
      );
      const { code, stderr } = cwf(dir, ['serve', '--no-open', '--port', String(port)]);
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/^error: cannot listen on 127\.0\.0\.1 port \d+: EADDRINUSE\nhint: .*--port/),
      ]);
      writeFileSync(join(dir, '.cwfrc'), '{"serve": {"port": 0}}');
      expect((await start(dir, '--porcelain')).line).not.toContain(`:${port}/`);
      blocker.close();
    }));

  test('listens to other machines only for those who have a token and a name [SV-9]', () =>
    inTemp((dir) => {
      repository(dir);
      const refused = cwf(dir, ['serve', '--no-open', '--host', '0.0.0.0']);
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('cwf token add')]);
      cwf(dir, ['token', 'add', 'tool/x', '--scope', 'read']);
      const nameless = cwf(dir, ['serve', '--no-open', '--host', '0.0.0.0']);
      expect([nameless.code, nameless.stderr]).toEqual([2, expect.stringContaining('--allow-host')]);
    }));
});

describe('cwf token', () => {
  test('tells a token once, lists who has one, and takes it away, while the server runs [SV-18]', () =>
    inTemp(async (dir) => {
      repository(dir);
      await start(dir, '--port', '0', '--porcelain');
      const { url } = record(dir);
      const added = cwf(dir, ['token', 'add', 'agent/tuner', '--scope', 'propose']);
      expect([added.code, added.stderr]).toEqual([0, 'agent/tuner may propose with it; it is not shown again\n']);
      const token = added.stdout.trim();
      expect(statSync(join(dir, '.git/cwf/tokens.json')).mode & 0o777).toBe(0o600);
      const session = await (await fetch(`${url}/api/session`, bearer(token))).json();
      expect(session).toMatchObject({ actor: 'agent/tuner', scope: 'propose' });
      const listed = cwf(dir, ['token', 'ls']).stdout;
      expect(listed).toMatch(/^agent\/tuner {2}propose {2}\d{4}-\d\d-\d\d \d\d:\d\d \+0000\n$/);
      expect(JSON.parse(cwf(dir, ['token', 'ls', '--json']).stdout).tokens).toHaveLength(1);
      expect(cwf(dir, ['token', 'rm', 'agent/tuner']).stdout).toBe('Took the token of agent/tuner away\n');
      expect((await fetch(`${url}/api/session`, bearer(token))).status).toBe(401);
      expect(cwf(dir, ['token', 'ls']).stderr).toContain('cwf token add');
    }));
});
