import { CwfError, isCwfError } from '../../src/base/errors.ts';
import { isObject, type Json } from '../../src/base/json.ts';
import { jsonText } from '../../src/base/json-out.ts';
import { parseJson } from '../../src/base/json-parse.ts';
import { callVerb } from '../../src/porcelain/call.ts';
import type { Context } from '../../src/porcelain/context.ts';
import type { VerbName } from '../../src/porcelain/index.ts';
import type { TokenScope } from '../../src/porcelain/token-scope.ts';
import { changes } from '../../src/porcelain/verb.ts';
import { errorOf } from '../problem.ts';
import { isLong } from '../routes.ts';
import { Turns } from '../turns.ts';
import { partAt, type Shortened, shorten } from './short.ts';
import { MORE, type Tool, toolsFor, type VerbTool } from './tools.ts';

/** Where a session of an agent works. */
export interface SessionWorld {
  /** What the agent may do. */
  readonly scope: TokenScope;
  /** The context of the agent: its name, its scope, paths from the top of the working tree. */
  context(): Context;
  /** Makes a change in its name. Throws as `callVerb` does, or a `ToldError`. */
  change(verb: VerbName, input: Json, isLong: boolean): Promise<Json>;
}

/** The answer to a call of a tool: text alone. */
export interface ToolAnswer {
  readonly content: { readonly type: 'text'; readonly text: string }[];
  readonly isError?: true;
  readonly [key: string]: unknown;
}

/** An error that was told elsewhere (in the thread of changes), as it was told. */
export class ToldError extends Error {
  readonly told: ErrorAnswer;

  constructor(told: ErrorAnswer) {
    super(told.message);
    this.told = told;
  }
}

/** An error as agents are told it. */
export interface ErrorAnswer {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly details: Json;
}

/** Whole answers that are kept for `more`, and how long one may be, in characters. */
const MOST_KEPT = 8;
const MOST_KEPT_CHARACTERS = 4_000_000;

/** Hints that name places of other doors. */
const OWN_HINTS: Readonly<Record<string, string>> = {
  INPUT_INVALID: 'See the inputSchema of the tool.',
  VERB_UNKNOWN: 'See tools/list for every tool there is.',
};

/**
 * What one agent does from its first word to its last: calls of tools, one change after the other; the proposal that its
 * edits land on; the answers it was not told in full.
 */
export class Session {
  readonly world: SessionWorld;
  private readonly turns = new Turns();
  private readonly answers = new Map<string, Json>();
  private tools: Promise<ReadonlyMap<string, VerbTool>> | undefined;
  private count = 0;
  private proposal: string | undefined;

  constructor(world: SessionWorld) {
    this.world = world;
  }

  /** The tools that this agent may call. */
  async list(): Promise<readonly Tool[]> {
    return [...[...(await this.load()).values()].map(({ tool }) => tool), MORE];
  }

  /** Calls a tool. Never rejects: what fails is an answer with code and hint. [MC-6] */
  async call(name: string, input: Json): Promise<ToolAnswer> {
    try {
      if (!isObject(input)) throw new CwfError('INPUT_INVALID', { verb: name.slice(0, 80), reason: 'no JSON object' });
      if (name === MORE.name) return this.more(input);
      const found = (await this.load()).get(name);
      if (!found) throw new CwfError('VERB_UNKNOWN', { verb: name.slice(0, 80) });
      return this.answer(await this.run(found, input));
    } catch (thrown) {
      const error = toldOf(thrown);
      if (error.code === 'BUG') this.world.context().log(`${name.slice(0, 80)} failed: ${error.message}`);
      const text = jsonText({ ...error, details: shorten(error.details).value }, 0);
      return { content: [{ type: 'text', text }], isError: true };
    }
  }

  /** The output of a verb that reads. Throws as `callVerb` does. */
  async read(verb: VerbName, input: Json): Promise<Json> {
    return jsonOf(await callVerb(this.world.context(), verb, input));
  }

  private load(): Promise<ReadonlyMap<string, VerbTool>> {
    this.tools ??= toolsFor(this.world.scope);
    return this.tools;
  }

  private run(found: VerbTool, input: Readonly<Record<string, Json>>): Promise<Json> {
    const { name, verb, landing } = found;
    const isReading = !changes(verb) || (verb.lists === true && Object.keys(input).length === 0);
    if (isReading) return this.read(name, input);
    if (isLong(verb) && landing.length === 0) return this.world.change(name, input, true);
    return this.turns.take(() =>
      landing.length === 0 ? this.world.change(name, input, false) : this.land(found, input),
    );
  }

  /** A change of who may only propose lands on the proposal of the session; the first one makes it. [MC-4] */
  private async land({ name, verb, landing }: VerbTool, input: Readonly<Record<string, Json>>): Promise<Json> {
    const change = (more: Readonly<Record<string, Json>>): Promise<Json> =>
      this.world.change(name, { ...input, ...more }, isLong(verb));
    const isSaid = landing.some((field) => input[field] !== undefined);
    if (isSaid || this.world.scope !== 'propose') return change({});
    if (this.proposal !== undefined && landing.includes('proposal'))
      try {
        return await change({ proposal: this.proposal });
      } catch (thrown) {
        // It was merged or taken back meanwhile: what comes now is another one.
        if (!['PROPOSAL_CLOSED', 'PROPOSAL_NOT_FOUND'].includes(toldOf(thrown).code)) throw thrown;
      }
    const output = await change({ propose: true });
    const made = isObject(output) ? output['proposal'] : undefined;
    if (typeof made === 'string' && landing.includes('proposal')) this.proposal = made;
    return output;
  }

  private more(input: Readonly<Record<string, Json>>): ToolAnswer {
    const { answer, at = '', skip = 0 } = input;
    const isRight = typeof answer === 'string' && typeof at === 'string' && Number.isSafeInteger(skip);
    if (!isRight || (skip as number) < 0)
      throw new CwfError('INPUT_INVALID', { verb: MORE.name, reason: 'answer and at are texts, skip is a number' });
    const whole = this.answers.get(answer);
    const part = whole === undefined ? undefined : partAt(whole, at);
    if (part === undefined)
      throw new CwfError('ANSWER_NOT_FOUND', { answer: answer.slice(0, 40), at: at.slice(0, 200) });
    return told(shorten(part, at, skip as number), answer, true);
  }

  private answer(output: Json): ToolAnswer {
    const short = shorten(output);
    if (short.cuts.length === 0) return told(short, undefined);
    const isKept = jsonText(output, 0).length <= MOST_KEPT_CHARACTERS;
    if (!isKept) return told(short, undefined);
    const id = `a${++this.count}`;
    this.answers.set(id, output);
    if (this.answers.size > MOST_KEPT) this.answers.delete(this.answers.keys().next().value!);
    return told(short, id);
  }
}

/** Anything thrown as agents are told it. */
export function toldOf(thrown: unknown): ErrorAnswer {
  if (thrown instanceof ToldError) return withOwnHint(thrown.told);
  const { code, message, hint, data } = isCwfError(thrown) ? thrown : errorOf(thrown);
  return withOwnHint({ code, message, hint, details: jsonOf(data) });
}

/** The output of a verb as JSON, in which no digit is lost. */
export function jsonOf(value: unknown): Json {
  const all = Number.POSITIVE_INFINITY;
  const limits = { maxBytes: all, maxString: all, maxKeys: all, maxDepth: 1000 };
  return parseJson(jsonText(value, 0), { source: 'answer', ...limits });
}

function withOwnHint(error: ErrorAnswer): ErrorAnswer {
  return { ...error, hint: OWN_HINTS[error.code] ?? error.hint };
}

/** A part as text; what was left out stands before it, since readers may stop anywhere. */
function told({ value, cuts }: Shortened, answer: string | undefined, isPart = false): ToolAnswer {
  const rest = cuts.length === 0 ? {} : { cut: cuts, ...(answer === undefined ? {} : { answer }) };
  const body = !isPart && isObject(value) ? { ...rest, ...value } : { ...rest, value };
  return { content: [{ type: 'text', text: jsonText(body, 0) }] };
}
