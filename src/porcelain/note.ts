import { CwfError } from '../base/errors.ts';
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import type { Oid } from '../io/repo/types.ts';
import type { Choice } from '../plan/rank/choice.ts';
import type { Context } from './context.ts';
import { readMessage } from './log.ts';
import { orHint } from './mistaken.ts';
import { choiceOf } from './rank-choices.ts';
import { type RunNote, runOf } from './run-note.ts';
import { defineVerb } from './verb.ts';

/** Facts to note on a commit (HEAD by default). */
export interface NoteAddInput {
  readonly rev?: string;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly text?: string;
  readonly dryRun?: boolean;
}

/** The last second that a date of JavaScript has (ECMAScript, Time Range). */
const LATEST = 8.64e12;

/** One metric or text on a commit; `time` is seconds since 1970. */
export interface NoteFact {
  readonly metric?: string;
  readonly value?: number;
  readonly text?: string;
  readonly actor?: string;
  readonly time?: number;
  /** What a measured number was made with and of (docs/metrics.md). */
  readonly provenance?: JsonObject;
  /** The output that was measured or kept, as `sha256:<id>`. */
  readonly output?: string;
  /** The run that a number is of. */
  readonly of?: string;
  /** A run (docs/runs.md). */
  readonly run?: RunNote;
  /** What somebody said was best (docs/ranking.md). */
  readonly choice?: Choice;
}

/** The facts on one commit. */
export interface NotesOf {
  readonly oid: Oid;
  readonly subject: string;
  readonly facts: readonly NoteFact[];
}

/** Longer texts belong in a file; git keeps every note whole in memory. */
const MAX_TEXT = 64 * 1024;
const METRIC_NAME = /^[A-Za-z][A-Za-z0-9_.:/@-]{0,63}$/;
/** Each kind has a ref of its own, so that scripts may fetch one without the others. */
const KINDS = ['metrics', 'review', 'runs', 'rank'] as const;

/** `cwf note add`: one line per fact in refs/notes/cwf/metrics and refs/notes/cwf/review. Throws NOTE_INVALID. */
export const noteAdd = defineVerb<NoteAddInput, NotesOf>({
  name: 'note add',
  summary: 'Note metrics or a text on a commit',
  mutates: true,
  async run(ctx, input) {
    const hint =
      /.=/.test(input.rev ?? '') && `A metric stands after its flag: \`cwf note add --metric ${input.rev}\`.`;
    const oid = await orHint(ctx.repo.resolve(input.rev ?? 'HEAD'), hint);
    const metrics = Object.entries(input.metrics ?? {}).map(([metric, value]) => ({ metric, value }));
    if (metrics.length === 0 && input.text === undefined)
      throw new CwfError('NOTE_INVALID', { reason: 'neither a metric nor a text is given' });
    return addFacts(ctx, 'note add', oid, { ...input, metrics });
  },
});

/** Numbers, each with its provenance, and a text that go onto one commit. */
export interface NewFacts {
  readonly metrics: readonly {
    readonly metric: string;
    readonly value: number;
    readonly provenance?: JsonObject;
  }[];
  readonly text?: string;
  readonly dryRun?: boolean;
}

/** Notes facts on a commit, by the actor, now, in one operation of a command. Throws NOTE_INVALID. */
export async function addFacts(ctx: Context, command: string, oid: Oid, added: NewFacts): Promise<NotesOf> {
  const { subject } = readMessage((await ctx.repo.readCommit(oid)).message);
  const common = { actor: ctx.actor, time: Math.floor(ctx.now() / 1000) };
  const metrics = added.metrics.map(({ metric, value, provenance }) => ({
    ...common,
    ...checkMetric(metric, value),
    ...(provenance === undefined ? {} : { provenance }),
  }));
  const texts = added.text === undefined ? [] : [{ ...common, text: checkText(added.text) }];
  if (!added.dryRun) {
    await ctx.repo.transaction({ command, actor: ctx.actor }, async (tx) => {
      for (const fact of metrics) ctx.repo.notes('metrics').add(tx, oid, fact);
      for (const fact of texts) ctx.repo.notes('review').add(tx, oid, fact);
    });
  }
  return { oid, subject, facts: [...metrics, ...texts] };
}

/** `cwf note show`: everything noted on one commit. */
export const noteShow = defineVerb<{ readonly rev?: string }, NotesOf>({
  name: 'note show',
  summary: 'Show the notes on a commit',
  mutates: false,
  async run(ctx, input) {
    const oid = await ctx.repo.resolve(input.rev ?? 'HEAD');
    const { subject } = readMessage((await ctx.repo.readCommit(oid)).message);
    return { oid, subject, facts: await factsOn(ctx, oid) };
  },
});

/** `cwf note list`: every object that has notes, with them. */
export const noteList = defineVerb<Record<string, never>, { readonly notes: readonly NotesOf[] }>({
  name: 'note list',
  summary: 'List all notes',
  mutates: false,
  async run(ctx) {
    const byOid = new Map<Oid, NoteFact[]>();
    for (const kind of KINDS) {
      for await (const { oid, facts } of ctx.repo.notes(kind).list()) {
        byOid.set(oid, [...(byOid.get(oid) ?? []), ...facts.map(toFact)]);
      }
    }
    const notes: NotesOf[] = [];
    for (const [oid, facts] of byOid) notes.push({ oid, subject: await subjectOf(ctx, oid), facts: byTime(facts) });
    return { notes };
  },
});

/** The facts on an object, oldest first. */
export async function factsOn(ctx: Context, oid: Oid): Promise<NoteFact[]> {
  const facts: NoteFact[] = [];
  for (const kind of KINDS) facts.push(...(await ctx.repo.notes(kind).read(oid)).map(toFact));
  return byTime(facts);
}

/** A line that is no fact of ours was written by a person with plain git: it is a text. */
function toFact(json: Json): NoteFact {
  if (typeof json === 'string') return { text: json };
  if (!isObject(json)) return { text: String(json) };
  const { metric, value, text, actor, time, provenance, output, run: of } = json;
  const run = runOf(json);
  const choice = choiceOf(json);
  return {
    ...(run ? { run } : typeof of === 'string' ? { of } : {}),
    ...(typeof output === 'string' ? { output } : {}),
    ...(choice ? { choice } : {}),
    ...(typeof metric === 'string' && typeof value === 'number' ? { metric, value } : {}),
    ...(typeof text === 'string' ? { text } : {}),
    ...(typeof actor === 'string' ? { actor } : {}),
    ...(typeof time === 'number' && Math.abs(time) <= LATEST ? { time } : {}),
    ...(provenance !== undefined && isObject(provenance) ? { provenance } : {}),
  };
}

function byTime(facts: readonly NoteFact[]): NoteFact[] {
  return [...facts].sort((a, b) => (a.time ?? 0) - (b.time ?? 0));
}

function checkMetric(metric: string, value: number): { readonly metric: string; readonly value: number } {
  if (!METRIC_NAME.test(metric))
    throw new CwfError('NOTE_INVALID', {
      reason: `${metric.slice(0, 80)} is no name of a metric: it is a letter, then letters, digits and _ . : / @ -`,
    });
  if (!Number.isFinite(value))
    throw new CwfError('NOTE_INVALID', { reason: `the value of ${metric} is not a finite number` });
  return { metric, value };
}

function checkText(text: string): string {
  if (text.trim() === '') throw new CwfError('NOTE_INVALID', { reason: 'the text is empty' });
  if (text.includes('\0') || Buffer.byteLength(text) > MAX_TEXT) {
    throw new CwfError('NOTE_INVALID', { reason: `the text holds a NUL or is over ${MAX_TEXT} bytes` });
  }
  return text;
}

async function subjectOf(ctx: Context, oid: Oid): Promise<string> {
  const object = await ctx.repo.readObject(oid).catch(() => undefined);
  return object?.type === 'commit' ? readMessage((await ctx.repo.readCommit(oid)).message).subject : '';
}
