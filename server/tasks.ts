import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { CwfError } from '../src/base/errors.ts';
import type { Json } from '../src/base/json.ts';
import { parseJson } from '../src/base/json-parse.ts';
import type { Caller } from './access.ts';
import { Broadcast, type Clients } from './broadcast.ts';
import type { Written } from './writer.ts';

/** A call that goes on while its caller does something else, as it is told. Times in ms since 1970. */
export interface TaskView {
  readonly task: string;
  readonly verb: string;
  readonly actor: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly started: number;
  readonly ended?: number;
  readonly output?: Json;
  /** Problem details. */
  readonly error?: Json;
}

interface Task {
  view: TaskView;
  readonly stream: Broadcast;
  number: number;
}

const MOST_RUNNING = 8;
const MOST_KEPT = 100;

/** The calls that were asked for with `Prefer: respond-async`, while they run and for a while after. [SV-25] */
export class Tasks {
  private readonly tasks = new Map<string, Task>();
  private readonly clients: Clients;
  private readonly now: () => number;

  constructor(clients: Clients, now: () => number) {
    this.clients = clients;
    this.now = now;
  }

  /** Begins a call; `run` is given what takes its steps. Throws TOO_BUSY. */
  begin(verb: string, { actor }: Caller, run: (step: (text: string) => void) => Promise<Written>): TaskView {
    const running = [...this.tasks.values()].filter(({ view }) => view.state === 'running').length;
    if (running >= MOST_RUNNING) throw new CwfError('TOO_BUSY', { count: running, what: 'tasks' });
    const id = randomBytes(12).toString('hex');
    const view: TaskView = { task: id, verb, actor, state: 'running', started: this.now() };
    const task: Task = { view, stream: new Broadcast(), number: 0 };
    this.tasks.set(id, task);
    this.forget();
    const end = (ended: Pick<TaskView, 'state' | 'output' | 'error'>): void => {
      task.view = { ...task.view, ...ended, ended: this.now() };
      this.tell(task, ended.state, task.view);
      task.stream.end();
    };
    void run((step) => this.tell(task, 'step', readTold(step))).then(({ status, body }) =>
      end(status === 200 ? { state: 'done', output: readTold(body) } : { state: 'failed', error: readTold(body) }),
    );
    return view;
  }

  /** A task of this caller; admins see all. Throws TASK_NOT_FOUND. */
  view(id: string, caller: Caller): TaskView {
    return this.find(id, caller).view;
  }

  /** Streams the steps of a task, those that were missed first. Throws TASK_NOT_FOUND, TOO_BUSY. */
  open(
    id: string,
    caller: Caller,
    response: ServerResponse,
    lastId: string | undefined,
    isAllowed: () => boolean,
  ): void {
    const { stream, view } = this.find(id, caller);
    const known = lastId === undefined ? stream.all() : (stream.since(lastId) ?? stream.all());
    const client = this.clients.add(response, isAllowed, () => stream.leave(client));
    for (const text of known) client.send(text);
    if (view.state === 'running') stream.listen(client);
    else client.end();
  }

  private find(id: string, caller: Caller): Task {
    const task = this.tasks.get(id);
    if (task && (caller.scope === 'admin' || task.view.actor === caller.actor)) return task;
    throw new CwfError('TASK_NOT_FOUND', { task: id.slice(0, 40) });
  }

  private tell(task: Task, event: string, data: unknown): void {
    task.number++;
    task.stream.send({ id: String(task.number), event, data });
  }

  private forget(): void {
    for (const [id, { view }] of this.tasks) {
      if (this.tasks.size <= MOST_KEPT) return;
      if (view.state !== 'running') this.tasks.delete(id);
    }
  }
}

/** What the thread of changes said; it is as large as the answer of a verb. */
export function readTold(text: string): Json {
  const all = Number.POSITIVE_INFINITY;
  return parseJson(text, { source: 'answer', maxBytes: all, maxString: all, maxKeys: all, maxDepth: 1000 });
}
