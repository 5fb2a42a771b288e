import { CwfError } from '../../../base/errors.ts';
import type { Json, JsonObject } from '../../../base/json.ts';
import type { Clock } from '../clock.ts';
import { type Limit, startLimit } from '../limit.ts';
import { guardedListener, type Listener } from '../listener.ts';
import { namedFiles } from '../outputs.ts';
import { factsOf, type Known, resultOf } from '../result.ts';
import type { RunError } from '../run-error.ts';
import type {
  Capabilities,
  Definitions,
  Load,
  OutputFile,
  Refusal,
  Runner,
  RunOptions,
  RunRequest,
  RunResult,
} from '../runner.ts';
import { Slots } from '../slots.ts';
import type { Ending } from '../status-messages.ts';

/** What a prompt is made to do. */
export interface Simulation {
  /** Milliseconds of the run, without the time in the queue. */
  readonly duration: number;
  /** Files by node. */
  readonly outputs?: { readonly [node: string]: readonly SimulatedFile[] };
  readonly cached?: readonly string[];
  /** How it ends, where it does not finish; it does so after its duration. */
  readonly failure?:
    | { readonly kind: 'failed' | 'out-of-memory'; readonly error: RunError }
    | { readonly kind: 'lost'; readonly reason: 'gone' | 'restarted' | 'unreachable' };
  /** It is not taken on. */
  readonly refused?: Refusal;
}

/** A file that a simulated run leaves. */
export interface SimulatedFile {
  readonly filename: string;
  /** Made when somebody fetches it. */
  bytes(): Uint8Array;
}

/** What a simulated runner is made of. */
export interface SimulatedOptions {
  readonly name: string;
  readonly clock: Clock;
  /** How many prompts it runs at once. Default 1, as a server. */
  readonly workers?: number;
  readonly capabilities?: Partial<Pick<Capabilities, 'classes' | 'files'>>;
  /** Decides what becomes of a prompt when its turn comes. `number`: how many came before it. */
  simulate(prompt: JsonObject, number: number): Simulation;
}

/** Runs whose files are still there, as a server keeps its temporary ones. */
const MOST_KEPT = 10_000;

/**
 * A runner that runs nothing: a function says how long a prompt takes and what it leaves. With a virtual clock a study
 * of thousands of trials takes the time of its own bookkeeping, and goes the same way each time.
 */
export function simulatedRunner(options: SimulatedOptions): Runner {
  return new SimulatedRunner(options);
}

/** One run while it has a worker. */
interface Turn {
  readonly request: RunRequest;
  readonly number: number;
  readonly known: Known;
  readonly createdAt: number;
  readonly limit: Limit;
  readonly emit: Listener['emit'];
}

class SimulatedRunner implements Runner {
  readonly name: string;
  private readonly options: SimulatedOptions;
  private readonly slots: Slots;
  private readonly closing = new AbortController();
  private readonly files = new Map<string, ReadonlyMap<string, SimulatedFile>>();
  private count = 0;

  constructor(options: SimulatedOptions) {
    this.name = options.name;
    this.options = options;
    this.slots = new Slots(options.workers ?? 1);
  }

  async capabilities(): Promise<Capabilities> {
    const { classes = new Set<string>(), files = new Map() } = this.options.capabilities ?? {};
    return { environment: { engine: 'simulated', argv: [], devices: [] }, classes, files };
  }

  async definitions(): Promise<Definitions | undefined> {
    return undefined;
  }

  async load(): Promise<Load> {
    return { queued: this.slots.count };
  }

  async run(request: RunRequest, options: RunOptions = {}): Promise<RunResult> {
    const number = this.count++;
    const { emit, check } = guardedListener(options.onEvent);
    const { clock } = this.options;
    const limit = startLimit(clock, options, this.closing.signal);
    const known: Known = { promptId: `${this.name}-${number}`, attempts: 1, nodes: [] };
    const createdAt = clock.now();
    try {
      emit({ kind: 'queued', promptId: known.promptId, attempt: 1 });
      const isOn = await this.slots.take(limit.signal);
      const result = isOn
        ? await this.simulated({ request, number, known, createdAt, limit, emit }).finally(() => this.slots.giveBack())
        : stopped(known, limit);
      emit({ kind: 'end', result: result.kind });
      check();
      return result;
    } finally {
      limit.done();
    }
  }

  private async simulated({ request, number, known, createdAt, limit, emit }: Turn): Promise<RunResult> {
    const { clock } = this.options;
    const startedAt = clock.now();
    const plan = this.options.simulate(request.prompt, number);
    if (plan.refused) return { kind: 'refused', status: 400, error: plan.refused, nodeErrors: {} };
    emit({ kind: 'started', promptId: known.promptId });
    if (plan.cached) emit({ kind: 'cached', nodes: plan.cached });
    await clock.sleep(plan.duration, limit.signal);
    if (limit.by()) return stopped(known, limit);
    const { failure, cached = [] } = plan;
    if (failure?.kind === 'lost') return { ...factsOf(known), ...failure };
    const outputs = failure ? {} : this.outputsOf(known.promptId, plan, request.targets);
    for (const [node, shown] of Object.entries(outputs)) {
      emit({ kind: 'output', node, files: namedFiles({ [node]: shown }).files });
    }
    const ending: Ending = failure ?? { kind: 'finished' };
    const record = { ending, cached, startedAt, endedAt: clock.now() };
    return resultOf(known, { record, outputs, createdAt }, { wanted: request.expected ?? [], nodeErrors: {} });
  }

  async fetch(file: OutputFile): Promise<Uint8Array> {
    const found = this.files.get(file.subfolder)?.get(file.filename);
    if (!found) {
      const reason = 'it is not there';
      throw new CwfError('RUNNER_OUTPUT', { runner: this.name, file: file.filename, reason });
    }
    return found.bytes();
  }

  async close(): Promise<void> {
    this.closing.abort();
  }

  /** Files as a server tells them, each run in a subfolder of its own. */
  private outputsOf(promptId: string, plan: Simulation, targets: readonly string[] | undefined): JsonObject {
    const wanted = Object.entries(plan.outputs ?? {}).filter(([node]) => targets?.includes(node) ?? true);
    const all = wanted.flatMap(([, files]) => files);
    this.files.set(promptId, new Map(all.map((file) => [file.filename, file])));
    if (this.files.size > MOST_KEPT) this.files.delete(this.files.keys().next().value!);
    const told = ({ filename }: SimulatedFile): Json => ({ filename, subfolder: promptId, type: 'output' });
    return Object.fromEntries(wanted.map(([node, files]) => [node, { images: files.map(told) }]));
  }
}

function stopped(known: Known, limit: Limit): RunResult {
  return { ...factsOf(known), kind: 'interrupted', by: limit.by()!, stopped: true };
}
