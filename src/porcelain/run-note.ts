import { isObject, type Json, type JsonObject } from '../base/json.ts';
import type { Oid } from '../io/repo/types.ts';
import type { RunError } from '../io/runner/run-error.ts';
import type { Environment, RunResult, SampledMemory } from '../io/runner/runner.ts';
import type { Context } from './context.ts';

/** The form of the note; another number means other members. */
export const RUN_SCHEMA = 'cwf.run.note/1';

/** A file that a run left. `id` is the SHA-256 of its bytes, by which the store has it. */
export interface RunOutput {
  readonly id: string;
  readonly node: string;
  /** ComfyUI's word for what it is: images, audio, video. */
  readonly media: string;
  readonly filename: string;
  /** The folder of the runner it was in: `output`, or `temp` for previews. */
  readonly folder: 'output' | 'temp' | 'input';
  /** Bytes. */
  readonly size: number;
  /** Media type by the bytes. */
  readonly type: string;
  /** In pixels, where it is a picture that can be read. */
  readonly width?: number;
  readonly height?: number;
  readonly frames?: number;
  /** SHA-256 of the decoded RGB bytes of the first frame: files differ by what is written into them. */
  readonly pixels?: string;
  /** Difference hash, 16 hex digits. */
  readonly dhash?: string;
}

/** A file that a run left and that could not be had. */
export interface LostOutput {
  readonly node: string;
  readonly filename: string;
  readonly reason: string;
}

/** A literal input of a node of the prompt that was run. */
export interface RunValue {
  readonly node: string;
  readonly input: string;
  readonly value: Json;
}

/** A file that was given to a node; `sha256` is absent where the runner has it and cwf has not seen its bytes. */
export interface RunInput {
  readonly node: string;
  readonly input: string;
  readonly file: string;
  readonly sha256?: string;
}

/** A model file that the prompt names, by the input that names it (`Class.input`). */
export interface RunModel {
  readonly input: string;
  readonly file: string;
}

/** A node pack that classes of the prompt come from, by the Python module that the runner tells. */
export interface RunPack {
  readonly module: string;
  readonly classes: readonly string[];
  /** Of the registry, or the commit that is checked out; where the runner has ComfyUI-Manager, which tells it. */
  readonly version?: string;
  readonly source?: string;
}

/** What a run ran in: what the runner tells, and the version of cwf. */
export interface RunEnvironment extends Environment {
  readonly cwf: string;
}

/** One run of one workflow, as a line of refs/notes/cwf/runs tells it (docs/runs.md). Times are milliseconds. */
export interface RunNote {
  readonly schema: typeof RUN_SCHEMA;
  /** A UUID. */
  readonly run: string;
  /** When it ended, in seconds since 1970, to the millisecond. */
  readonly time: number;
  readonly actor: string;
  readonly runner: string;
  readonly kind: RunResult['kind'];
  /** The workflow in the tree of the commit. */
  readonly file: string;
  /** docDigest of the workflow of the commit, without what was set. */
  readonly document: string;
  /** graphDigest of what was run. */
  readonly graph: string;
  /** SHA-256 of the prompt, with files by their content. */
  readonly prompt: string;
  /** Hash of the node definitions it was converted and judged by. */
  readonly catalog: string;
  /** Values that were set for this run, by their addresses in the workflow. */
  readonly set?: { readonly [address: string]: Json };
  readonly seeds: readonly RunValue[];
  readonly inputs?: readonly RunInput[];
  readonly models?: readonly RunModel[];
  readonly packs?: readonly RunPack[];
  readonly outputs: readonly RunOutput[];
  readonly lost?: readonly LostOutput[];
  /** Why it did not finish. */
  readonly error?: { readonly message: string; readonly details?: string } & Partial<Omit<RunError, 'message'>>;
  /** Nodes that were to leave something and did not. */
  readonly missing?: readonly string[];
  /** The prompt's id on the runner. */
  readonly id?: string;
  readonly attempts?: number;
  readonly warmth?: 'cold' | 'warm';
  readonly cached?: readonly string[];
  readonly queue?: number;
  readonly ran?: number;
  /** From the sending to the end, by the clock here. */
  readonly took: number;
  readonly nodes?: { readonly [node: string]: number };
  readonly memory?: SampledMemory;
  readonly environment?: RunEnvironment;
}

/** The fact that stands in the note. */
export function runFact(note: RunNote): JsonObject {
  return { ...note } as unknown as JsonObject;
}

/** The runs that are noted on an object, oldest first; lines that are none are passed over. */
export async function readRuns(ctx: Pick<Context, 'repo'>, oid: Oid): Promise<RunNote[]> {
  return byTime((await ctx.repo.notes('runs').read(oid)).flatMap((fact) => runOf(fact) ?? []));
}

/** Every run that is noted anywhere, with the commit it is on; by commit, oldest first. */
export async function* listRuns(
  ctx: Pick<Context, 'repo'>,
): AsyncGenerator<{ readonly oid: Oid; readonly runs: readonly RunNote[] }> {
  for await (const { oid, facts } of ctx.repo.notes('runs').list()) {
    const runs = byTime(facts.flatMap((fact) => runOf(fact) ?? []));
    if (runs.length > 0) yield { oid, runs };
  }
}

/**
 * The run that a fact of a note tells of; undefined for another fact. What others wrote is read like what cwf writes, and
 * believed no further: lists hold only members that are what they should be.
 */
export function runOf(fact: Json): RunNote | undefined {
  if (!isObject(fact) || fact.schema !== RUN_SCHEMA) return undefined;
  const texts = ['run', 'actor', 'runner', 'kind', 'file', 'document', 'graph', 'prompt', 'catalog'] as const;
  if (texts.some((key) => typeof fact[key] !== 'string')) return undefined;
  if (typeof fact.time !== 'number' || typeof fact.took !== 'number') return undefined;
  const outputs = listOf(fact.outputs, isOutput);
  const seeds = listOf(fact.seeds, ({ node, input }) => typeof node === 'string' && typeof input === 'string');
  return { ...fact, outputs, seeds } as unknown as RunNote;
}

function isOutput({ id, node, filename, type, size }: JsonObject): boolean {
  const texts = [node, filename, type].every((text) => typeof text === 'string');
  return texts && /^[0-9a-f]{64}$/.test(String(id)) && typeof size === 'number';
}

function listOf(value: Json | undefined, isOne: (one: JsonObject) => boolean): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject).filter(isOne) : [];
}

function byTime(runs: readonly RunNote[]): RunNote[] {
  return [...runs].sort((a, b) => a.time - b.time || (a.run < b.run ? -1 : 1));
}
