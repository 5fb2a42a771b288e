import type { Json, JsonObject } from '../../base/json.ts';
import type { Catalog } from '../../core/catalog/catalog.ts';
import type { RunError } from './run-error.ts';

/**
 * Something that runs prompts: a ComfyUI server, the embedded engine, or a simulation. How a run ends is a return
 * value; what is thrown says that the world or the caller failed: RUNNER_UNREACHABLE, RUNNER_AUTH, RUNNER_ANSWER.
 */
export interface Runner {
  readonly name: string;
  /** What it can run, asked anew with each call. */
  capabilities(signal?: AbortSignal): Promise<Capabilities>;
  /** The node classes it has, as it defines them; undefined for a runner that runs anything. */
  definitions(signal?: AbortSignal): Promise<Definitions | undefined>;
  /** How busy it is. */
  load(signal?: AbortSignal): Promise<Load>;
  run(request: RunRequest, options?: RunOptions): Promise<RunResult>;
  /** The bytes of one output, checked against its kind. Throws RUNNER_OUTPUT for what is not such a file. */
  fetch(file: OutputFile, signal?: AbortSignal): Promise<Uint8Array>;
  /** Ends what it holds open; runs that are under way are interrupted. */
  close(): Promise<void>;
}

/** What a runner has. */
export interface Capabilities {
  readonly environment: Environment;
  readonly classes: ReadonlySet<string>;
  /** Files that inputs offer, under `Class.input`: model files and the like, not choices such as samplers. */
  readonly files: ReadonlyMap<string, ReadonlySet<string>>;
  /** Bytes that one request may have, where the runner says so. */
  readonly mostUpload?: number;
}

/** The node classes of a runner. */
export interface Definitions {
  /** Its `engine` is the version that the runner tells, whose rules of validation hold. */
  readonly catalog: Catalog;
  /** Those that it runs; the embedded engine knows more than that. */
  readonly classes: ReadonlySet<string>;
  /** The Python module of each class that names one: `nodes`, `custom_nodes.<folder>`. */
  readonly modules: ReadonlyMap<string, string>;
  /** The folders of custom nodes whose version the runner tells. */
  readonly packs: ReadonlyMap<string, PackVersion>;
}

/** What is known of a folder of custom nodes. */
export interface PackVersion {
  /** Of the registry, or the commit that is checked out. */
  readonly version?: string;
  /** The name in the registry, or `owner/name` of its repository. */
  readonly source?: string;
}

/** How busy a runner is. */
export interface Load {
  /** Prompts that run or wait, of everybody. */
  readonly queued: number;
  /** Bytes of the first device. */
  readonly vramFree?: number;
}

/** Where something ran, as far as the runner tells. */
export interface Environment {
  /** The version of ComfyUI, or the one whose behaviour is followed. */
  readonly engine?: string;
  readonly python?: string;
  readonly pytorch?: string;
  readonly os?: string;
  /** How the server was started: `--lowvram`, the kind of cache and the like change what a time means. */
  readonly argv: readonly string[];
  readonly devices: readonly Device[];
  /** Versions of what makes the pixels, where the runner is a part of cwf. */
  readonly libraries?: { readonly [name: string]: string };
}

/** One device; bytes. */
export interface Device {
  readonly name: string;
  readonly type: string;
  readonly vramTotal?: number;
}

/** What is to be run. */
export interface RunRequest {
  /** API format. */
  readonly prompt: JsonObject;
  /** What outputs carry with them: `workflow`, and `cwf` with the commit. */
  readonly extraPnginfo?: JsonObject;
  /** Output nodes that must leave something; a run without one of them is `partial`. */
  readonly expected?: readonly string[];
  /** The only output nodes to run; all by default. */
  readonly targets?: readonly string[];
  /** Files that the runner needs; it puts them where it finds them and sets the inputs to their names. */
  readonly inputs?: readonly InputFile[];
}

/** A file for an input of a node. */
export interface InputFile {
  readonly node: string;
  readonly input: string;
  readonly bytes: Uint8Array;
  /** With its dot: `.png`. */
  readonly extension: string;
}

/** How a run is watched and ended. */
export interface RunOptions {
  /** Hears what happens, in order. A hint only: a message may be missing, the result tells all. */
  onEvent?(event: RunEvent): void;
  /** Interrupts the run. */
  readonly signal?: AbortSignal;
  /** Milliseconds from the call, with the time in the queue, after which the run is interrupted. */
  readonly deadline?: number;
}

/** What happens while a prompt runs. */
export type RunEvent =
  /** A second one with another id: the run is tried again. */
  | { readonly kind: 'queued'; readonly promptId: string; readonly attempt: number }
  | { readonly kind: 'started'; readonly promptId: string }
  | { readonly kind: 'cached'; readonly nodes: readonly string[] }
  | { readonly kind: 'node'; readonly node: string }
  | { readonly kind: 'progress'; readonly node: string; readonly value: number; readonly max: number }
  /** A picture of a node at work; also what SaveImageWebsocket sends. */
  | { readonly kind: 'preview'; readonly node?: string; readonly type: string; readonly bytes: Uint8Array }
  | { readonly kind: 'output'; readonly node: string; readonly files: readonly OutputFile[] }
  | { readonly kind: 'end'; readonly result: RunResult['kind'] };

/** A file that a node left with the runner. */
export interface OutputFile {
  readonly node: string;
  /** ComfyUI's word for what it is: images, audio, video. */
  readonly media: string;
  readonly filename: string;
  readonly subfolder: string;
  readonly type: 'output' | 'temp' | 'input';
  /** Of the bytes, once they are fetched. */
  readonly sha256?: string;
}

/** Milliseconds. `queue` and `run` are by the runner's own clock; `nodes` by the arrival of its messages. */
export interface Timings {
  readonly queue?: number;
  readonly run?: number;
  readonly nodes: readonly { readonly node: string; readonly ms: number }[];
}

/** The greatest use that was seen, in bytes: a lower bound of the peak. `torch` without the memory of other programs. */
export interface SampledMemory {
  readonly kind: 'sampled';
  readonly device: string;
  readonly samples: number;
  readonly used: number;
  readonly torch: number;
}

/** What is known of every run that was taken on. */
export interface RunFacts {
  readonly promptId: string;
  /** How often the prompt was sent: 2 after a retry with freed memory. */
  readonly attempts: number;
  readonly outputs: readonly OutputFile[];
  /** What output nodes showed, as the runner gave it. */
  readonly shown: { readonly [node: string]: Json };
  /** Files that the runner named and nobody should fetch, and why. */
  readonly unsafe: readonly { readonly node: string; readonly file: string; readonly reason: string }[];
  readonly timings: Timings;
  /** Nodes whose results were still there. */
  readonly cached: readonly string[];
  /** Cold only where nothing was: times of cold and warm runs are not comparable. */
  readonly warmth: 'cold' | 'warm';
  readonly memory?: SampledMemory;
  readonly environment?: Environment;
}

/** How a run ended. */
export type RunResult =
  | (RunFacts & { readonly kind: 'finished' })
  | (RunFacts & { readonly kind: 'failed'; readonly error: RunError })
  | (RunFacts & { readonly kind: 'out-of-memory'; readonly error: RunError })
  /** No failure of the prompt. `stopped` is false where the runner had not said so when the waiting ended. */
  | (RunFacts & {
      readonly kind: 'interrupted';
      readonly by: 'signal' | 'deadline' | 'others';
      readonly stopped: boolean;
    })
  /** Nobody knows how it ended. `gone`: taken out of the queue, or forgotten. */
  | (RunFacts & { readonly kind: 'lost'; readonly reason: 'gone' | 'restarted' | 'unreachable' })
  /** Some outputs only; `missing` are nodes without theirs. */
  | (RunFacts & { readonly kind: 'partial'; readonly missing: readonly string[]; readonly nodeErrors: JsonObject })
  /** Not taken on. */
  | { readonly kind: 'refused'; readonly status: number; readonly error: Refusal; readonly nodeErrors: JsonObject };

/** Why a prompt was not taken on, in the runner's words. */
export interface Refusal {
  readonly type: string;
  readonly message: string;
  readonly details: string;
}
