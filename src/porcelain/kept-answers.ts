import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CwfError, isCwfError } from '../base/errors.ts';
import { sha256 } from '../base/hash.ts';
import { isObject } from '../base/json.ts';
import { parseJson } from '../base/json-parse.ts';
import type { Context } from './context.ts';
import { readBytes } from './plain-files.ts';
import { writePrivate } from './private-files.ts';

/** An answer as it went out. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

interface Entry {
  /** SHA-256 of the request. */
  readonly request: string;
  /** The newest operation when it began. */
  readonly before: string;
  readonly answer: Answer | null;
}

const FOLDER = 'answers';
const LIFE_MS = 24 * 3_600_000;
const MOST = 1000;
/** Calls between two looks at what is too old. */
const SWEEP_EVERY = 64;

/**
 * Answers to changes by the key of their actor, in `.git/cwf/answers`, so that a request that is repeated after the
 * line, the server or the machine broke down gets the answer it would have got and is not done twice. It is a cache:
 * without the folder a repeated request is a new one, which an expected head still stops.
 *
 * Before a change its key is kept without an answer, with the newest operation. A key that is found so after a restart
 * was under way when the server ended. Where its actor recorded nothing since, it is done now; else nobody can know,
 * and the caller is told to look. [SV-22]
 */
export class KeptAnswers {
  private readonly ctx: Context;
  private readonly folder: string;
  private readonly running = new Map<string, { readonly request: string; readonly answer: Promise<Answer> }>();
  private calls = 0;

  constructor(ctx: Context) {
    this.ctx = ctx;
    this.folder = join(ctx.repo.cwfDir, FOLDER);
  }

  /**
   * The kept answer for the key of an actor, or that of `answer`, which is kept then unless it failed of no fault of the
   * request. Throws KEY_REUSED for the key of another request, KEY_UNCERTAIN.
   */
  async once(actor: string, key: string, request: string, answer: () => Promise<Answer>): Promise<Answer> {
    const name = sha256(`${actor}\0${key}`);
    const known = this.running.get(name);
    if (known) {
      if (known.request !== request) throw new CwfError('KEY_REUSED');
      return known.answer;
    }
    const made = this.keptOrMade(name, actor, request, answer).finally(() => this.running.delete(name));
    this.running.set(name, { request, answer: made });
    return made;
  }

  private async keptOrMade(
    name: string,
    actor: string,
    request: string,
    answer: () => Promise<Answer>,
  ): Promise<Answer> {
    if (this.calls++ % SWEEP_EVERY === 0) this.sweep();
    const path = join(this.folder, `${name}.json`);
    const entry = this.read(path);
    if (entry && entry.request !== request) throw new CwfError('KEY_REUSED');
    if (entry?.answer) return entry.answer;
    if (entry) await this.refuseUncertain(entry, actor);
    const before = entry?.before ?? (await this.newest());
    this.write(path, { request, before, answer: null });
    const made = await answer().catch((error: unknown) => {
      rmSync(path, { force: true });
      throw error;
    });
    this.write(path, { request, before, answer: made });
    return made;
  }

  private async refuseUncertain({ before }: Entry, actor: string): Promise<void> {
    for await (const operation of this.ctx.repo.operations()) {
      if (operation.id === before) return;
      if (operation.actor === actor)
        throw new CwfError('KEY_UNCERTAIN', { operation: `${operation.command} (${operation.id.slice(0, 8)})` });
    }
  }

  private async newest(): Promise<string> {
    for await (const { id } of this.ctx.repo.operations(1)) return id;
    return '';
  }

  private read(path: string): Entry | undefined {
    try {
      if (statSync(path).mtimeMs < this.ctx.now() - LIFE_MS) return undefined;
      const json = parseJson(readBytes(path, path), {
        maxString: Number.POSITIVE_INFINITY,
        maxBytes: Number.POSITIVE_INFINITY,
      });
      return isObject(json) ? (json as unknown as Entry) : undefined;
    } catch (error) {
      // Torn, or not there: a cache says nothing then.
      if (isCwfError(error) || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** A disk that is full must not stop what was done from being told. */
  private write(path: string, entry: Entry): void {
    try {
      writePrivate(path, JSON.stringify(entry));
    } catch (error) {
      this.ctx.log(`${(error as Error).message}; a repeated request would be done again`);
    }
  }

  private sweep(): void {
    try {
      const files = readdirSync(this.folder).map((name) => {
        const path = join(this.folder, name);
        return { path, time: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 };
      });
      const oldest = this.ctx.now() - LIFE_MS;
      const byAge = files.sort((a, b) => b.time - a.time);
      for (const [at, { path, time }] of byAge.entries())
        if (at >= MOST || time < oldest) rmSync(path, { force: true });
    } catch {
      // No folder yet, or another server sweeps it.
    }
  }
}
