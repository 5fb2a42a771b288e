import { CwfError } from '../../../base/errors.ts';
import type { Json, JsonObject } from '../../../base/json.ts';
import type { Catalog } from '../../../core/catalog/catalog.ts';
import { contentKeys, type Entry, ResultCache } from './cache.ts';
import { NodeFailure } from './failure.ts';
import type { Emit, Outcome, StatusMessage } from './messages.ts';
import { arriving, calls, nested } from './node-inputs.ts';
import type { Folders, Result, RunContext } from './operation.ts';
import { PendingNodes } from './pending.ts';
import { Progress } from './progress.ts';
import { fromJson, type Prompt, type PromptNode, promptValue, readPrompt } from './prompt.ts';
import { jsonText, pythonText } from './python.ts';
import { isTensor, type Value } from './values.ts';

/** What a run is given beside its prompt. */
export interface ExecuteOptions {
  readonly promptId: string;
  /** The output nodes to run, in the order in which they are started; all of the prompt by default. */
  readonly outputs?: readonly string[];
  /** Members go into PNG files, each under its name: `workflow`. */
  readonly extraPnginfo?: JsonObject;
  readonly folders: Folders;
  /** Whether the client takes pictures with metadata: they then come before the message of their progress. */
  readonly previewMetadata?: boolean;
  now(): Date;
  /** Five small letters for the names of previews. */
  suffix(): string;
  /** Asked before each node runs. */
  isInterrupted(): boolean;
}

/** Thrown inside a run when somebody asked for its end. */
class Interrupted extends Error {}

type Step = { readonly done: true } | { readonly done: false };

/** The part of ComfyUI that runs prompts: keeps the results of the last one. */
export class Engine {
  private readonly catalog: Catalog;
  private readonly cache = new ResultCache();
  /** What tells the previews of a node from those of others, as long as prompts have that node. */
  private suffixes = new Map<string, string>();

  constructor(catalog: Catalog) {
    this.catalog = catalog;
  }

  /** Drops all results. */
  free(): void {
    this.cache.clear();
    this.suffixes.clear();
  }

  /**
   * Runs a prompt as ComfyUI 0.33 does, with the same messages in the same order. A node that fails ends the run with
   * `execution_error`; nothing is thrown for it. Throws ENGINE_CLASSES, ENGINE_PROMPT and ENGINE_NO_OUTPUTS before
   * anything runs.
   */
  async execute(json: JsonObject, options: ExecuteOptions, emit: Emit): Promise<Outcome> {
    const prompt = readPrompt(json, this.catalog);
    const outputs = options.outputs ?? [...prompt.values()].filter(({ isOutput }) => isOutput).map(({ id }) => id);
    if (outputs.length === 0) throw new CwfError('ENGINE_NO_OUTPUTS', {});
    for (const id of outputs) {
      if (!prompt.has(id))
        throw new CwfError('ENGINE_PROMPT', { node: id, reason: 'it is asked for and is not there' });
    }
    return new Run(prompt, options, emit, this.cache, this.keepSuffixes(prompt, options)).all(outputs);
  }

  private keepSuffixes(prompt: Prompt, options: ExecuteOptions): ReadonlyMap<string, string> {
    const kept = new Map<string, string>();
    for (const { id, operation } of prompt.values()) {
      const key = `${id} ${operation.classType}`;
      kept.set(key, this.suffixes.get(key) ?? options.suffix());
    }
    this.suffixes = kept;
    return kept;
  }
}

/** One run of one prompt. */
class Run {
  private readonly prompt: Prompt;
  private readonly options: ExecuteOptions;
  private readonly emit: Emit;
  private readonly cache: ResultCache;
  private readonly suffixes: ReadonlyMap<string, string>;
  private readonly progress: Progress;
  private readonly messages: StatusMessage[] = [];
  private readonly executed: string[] = [];
  private readonly ui = new Map<string, Json>();
  private readonly changed = new Map<string, string>();
  private pngTexts: readonly (readonly [string, string])[] = [];

  constructor(
    prompt: Prompt,
    options: ExecuteOptions,
    emit: Emit,
    cache: ResultCache,
    suffixes: ReadonlyMap<string, string>,
  ) {
    this.prompt = prompt;
    this.options = options;
    this.emit = emit;
    this.cache = cache;
    this.suffixes = suffixes;
    this.progress = new Progress(options.promptId, emit, options.previewMetadata ?? false);
  }

  async all(outputs: readonly string[]): Promise<Outcome> {
    this.tell('execution_start', {});
    await this.fingerprints();
    this.cache.start(contentKeys(this.prompt, this.changed));
    this.tell('execution_cached', { nodes: [...this.prompt.keys()].filter((id) => this.cache.get(id)) });
    const pending = new PendingNodes(this.prompt, (id) => this.cache.get(id) !== undefined);
    for (const id of outputs) pending.add(id);
    while (!pending.isEmpty) {
      const id = pending.next();
      if (id === undefined) return this.circle(pending.circle()[0]!);
      try {
        if ((await this.step(this.prompt.get(id)!, pending)).done) pending.done(id);
      } catch (error) {
        return this.failed(this.prompt.get(id)!, error);
      }
    }
    this.tell('execution_success', {});
    return this.outcome('success');
  }

  /** What classes look at beside their inputs. A class that cannot say so is never found in the cache. */
  private async fingerprints(): Promise<void> {
    for (const node of this.prompt.values()) {
      if (!node.operation.fingerprint) continue;
      const given = Object.fromEntries(
        [...node.inputs].flatMap(([name, input]) => ('from' in input ? [] : [[name, input.value] as const])),
      );
      const found = await node.operation.fingerprint(given, this.context(node)).catch(() => undefined);
      this.changed.set(node.id, found ?? `${this.options.promptId} ${node.id}`);
    }
    const texts: [string, Value][] = [['prompt', promptValue(this.prompt, this.changed)]];
    for (const [key, value] of Object.entries(this.options.extraPnginfo ?? {})) texts.push([key, fromJson(value!)]);
    this.pngTexts = texts.map(([key, value]) => [key, jsonText(value, { ascii: true })!]);
  }

  private async step(node: PromptNode, pending: PendingNodes): Promise<Step> {
    const cached = this.cache.get(node.id);
    if (cached) {
      if (cached.ui !== undefined) this.ui.set(node.id, cached.ui);
      this.send('executed', { node: node.id, display_node: node.id, output: cached.ui ?? null });
      this.progress.finish(node.id);
      return { done: true };
    }
    this.progress.start(node.id);
    const given = arriving(node, (from) => this.cache.get(from)?.outputs);
    this.send('executing', { node: node.id, display_node: node.id });
    const wanted = this.lazilyWanted(node, given);
    if (wanted.length > 0) {
      for (const from of wanted) pending.link(from, node.id);
      return { done: false };
    }
    const results: Result[] = [];
    for (const inputs of calls(node, given)) {
      this.checkInterrupt();
      results.push(await node.operation.run(nested(node, inputs), this.context(node)));
    }
    this.keep(node, results);
    this.progress.finish(node.id);
    this.executed.push(node.id);
    return { done: true };
  }

  /** Nodes that feed lazy inputs which are needed and not there. */
  private lazilyWanted(node: PromptNode, given: ReturnType<typeof arriving>): string[] {
    const { lazy } = node.operation;
    if (!lazy) return [];
    const names = new Set<string>();
    for (const inputs of calls(node, given)) {
      this.checkInterrupt();
      for (const name of lazy(inputs)) if (!given.lists.has(name) || given.missing.has(name)) names.add(name);
    }
    return [...names].map((name) => {
      const input = node.inputs.get(name);
      if (input && 'from' in input) return input.from;
      const reason = input ? 'that value is a constant' : 'there is no input to that node at all';
      const told = `Node ${node.id} says it needs input ${name}, but ${reason}`;
      throw new NodeFailure('comfy_execution.graph.NodeInputError', told);
    });
  }

  /** Puts the results of all calls together: lists are joined, other values become members of one. */
  private keep(node: PromptNode, results: readonly Result[]): void {
    const outputs = node.definition.outputs.map(({ isList }, slot) =>
      results.flatMap(({ outputs }) => {
        const value = outputs[slot] ?? null;
        return isList && Array.isArray(value) ? (value as readonly Value[]) : [value];
      }),
    );
    const shown = results.flatMap(({ ui }) => (ui ? [ui] : []));
    let ui: Json | undefined;
    if (shown.length > 0) {
      const keys = Object.keys(shown[0]!);
      ui = Object.fromEntries(keys.map((key) => [key, shown.flatMap((one) => (one[key] ?? []) as Json[])]));
      this.ui.set(node.id, ui);
      this.send('executed', { node: node.id, display_node: node.id, output: ui });
    }
    const entry: Entry = { outputs, ui };
    this.cache.set(node.id, entry);
  }

  private context(node: PromptNode): RunContext {
    return {
      folders: this.options.folders,
      nodeId: node.id,
      pngTexts: this.pngTexts,
      previewSuffix: this.suffixes.get(`${node.id} ${node.operation.classType}`)!,
      now: () => this.options.now(),
      tell: (text) => this.emit({ kind: 'text', node: node.id, text }),
      progress: (value, max, png) => this.progress.update(node.id, value, max, png),
    };
  }

  private checkInterrupt(): void {
    if (this.options.isInterrupted()) throw new Interrupted();
  }

  private failed(node: PromptNode, error: unknown): Outcome {
    const about = { node_id: node.id, node_type: node.operation.classType, executed: [...this.executed] };
    if (error instanceof Interrupted) {
      this.tell('execution_interrupted', about);
      return this.outcome('interrupted');
    }
    // A fault of ours is told like one of the node: the run ends, the engine lives on.
    const failure = error instanceof NodeFailure ? error : undefined;
    const message = failure?.message ?? (error as Error).message;
    this.tell('execution_error', {
      ...about,
      exception_message: `${message}\n`,
      exception_type: failure?.exceptionType ?? 'RuntimeError',
      traceback: traceOf(node, failure?.detail),
      current_inputs: this.currentInputs(node),
      current_outputs: [...this.prompt.keys()],
    });
    return this.outcome('error');
  }

  private circle(node: string): Outcome {
    this.tell('execution_error', {
      node_id: node,
      node_type: this.prompt.get(node)!.operation.classType,
      executed: [...this.executed],
      exception_message: 'Dependency cycle detected',
      exception_type: 'graph.DependencyCycleError',
      traceback: [],
      current_inputs: [],
      current_outputs: [...this.prompt.keys()],
    });
    return this.outcome('error');
  }

  private currentInputs(node: PromptNode): JsonObject {
    const { lists } = arriving(node, (from) => this.cache.get(from)?.outputs);
    return Object.fromEntries([...lists].map(([name, list]) => [name, list.map(shown)]));
  }

  /** A message for the client that stands in the history too. */
  private tell(type: string, data: JsonObject): void {
    const whole = { prompt_id: this.options.promptId, ...data, timestamp: this.options.now().getTime() };
    this.messages.push([type, whole]);
    this.emit({ kind: 'json', type, data: whole });
  }

  private send(type: string, data: JsonObject): void {
    this.emit({ kind: 'json', type, data: { ...data, prompt_id: this.options.promptId } });
  }

  private outcome(status: Outcome['status']): Outcome {
    const meta = [...this.ui.keys()].map((node) => [
      node,
      { node_id: node, display_node: node, parent_node: null, real_node_id: node },
    ]);
    return {
      status,
      outputs: Object.fromEntries(this.ui),
      meta: Object.fromEntries(meta),
      messages: this.messages,
    };
  }
}

/** Where it happened, in the place of Python's lines of a traceback. */
function traceOf({ id, operation }: PromptNode, detail: string | undefined): string[] {
  const called = `  node ${id}, in ${operation.classType}.${operation.method ?? 'execute'}\n`;
  return detail === undefined ? [called] : [called, `  ${detail}\n`];
}

/** A value in an error message: scalars as they are, others as text. */
function shown(value: Value): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') {
    return typeof value === 'number' && !Number.isFinite(value) ? pythonText(value) : value;
  }
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  return isTensor(value) ? `tensor of ${value.shape.join(' x ')}` : pythonText(value);
}
