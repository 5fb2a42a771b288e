import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CwfError, isCwfError } from '../../../base/errors.ts';
import { sha256 } from '../../../base/hash.ts';
import { isObject, type JsonObject } from '../../../base/json.ts';
import type { Catalog } from '../../../core/catalog/catalog.ts';
import { validateAsEngine } from '../../../core/validate/engine/validate-as-engine.ts';
import { systemClock } from '../clock.ts';
import { type Limit, type StoppedBy, startLimit } from '../limit.ts';
import { guardedListener } from '../listener.ts';
import { factsOf, type Known, resultOf } from '../result.ts';
import type {
  Capabilities,
  Definitions,
  Environment,
  Load,
  OutputFile,
  Runner,
  RunOptions,
  RunRequest,
  RunResult,
} from '../runner.ts';
import { Slots } from '../slots.ts';
import { readRecord } from '../status-messages.ts';
import { Watch } from '../watch.ts';
import { libraryVersions } from './libraries.ts';
import type { EngineMessage, Outcome } from './messages.ts';
import type { Folders } from './operation.ts';
import { inFolder } from './paths.ts';
import { readPrompt } from './prompt.ts';
import { OPERATIONS } from './registry.ts';
import { outputsOf, type Verdict } from './server/routes.ts';
import { EngineThread } from './thread.ts';
import type { RunOptions as EngineRunOptions } from './worker.ts';

/** What the embedded engine is given. */
export interface EmbeddedOptions {
  readonly name: string;
  readonly catalog: Catalog;
  readonly folders: Folders;
  /** The built file of the engine's thread. */
  readonly workerFile: string;
}

/** The embedded engine behind the contract of runners, in a thread of this process. Runs one prompt at a time. */
export function embeddedRunner(options: EmbeddedOptions): Runner {
  return new EmbeddedRunner(options);
}

const CLASSES: ReadonlySet<string> = new Set(OPERATIONS.map(({ classType }) => classType));

type Refused = Extract<RunResult, { kind: 'refused' }>;

class EmbeddedRunner implements Runner {
  readonly name: string;
  private readonly options: EmbeddedOptions;
  private readonly engine: EngineThread;
  private environment: Environment;
  private readonly closing = new AbortController();
  private readonly turns = new Slots(1);
  private closed: Promise<void> | undefined;

  constructor(options: EmbeddedOptions) {
    this.name = options.name;
    this.options = options;
    this.engine = new EngineThread(options.workerFile);
    this.environment = {
      engine: options.catalog.engine,
      os: process.platform,
      argv: [],
      devices: [{ name: 'cpu', type: 'cpu' }],
    };
  }

  async capabilities(): Promise<Capabilities> {
    return { environment: this.environment, classes: CLASSES, files: new Map() };
  }

  async definitions(): Promise<Definitions> {
    return { catalog: this.options.catalog, classes: CLASSES, modules: new Map(), packs: new Map() };
  }

  async load(): Promise<Load> {
    return { queued: this.turns.count };
  }

  async run(request: RunRequest, options: RunOptions = {}): Promise<RunResult> {
    const createdAt = Date.now();
    const promptId = randomUUID();
    const { emit, check } = guardedListener(options.onEvent);
    const limit = startLimit(systemClock, options, this.closing.signal);
    const watch = new Watch(promptId, systemClock, emit);
    const known = (): Known => ({ promptId, attempts: 1, nodes: watch.nodes, environment: this.environment });
    try {
      emit({ kind: 'queued', promptId, attempt: 1 });
      this.environment = { ...this.environment, libraries: await libraryVersions() };
      const prompt = await this.withInputs(request);
      const taken = this.accepted(prompt, request.targets);
      const result =
        'kind' in taken
          ? taken
          : await this.inTurn(limit, known, async () => {
              const asked = this.engineOptions(promptId, taken.outputs, request);
              const heard = (message: EngineMessage) => hear(watch, message);
              const outcome = await this.engine.run(prompt, asked, heard, { signal: limit.signal });
              const booked = { record: readRecord(statusOf(outcome)), outputs: { ...outcome.outputs }, createdAt };
              const { nodeErrors } = taken;
              return resultOf(known(), booked, { wanted: request.expected ?? [], nodeErrors, stoppedBy: limit.by() });
            });
      emit({ kind: 'end', result: result.kind });
      check();
      return result;
    } finally {
      limit.done();
    }
  }

  /** Runs when its turn comes; a thread that had to be ended, or died, is the end of the run only. */
  private async inTurn(limit: Limit, known: () => Known, run: () => Promise<RunResult>): Promise<RunResult> {
    const stopped = (by: StoppedBy): RunResult => ({ ...factsOf(known()), kind: 'interrupted', by, stopped: true });
    if (!(await this.turns.take(limit.signal))) return stopped(limit.by()!);
    try {
      return await run();
    } catch (error) {
      if (!isCwfError(error, 'ENGINE_STOPPED')) throw error;
      const by = limit.by();
      if (by) return stopped(by);
      const died = { node: '', classType: '', type: 'RuntimeError', message: error.message, trace: [] };
      return { ...factsOf(known()), kind: 'failed', error: died };
    } finally {
      this.turns.giveBack();
    }
  }

  private engineOptions(promptId: string, outputs: readonly string[], { extraPnginfo }: RunRequest): EngineRunOptions {
    const { folders } = this.options;
    return { promptId, outputs, ...(extraPnginfo ? { extraPnginfo } : {}), folders, previewMetadata: true };
  }

  async fetch(file: OutputFile): Promise<Uint8Array> {
    const fail = (reason: string) => new CwfError('RUNNER_OUTPUT', { runner: this.name, file: file.filename, reason });
    try {
      return await readFile(inFolder(this.options.folders[file.type], join(file.subfolder, file.filename)));
    } catch (error) {
      throw fail((error as Error).message);
    }
  }

  close(): Promise<void> {
    this.closed ??= this.end();
    return this.closed;
  }

  private async end(): Promise<void> {
    this.closing.abort();
    // Whoever runs now has heard of it, and gives the turn back.
    await this.turns.take(new AbortController().signal);
    await this.engine.close();
  }

  /** Puts files into the input folder, each under a name made of its content. */
  private async withInputs({ prompt, inputs = [] }: RunRequest): Promise<JsonObject> {
    const changed = { ...prompt };
    for (const { node, input, bytes, extension } of inputs) {
      const old = changed[node];
      if (!isObject(old) || !isObject(old.inputs))
        throw new CwfError('ENGINE_PROMPT', { node, reason: 'it has no inputs' });
      const name = `cwf-${sha256(bytes).slice(0, 32)}${extension}`;
      await mkdir(this.options.folders.input, { recursive: true });
      await writeFile(inFolder(this.options.folders.input, name), bytes);
      changed[node] = { ...old, inputs: { ...old.inputs, [input]: name } };
    }
    return changed;
  }

  /** What a server says to the prompt before it runs. */
  private accepted(
    prompt: JsonObject,
    targets: readonly string[] | undefined,
  ): Refused | { readonly outputs: readonly string[]; readonly nodeErrors: JsonObject } {
    const { catalog } = this.options;
    const asked = targets ? { partialExecutionTargets: [...targets] } : {};
    const verdict: Verdict = validateAsEngine({ prompt, ...asked }, catalog);
    const nodeErrors = { ...verdict.node_errors } as JsonObject;
    if (verdict.status !== 200) return refused(verdict.status, wordsOf(verdict.error), nodeErrors);
    try {
      return { outputs: outputsOf(readPrompt(prompt, catalog), verdict, targets ? [...targets] : null), nodeErrors };
    } catch (error) {
      if (!isCwfError(error)) throw error;
      return refused(400, { type: 'not_supported', message: error.message, details: error.hint }, nodeErrors);
    }
  }
}

function refused(status: number, error: Refused['error'], nodeErrors: JsonObject): Refused {
  return { kind: 'refused', status, error, nodeErrors };
}

function wordsOf(error: object | null): Refused['error'] {
  const {
    type = 'server_error',
    message = 'the prompt is not in API format',
    details = '',
  } = (error ?? {}) as Partial<Refused['error']>;
  return { type, message, details };
}

function hear(watch: Watch, message: EngineMessage): void {
  if (message.kind === 'json') watch.message(message.type, message.data);
  else if (message.kind === 'preview') {
    const { node_id: node, prompt_id: promptId } = message.metadata;
    watch.preview({ node: String(node), promptId: String(promptId), type: 'image/png', bytes: message.png });
  }
}

/** The outcome as a history tells it. */
function statusOf({ status, messages }: Outcome): JsonObject {
  const isDone = status === 'success';
  return {
    status_str: isDone ? 'success' : 'error',
    completed: isDone,
    messages: messages.map(([type, data]) => [type, { ...data }]),
  };
}
