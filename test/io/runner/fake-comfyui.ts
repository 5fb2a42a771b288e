import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A prompt as the fake server holds it. */
export interface FakeJob {
  readonly id: string;
  readonly number: number;
  readonly client: string | undefined;
  readonly prompt: unknown;
  readonly extra: Record<string, unknown>;
  readonly messages: [string, Record<string, unknown>][];
  outputs: Record<string, unknown>;
  statusStr: string;
}

/** A request that came. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** A socket that was opened, and what the client said over it. */
export interface FakeSocket {
  readonly clientId: string;
  readonly socket: WebSocket;
  readonly said: string[];
}

type Handler = (seen: Seen, response: ServerResponse, raw: IncomingMessage) => unknown;
type Script = (job: FakeJob, fake: FakeComfyui) => unknown;

/**
 * A ComfyUI server that does what a test says, on 127.0.0.1. Without a script a prompt succeeds at once. It knows no
 * nodes: what a prompt leaves is what the script says.
 */
export class FakeComfyui {
  readonly seen: Seen[] = [];
  readonly sockets: FakeSocket[] = [];
  readonly history = new Map<string, FakeJob>();
  pending: FakeJob[] = [];
  running: FakeJob[] = [];
  /** What becomes of a prompt once it is in the queue. */
  script: Script = (job) => this.succeed(job);
  /** Routes that answer otherwise, `GET /queue`; one that returns false leaves it to the server. */
  readonly routes = new Map<string, Handler>();
  hasJobs = true;
  /** Old servers make ids of their own. */
  ownIds = false;
  nodeErrors: Record<string, unknown> = {};
  stats: Record<string, unknown> = {
    system: {
      os: 'linux',
      comfyui_version: '0.33.0',
      python_version: '3.11',
      pytorch_version: '2.13',
      argv: ['main.py'],
    },
    devices: [{ name: 'cpu', type: 'cpu', vram_total: 10, vram_free: 5, torch_vram_total: 10, torch_vram_free: 5 }],
  };
  /** The status of the answer to the socket's handshake, where it is refused. */
  refuseSocket: number | undefined;
  /** Whether the handshake of a socket gets no answer. */
  hangSocket = false;
  socketTries = 0;
  /** Milliseconds by the clock of the server; one more with each message. */
  time = 1_000_000;
  private counter = 0;
  private server: Server;
  private port = 0;
  private readonly connections = new Set<Socket>();
  private readonly upgrades = new WebSocketServer({ noServer: true });

  private constructor() {
    this.server = this.made();
  }

  static async start(): Promise<FakeComfyui> {
    const fake = new FakeComfyui();
    await fake.listen();
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Requests to a route, `POST /prompt`. */
  requests(route: string): Seen[] {
    return this.seen.filter(({ method, path }) => `${method} ${path}`.startsWith(route));
  }

  send(client: string | undefined, type: string, data: Record<string, unknown>): void {
    for (const { clientId, socket } of this.sockets) {
      if (client === undefined || clientId === client) socket.send(JSON.stringify({ type, data }));
    }
  }

  sendBytes(client: string | undefined, bytes: Buffer): void {
    for (const { clientId, socket } of this.sockets) {
      if (client === undefined || clientId === client) socket.send(bytes);
    }
  }

  /** A message that the history keeps too. */
  tell(job: FakeJob, type: string, data: Record<string, unknown> = {}): void {
    const whole = { prompt_id: job.id, ...data, timestamp: this.time++ };
    job.messages.push([type, whole]);
    if (job.client !== undefined) this.send(job.client, type, whole);
  }

  start(job: FakeJob, cached: readonly string[] = []): void {
    this.pending = this.pending.filter((one) => one !== job);
    this.running.push(job);
    this.tell(job, 'execution_start');
    this.tell(job, 'execution_cached', { nodes: cached });
  }

  executing(job: FakeJob, node: string | null): void {
    this.send(job.client, 'executing', { node, display_node: node, prompt_id: job.id });
  }

  /** A node that ran and showed something. */
  executed(job: FakeJob, node: string, output: Record<string, unknown>): void {
    job.outputs[node] = output;
    this.send(job.client, 'executed', { node, display_node: node, output, prompt_id: job.id });
  }

  /** Ends a prompt; starts it first where that was not done. */
  succeed(job: FakeJob, outputs: Record<string, unknown> = { '9': { images: [image('a.png')] } }): void {
    if (job.messages.length === 0) this.start(job);
    for (const [node, output] of Object.entries(outputs)) this.executed(job, node, output as Record<string, unknown>);
    this.tell(job, 'execution_success');
    this.finish(job, 'success');
  }

  fail(job: FakeJob, error: Record<string, unknown>, statusStr = 'error'): void {
    if (job.messages.length === 0) this.start(job);
    this.tell(job, 'execution_error', { node_id: '3', node_type: 'KSampler', executed: [], traceback: [], ...error });
    this.finish(job, statusStr);
  }

  /** Puts a job into the history and says that no node runs. */
  finish(job: FakeJob, statusStr: string): void {
    job.statusStr = statusStr;
    this.running = this.running.filter((one) => one !== job);
    this.history.set(job.id, job);
    if (job.client !== undefined) this.executing(job, null);
  }

  dropSockets(): void {
    for (const { socket } of this.sockets.splice(0)) socket.terminate();
  }

  /** Stops, with all that it knew lost; `again` starts on the same port. */
  async die(): Promise<void> {
    this.dropSockets();
    this.history.clear();
    this.pending = [];
    this.running = [];
    for (const connection of this.connections) connection.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async again(): Promise<void> {
    this.server = this.made();
    await this.listen();
  }

  async close(): Promise<void> {
    await this.die();
    this.upgrades.close();
  }

  private async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  private made(): Server {
    const server = createServer((request, response) => void this.answer(request, response));
    server.on('connection', (connection) => {
      this.connections.add(connection);
      connection.on('close', () => this.connections.delete(connection));
    });
    server.on('upgrade', (request, socket, head) => {
      this.socketTries++;
      if (this.hangSocket) return;
      if (this.refuseSocket !== undefined) {
        socket.end(`HTTP/1.1 ${this.refuseSocket} No\r\nConnection: close\r\n\r\n`);
        return;
      }
      this.upgrades.handleUpgrade(request, socket, head, (opened) => this.opened(request, opened));
    });
    return server;
  }

  private opened(request: IncomingMessage, socket: WebSocket): void {
    const query = new URL(request.url!, 'http://x').searchParams;
    const clientId = query.get('clientId') ?? '';
    const entry: FakeSocket = { clientId, socket, said: [] };
    this.sockets.push(entry);
    this.seen.push({
      method: 'WS',
      path: '/ws',
      query,
      headers: request.headers,
      body: Buffer.of(),
    });
    socket.on('message', (data) => entry.said.push(String(data)));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      const at = this.sockets.indexOf(entry);
      if (at >= 0) this.sockets.splice(at, 1);
    });
    this.send(clientId, 'status', { status: { exec_info: { queue_remaining: 0 } }, sid: clientId });
  }

  private async answer(raw: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of raw) parts.push(part as Buffer);
    const url = new URL(raw.url!, 'http://x');
    const { method = 'GET', headers } = raw;
    const seen = { method, path: url.pathname, query: url.searchParams, headers, body: Buffer.concat(parts) };
    this.seen.push(seen);
    for (const [route, handler] of this.routes) {
      if (!`${method} ${url.pathname}`.startsWith(route)) continue;
      if ((await handler(seen, response, raw)) !== false) return;
    }
    this.usual(seen, response);
  }

  private usual(seen: Seen, response: ServerResponse): unknown {
    const route = `${seen.method} ${seen.path}`;
    const [, , , id = ''] = seen.path.split('/');
    if (route === 'POST /prompt') return this.post(seen, response);
    if (route === 'GET /queue') {
      const tuple = (job: FakeJob) => [job.number, job.id, job.prompt, job.extra, []];
      return json(response, 200, { queue_running: this.running.map(tuple), queue_pending: this.pending.map(tuple) });
    }
    if (route === 'POST /queue') {
      const ids = JSON.parse(String(seen.body)).delete as string[];
      this.pending = this.pending.filter((job) => !ids.includes(job.id));
      return plain(response, 200, '');
    }
    if (route === 'POST /interrupt') {
      this.interrupt(JSON.parse(String(seen.body)).prompt_id);
      return plain(response, 200, '');
    }
    if (route === 'GET /history') {
      return json(response, 200, Object.fromEntries([...this.history].map(([key, job]) => [key, past(job)])));
    }
    if (route.startsWith('GET /history/')) {
      const key = seen.path.split('/')[2]!;
      const job = this.history.get(key);
      return json(response, 200, job ? { [key]: past(job) } : {});
    }
    if (this.hasJobs && route.startsWith('GET /api/jobs/')) {
      const job = this.jobOf(id);
      return job ? json(response, 200, job) : json(response, 404, { error: 'Job not found' });
    }
    if (this.hasJobs && /^POST \/api\/jobs\/[^/]+\/cancel$/.test(route)) {
      this.pending = this.pending.filter((job) => job.id !== id);
      this.interrupt(id);
      return json(response, 200, { cancelled: true });
    }
    if (route === 'GET /system_stats') return json(response, 200, this.stats);
    if (route === 'GET /features') return json(response, 200, { max_upload_size: 104857600 });
    if (route === 'POST /free') return plain(response, 200, '');
    plain(response, 404, '404: Not Found');
  }

  private post(seen: Seen, response: ServerResponse): void {
    const body = JSON.parse(String(seen.body));
    const job: FakeJob = {
      id: this.ownIds ? `own-${this.counter}` : body.prompt_id,
      number: this.counter++,
      client: body.client_id,
      prompt: body.prompt,
      extra: { ...body.extra_data, client_id: body.client_id, create_time: this.time++ },
      messages: [],
      outputs: {},
      statusStr: 'success',
    };
    this.pending.push(job);
    void this.script(job, this);
    json(response, 200, { prompt_id: job.id, number: job.number, node_errors: this.nodeErrors });
  }

  private interrupt(id: string): void {
    for (const job of this.running.filter((one) => one.id === id)) {
      this.tell(job, 'execution_interrupted', { node_id: '3', node_type: 'KSampler', executed: [] });
      this.finish(job, 'error');
    }
  }

  private jobOf(id: string): Record<string, unknown> | undefined {
    const head = (job: FakeJob, status: string) => ({ id, status, create_time: job.extra.create_time });
    const done = this.history.get(id);
    if (done) {
      const types = done.messages.map(([type]) => type);
      const word = types.includes('execution_interrupted') ? 'cancelled' : 'failed';
      const status = types.includes('execution_success') ? 'completed' : word;
      const workflow = { prompt: done.prompt, extra_data: done.extra };
      return { ...head(done, status), outputs: done.outputs, execution_status: past(done).status, workflow };
    }
    const runs = this.running.find((job) => job.id === id);
    if (runs) return head(runs, 'in_progress');
    const waits = this.pending.find((job) => job.id === id);
    return waits && head(waits, 'pending');
  }
}

/** A file as a node tells it. */
export function image(filename: string, subfolder = '', type = 'output'): Record<string, unknown> {
  return { filename, subfolder, type };
}

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
}

/** Answers with a text, or with nothing. */
export function plain(response: ServerResponse, status: number, text: string, type = 'text/plain'): void {
  response.writeHead(status, { 'content-type': type }).end(text);
}

function past(job: FakeJob): { status: object; [key: string]: unknown } {
  return {
    prompt: [job.number, job.id, job.prompt, job.extra, Object.keys(job.outputs)],
    outputs: job.outputs,
    meta: {},
    status: { status_str: job.statusStr, completed: job.statusStr === 'success', messages: job.messages },
  };
}
