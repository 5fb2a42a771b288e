import type { Json, JsonObject } from '../../base/json.ts';
import { namedFiles } from './outputs.ts';
import type { Environment, RunFacts, RunResult, SampledMemory, Timings } from './runner.ts';
import type { RunRecord } from './status-messages.ts';

/** What is known of a run beside its record. */
export interface Known {
  readonly promptId: string;
  readonly attempts: number;
  readonly nodes: Timings['nodes'];
  readonly memory?: SampledMemory | undefined;
  readonly environment?: Environment | undefined;
}

/** A run that is in the books of its runner. `createdAt` by the clock of the record. */
export interface Booked {
  readonly record: RunRecord;
  readonly outputs: JsonObject;
  readonly createdAt?: number | undefined;
}

/** What decides whether a run that went through is whole, and who is told to have ended one that did not. */
export interface Terms {
  /** Nodes that must have left something. */
  readonly wanted: readonly string[];
  readonly nodeErrors: JsonObject;
  /** Who asked for the end, if somebody of ours did. */
  readonly stoppedBy?: 'signal' | 'deadline' | undefined;
}

/** The facts of a run; without books those of a run of which nothing was found. */
export function factsOf(known: Known, booked?: Booked): RunFacts {
  const { startedAt, endedAt, cached = [] } = booked?.record ?? {};
  const { files, unsafe } = namedFiles(booked?.outputs ?? {});
  return {
    promptId: known.promptId,
    attempts: known.attempts,
    outputs: files,
    shown: booked?.outputs ?? {},
    unsafe,
    timings: {
      ...span('queue', booked?.createdAt, startedAt),
      ...span('run', startedAt, endedAt),
      nodes: known.nodes,
    },
    cached,
    warmth: cached.length > 0 ? 'warm' : 'cold',
    ...(known.memory ? { memory: known.memory } : {}),
    ...(known.environment ? { environment: known.environment } : {}),
  };
}

/** The result of a run that its runner has in its books. */
export function resultOf(known: Known, booked: Booked, terms: Terms): RunResult {
  const facts = factsOf(known, booked);
  const { ending } = booked.record;
  if (ending.kind === 'interrupted') {
    return { ...facts, kind: 'interrupted', by: terms.stoppedBy ?? 'others', stopped: true };
  }
  if (ending.kind !== 'finished') return { ...facts, ...ending };
  const { nodeErrors } = terms;
  const wanted = [...terms.wanted, ...droppedOutputs(nodeErrors)];
  const missing = [...new Set(wanted)].filter((node) => !Object.hasOwn(booked.outputs, node));
  const isWhole = missing.length === 0 && Object.keys(nodeErrors).length === 0;
  return isWhole ? { ...facts, kind: 'finished' } : { ...facts, kind: 'partial', missing, nodeErrors };
}

/** Output nodes that do not run because of errors in them or before them. */
function droppedOutputs(nodeErrors: JsonObject): string[] {
  return Object.values(nodeErrors).flatMap((error) => {
    const outputs = (error as { dependent_outputs?: Json } | null)?.dependent_outputs;
    return Array.isArray(outputs) ? outputs.filter((id) => typeof id === 'string') : [];
  });
}

function span(name: 'queue' | 'run', from: number | undefined, to: number | undefined): Partial<Timings> {
  return from === undefined || to === undefined ? {} : { [name]: to - from };
}
