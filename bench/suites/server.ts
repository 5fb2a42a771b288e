import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchContext, type Figure, figure } from '../figure.ts';
import { interleaved, median } from '../measure.ts';
import { longHistory } from '../server/history.ts';

const READERS = 50;
const WRITERS = 5;
/** What a person or an agent does between two requests, at most, in ms; in the mean half of it. */
const THINKING = { read: 1000, write: 2000 };
const CLIENTS = 200;
/** What pages and agents ask for. */
const READS = [
  '/api/log?limit=200',
  '/api/status',
  '/api/diff?words=HEAD~1..HEAD',
  '/api/show?what=HEAD',
  '/api/op/log?limit=50',
  '/api/branch',
  '/api/session',
];
const FULL = { commits: 10_000, seconds: 60, events: 400 };
const FAST = { commits: 1000, seconds: 5, events: 60 };

/** A server in a process of its own, and how to talk to it. */
interface Program {
  readonly child: ChildProcess;
  readonly port: number;
  readonly token: string;
  readonly agent: Agent;
}

/**
 * A server on a long history under load: readers and writers, then many who listen, one of whom never reads. `CWF_BENCH_FAST=1` does the same in little. Against a bare route of the
 * framework, which answers the same bytes in the same rounds.
 */
export async function figures(ctx: BenchContext): Promise<Figure[]> {
  const size = process.env['CWF_BENCH_FAST'] === '1' ? FAST : FULL;
  const dir = ctx.temp();
  ctx.note(`making ${size.commits} commits`);
  await longHistory(dir, size.commits, WRITERS);
  const server = await start(ctx, dir);
  try {
    return [
      ...(await pageFigures(ctx, server)),
      ...(await loadFigures(ctx, server, size.seconds, THINKING)),
      ...(await loadFigures(ctx, server, Math.ceil(size.seconds / 3), { read: 0, write: 0 })),
      ...(await streamFigures(ctx, server, size.events)),
    ];
  } finally {
    server.agent.destroy();
    server.child.kill('SIGTERM');
  }
}

/** One page of the log, and the same bytes from a bare route. */
async function pageFigures(ctx: BenchContext, server: Program): Promise<Figure[]> {
  const page = await get(server, '/api/log?limit=200');
  const bare = await startBare(ctx, page.text);
  try {
    const late = '/api/log?limit=200&skip=5000';
    const times = await interleaved(
      {
        page: async () => (await get(server, '/api/log?limit=200')).ms,
        session: async () => (await get(server, '/api/session')).ms,
        late: async () => (await get(server, late)).ms,
        bare: async () => (await get(bare, '/page')).ms,
      },
      41,
    );
    const ms = { suite: 'server', unit: 'ms', against: `a bare Hono route: ${median(times.bare).toFixed(2)} ms` };
    return [
      figure({ ...ms, name: 'a page of 200 commits', value: median(times.page), bar: 150 }),
      figure({ ...ms, name: 'a page of 200 commits, 5,000 back', value: median(times.late), bar: 150 }),
      figure({
        ...ms,
        name: 'the smallest answer (session)',
        value: median(times.session) / median(times.bare),
        unit: 'ratio',
        bar: null,
      }),
    ];
  } finally {
    bare.agent.destroy();
    bare.child.kill('SIGKILL');
  }
}

/**
 * Readers and writers at once: such as think between two requests, for which the bars are, or such as never do, who
 * show where the server is full.
 */
async function loadFigures(
  ctx: BenchContext,
  server: Program,
  seconds: number,
  thinking: typeof THINKING,
): Promise<Figure[]> {
  const isPaced = thinking.read > 0;
  ctx.note(`${READERS} readers and ${WRITERS} writers for ${seconds} s${isPaced ? '' : ', without a pause'}`);
  const memory = watchMemory(server);
  const until = performance.now() + seconds * 1000;
  const reads: number[] = [];
  const commits: number[] = [];
  const errors: string[] = [];
  let count = isPaced ? 1_000_000 : 2_000_000;
  const note = (times: number[], { ms, status, text }: Told): void => {
    times.push(ms);
    if (status !== 200) errors.push(`${status} ${text.slice(0, 200)}`);
  };
  const reader = async (at: number): Promise<void> => {
    for (let turn = at; performance.now() < until; turn++) {
      await sleep(Math.random() * thinking.read);
      note(reads, await get(server, READS[turn % READS.length]!));
    }
  };
  const writer = async (at: number): Promise<void> => {
    while (performance.now() < until) {
      await sleep(Math.random() * thinking.write);
      // No history has these: a value that is there already is no change.
      const values = [{ address: 'KSampler.seed', value: String(count++) }];
      note(commits, await post(server, '/api/set', { file: `w${at}.json`, values }));
    }
  };
  const all = [
    ...Array.from({ length: READERS }, (_, at) => reader(at)),
    ...Array.from({ length: WRITERS }, (_, at) => writer(at)),
  ];
  await Promise.all(all);
  const peak = memory.stop();
  if (errors.length > 0) ctx.note(`${errors.length} errors, the first: ${errors[0]}`);
  const against = `${Math.round(reads.length / seconds)} reads/s, ${Math.round(commits.length / seconds)} commits/s`;
  const common = { suite: 'server', against };
  const how = isPaced ? '' : ' without a pause';
  const bar = (most: number): number | null => (isPaced ? most : null);
  return [
    figure({ ...common, name: `reads${how}, p50`, value: quantile(reads, 0.5), unit: 'ms', bar: null }),
    figure({ ...common, name: `reads${how}, p99`, value: quantile(reads, 0.99), unit: 'ms', bar: bar(150) }),
    figure({ ...common, name: `commits${how}, p50`, value: quantile(commits, 0.5), unit: 'ms', bar: null }),
    figure({ ...common, name: `commits${how}, p99`, value: quantile(commits, 0.99), unit: 'ms', bar: bar(400) }),
    figure({ ...common, name: `errors${how}`, value: errors.length, unit: 'answers', bar: 0 }),
    figure({ ...common, name: `memory${how}, at most`, value: peak.most, unit: 'MB', bar: 400 }),
  ];
}

async function streamFigures(ctx: BenchContext, server: Program, count: number): Promise<Figure[]> {
  ctx.note(`${CLIENTS} listeners, one of whom never reads, and ${count} commits`);
  const lines = await Promise.all(Array.from({ length: CLIENTS }, () => listen(server)));
  lines[0]!.socket.pause();
  const memory = watchMemory(server);
  const times: number[] = [];
  for (let turn = 0; turn < count; turn++) {
    const values = [{ address: 'KSampler.seed', value: String(3_000_000 + turn) }];
    times.push((await post(server, '/api/set', { file: 'w0.json', values })).ms);
  }
  await sleep(500);
  const { first, most } = memory.stop();
  const heard = lines.slice(1).map(({ events }) => events());
  for (const { socket } of lines) socket.destroy();
  const told = `${CLIENTS - 1} heard ${Math.min(...heard)} to ${Math.max(...heard)} operations of ${count}`;
  const common = { suite: 'server', against: told };
  return [
    figure({ ...common, name: 'memory for 200 listeners, one stuck', value: most - first, unit: 'MB more', bar: 64 }),
    figure({
      ...common,
      name: 'commits while all of them listen, p99',
      value: quantile(times, 0.99),
      unit: 'ms',
      bar: 400,
    }),
    figure({
      ...common,
      name: 'operations that a listener missed',
      value: count - Math.min(...heard),
      unit: 'operations',
      bar: 0,
    }),
  ];
}

async function start(ctx: BenchContext, dir: string): Promise<Program> {
  const child = spawn(
    process.execPath,
    [join(ctx.root, 'bin/cwf.cjs'), 'serve', '--no-open', '--port', '0', '--json'],
    {
      cwd: dir,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  await firstOutput(child);
  const { url, token } = JSON.parse(readFileSync(join(dir, '.git/cwf/server.json'), 'utf8'));
  return { child, port: Number(new URL(url).port), token, agent: keepAlive() };
}

/** The framework alone, with one route. */
async function startBare(ctx: BenchContext, text: string): Promise<Program> {
  const file = join(ctx.temp(), 'page.json');
  writeFileSync(file, text);
  const script = `const { Hono } = await import('hono'); const { serve } = await import('@hono/node-server');
    const { readFileSync } = await import('node:fs'); const text = readFileSync(process.argv[1], 'utf8');
    const app = new Hono(); app.get('/page', (c) => c.body(text, 200, { 'content-type': 'application/json' }));
    serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => console.log(port));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, file], {
    cwd: ctx.root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { child, port: Number(await firstOutput(child)), token: '', agent: keepAlive() };
}

function keepAlive(): Agent {
  return new Agent({ keepAlive: true, maxSockets: READERS + WRITERS });
}

function firstOutput(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', (data) => resolve(String(data)));
    child.once('exit', (code) => reject(new Error(`exit ${code}`)));
  });
}

interface Told {
  readonly ms: number;
  readonly status: number;
  readonly text: string;
}

function get(program: Program, path: string): Promise<Told> {
  return ask(program, 'GET', path);
}

function post(program: Program, path: string, body: object): Promise<Told> {
  return ask(program, 'POST', path, JSON.stringify(body));
}

function ask({ port, token, agent }: Program, method: string, path: string, body?: string): Promise<Told> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const asked = request({ host: '127.0.0.1', port, method, path, agent, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () =>
        resolve({
          ms: performance.now() - started,
          status: response.statusCode ?? 0,
          text: Buffer.concat(parts).toString(),
        }),
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** What an operation begins with in a stream. Where HEAD and refs are is told once for several that come together. */
const OPERATION = '\nevent: operation';

/** A listener that only counts operations. */
async function listen({ port, token }: Program): Promise<{ socket: Socket; events(): number }> {
  const socket = connect(port, '127.0.0.1');
  let count = 0;
  let rest = '';
  const first = new Promise<void>((resolve) => {
    socket.on('data', (data) => {
      const text = rest + data.toString('latin1');
      count += text.split(OPERATION).length - 1;
      rest = text.slice(1 - OPERATION.length);
      resolve();
    });
  });
  socket.write(`GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  await first;
  await sleep(5);
  const before = count;
  return { socket, events: () => count - before };
}

/** Looks at the memory of a process ten times a second, in MB. */
function watchMemory({ child }: Program): { stop(): { first: number; most: number } } {
  const now = (): number => {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  };
  const first = now();
  let most = first;
  const timer = setInterval(() => {
    most = Math.max(most, now());
  }, 100);
  return {
    stop() {
      clearInterval(timer);
      return { first, most: Math.max(most, now()) };
    },
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
