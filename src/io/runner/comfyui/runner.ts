import { randomUUID } from 'node:crypto';
import { isCwfError } from '../../../base/errors.ts';
import { isObject } from '../../../base/json.ts';
import type { Clock } from '../clock.ts';
import { systemClock } from '../clock.ts';
import { guardedListener } from '../listener.ts';
import { factsOf } from '../result.ts';
import type {
  Capabilities,
  Definitions,
  Load,
  OutputFile,
  Runner,
  RunOptions,
  RunRequest,
  RunResult,
} from '../runner.ts';
import { Watch } from '../watch.ts';
import { type Server, serverUrl } from './address.ts';
import { isOfPack, readDefinitions, readPacks } from './definitions.ts';
import { fetchFile, withUploads } from './files.ts';
import { follow, type Trip } from './follow.ts';
import { ask, askObject, type HttpLimits } from './http.ts';
import type { JobsApi } from './jobs.ts';
import { openSocket } from './socket.ts';
import { submit } from './submit.ts';
import { readObjectInfo, readStats, type Stats } from './system.ts';

/** A ComfyUI server as it is configured. */
export interface ComfyuiOptions {
  readonly name: string;
  readonly url: string;
  /** Sent as a bearer token, for a proxy before the server. */
  readonly token?: string;
  readonly clock?: Clock;
  /** 0 to 1, for the spread of retries. */
  random?(): number;
  /** Milliseconds for one answer, one file, and the socket. */
  readonly timeouts?: { readonly answer?: number; readonly file?: number; readonly socket?: number };
}

const MIB = 1024 * 1024;
const POLL_TIMEOUT_MS = 10_000;

/** A ComfyUI server behind the contract of runners. Throws RUNNER_URL. */
export function comfyuiRunner(options: ComfyuiOptions): Runner {
  const { name, url, token } = options;
  return new ComfyuiRunner({ name, url: serverUrl(url), ...(token === undefined ? {} : { token }) }, options);
}

/** One server. Each run has a connection of its own; nothing is shared between runs but what the server can do. */
class ComfyuiRunner implements Runner {
  readonly name: string;
  private readonly server: Server;
  private readonly clock: Clock;
  private readonly random: () => number;
  private readonly limits: HttpLimits;
  private readonly pollLimits: HttpLimits;
  private readonly fileLimits: HttpLimits;
  private readonly socketTimeout: number;
  private readonly api: JobsApi = {};
  private readonly closing = new AbortController();

  constructor(server: Server, options: ComfyuiOptions) {
    const { answer = 30_000, file = 600_000, socket = 5_000 } = options.timeouts ?? {};
    this.name = server.name;
    this.server = server;
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? Math.random;
    this.limits = { timeout: answer, mostBytes: 64 * MIB };
    // A question that hangs must not keep an interrupt from being sent.
    this.pollLimits = { timeout: Math.min(answer, POLL_TIMEOUT_MS), mostBytes: 64 * MIB };
    this.fileLimits = { timeout: file, mostBytes: 256 * MIB };
    this.socketTimeout = socket;
  }

  async capabilities(signal?: AbortSignal): Promise<Capabilities> {
    const request = signal ? { signal } : {};
    const [stats, info, features] = await Promise.all([
      this.stats(),
      askObject(this.server, '/object_info', this.limits, request),
      this.features(),
    ]);
    const environment = stats?.environment ?? { argv: [], devices: [] };
    return { environment, ...readObjectInfo(info), ...features };
  }

  async definitions(signal?: AbortSignal): Promise<Definitions> {
    const request = signal ? { signal } : {};
    const [stats, info] = await Promise.all([
      this.stats(),
      askObject(this.server, '/object_info', this.limits, request),
    ]);
    const hasPacks = Object.values(info).some(isOfPack);
    return readDefinitions(this.server, info, stats?.environment.engine, hasPacks ? await this.packs() : new Map());
  }

  async load(signal?: AbortSignal): Promise<Load> {
    const request = signal ? { signal } : {};
    const [stats, { exec_info: info }] = await Promise.all([
      this.stats(),
      askObject(this.server, '/prompt', this.limits, request),
    ]);
    const queued = isObject(info) && typeof info.queue_remaining === 'number' ? info.queue_remaining : 0;
    return { queued, ...(stats?.vramFree === undefined ? {} : { vramFree: stats.vramFree }) };
  }

  /** Tries once more, with freed memory, what ran out of it. */
  async run(request: RunRequest, options: RunOptions = {}): Promise<RunResult> {
    const startedAt = this.clock.now();
    const { emit, check } = guardedListener(options.onEvent);
    const { deadline } = options;
    const limit: { endsBy?: number } = deadline === undefined ? {} : { endsBy: startedAt + deadline };
    const uploads = { timeout: this.fileLimits.timeout, mostBytes: this.limits.mostBytes };
    const prompt = await withUploads(this.server, request.prompt, request.inputs ?? [], uploads);
    const signal = this.signal(options.signal);
    const once = (attempt: number) => this.attempt({ ...request, prompt }, { ...limit, attempt, emit, signal });
    let result = await once(1);
    const isLate = signal.aborted || (limit.endsBy !== undefined && this.clock.now() >= limit.endsBy);
    if (result.kind === 'out-of-memory' && !isLate && (await this.free())) {
      const first = result;
      result = await once(2).catch((error) => {
        // A server that went down over it: what is known of the first try is the result.
        if (isCwfError(error, 'RUNNER_UNREACHABLE', 'RUNNER_ANSWER')) return first;
        throw error;
      });
    }
    emit({ kind: 'end', result: result.kind });
    check();
    return result;
  }

  fetch(file: OutputFile, signal?: AbortSignal): Promise<Uint8Array> {
    return fetchFile(this.server, file, this.fileLimits, signal);
  }

  async close(): Promise<void> {
    this.closing.abort();
  }

  private async attempt(request: RunRequest, trip: Trip): Promise<RunResult> {
    const ids = { promptId: randomUUID(), clientId: randomUUID().replaceAll('-', '') };
    const watch = new Watch(ids.promptId, this.clock, trip.emit);
    // First, so that a wrong address is told before anything is sent.
    const stats = await this.stats();
    const socket = await openSocket(this.server, ids.clientId, watch, this.socketTimeout);
    try {
      // Told before the post: a cached prompt is over before the answer to it has come.
      trip.emit({ kind: 'queued', promptId: ids.promptId, attempt: trip.attempt });
      if (trip.signal.aborted) {
        const known = {
          promptId: ids.promptId,
          attempts: trip.attempt - 1,
          nodes: [],
          environment: stats?.environment,
        };
        return { ...factsOf(known), kind: 'interrupted', by: 'signal', stopped: true };
      }
      const submission = await submit(this.server, request, ids, this.limits);
      if (submission.kind === 'refused') return submission;
      const { promptId, nodeErrors } = submission.kind === 'queued' ? submission : { ...ids, nodeErrors: {} };
      return await follow(this.world(watch, stats), { ...ids, promptId, nodeErrors }, request, trip);
    } finally {
      socket?.close();
    }
  }

  private world(watch: Watch, stats: Stats | undefined) {
    const { server, clock, random, pollLimits: limits, api } = this;
    return { server, clock, random, limits, api, watch, stats };
  }

  /** What the server says of itself; one that answers and has nothing to say is taken all the same. */
  private async stats(): Promise<Stats | undefined> {
    try {
      return await readStats(this.server, this.pollLimits);
    } catch (error) {
      if (isCwfError(error, 'RUNNER_ANSWER') && error.data.status !== undefined) return undefined;
      throw error;
    }
  }

  /** Versions of node packs, where ComfyUI-Manager is there to tell them. */
  private async packs(): Promise<Definitions['packs']> {
    for (const path of ['/customnode/installed', '/v2/customnode/installed']) {
      const answer = await askObject(this.server, path, this.pollLimits).catch(() => undefined);
      if (answer) return readPacks(answer);
    }
    return new Map();
  }

  private async features(): Promise<{ mostUpload?: number }> {
    const most = await askObject(this.server, '/features', this.limits).then(
      (features) => features.max_upload_size,
      () => undefined,
    );
    return typeof most === 'number' ? { mostUpload: most } : {};
  }

  private async free(): Promise<boolean> {
    const body = JSON.stringify({ unload_models: true, free_memory: true });
    const answer = ask(this.server, '/free', this.limits, { method: 'POST', body });
    return answer.then(
      ({ status }) => status === 200,
      () => false,
    );
  }

  /** A signal of its own for each run: one that many share would warn of its many listeners. */
  private signal(signal: AbortSignal | undefined): AbortSignal {
    return AbortSignal.any([this.closing.signal, ...(signal ? [signal] : [])]);
  }
}
