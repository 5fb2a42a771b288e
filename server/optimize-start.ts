import type { z } from 'zod';
import { CwfError } from '../src/base/errors.ts';
import { isObject, type Json, type JsonObject } from '../src/base/json.ts';
import { inputSchema } from '../src/porcelain/schemas/index.ts';
import type { StudyStep } from '../src/porcelain/study-progress.ts';
import { json } from './answer.ts';
import type { Exchange, World } from './app-env.ts';
import { readTold } from './tasks.ts';
import { answerWith, makeChange, readChange } from './verb-handler.ts';
import type { Written } from './writer.ts';
import type { Change } from './writer-thread.ts';

/** Words of the body that stand for inputs of the verb `optimize`. */
const WORDS: Readonly<Record<string, string>> = { tunables: 'only', constraints: 'limits' };
const GOALS = new Set(['quality', 'speed', 'vram']);

/** A study that was begun: `run_id` is its name, which holds as long as the repository; or why it was not. */
type Begun = { readonly run_id: string; readonly task: string } | Written;

/** Starts with a key, by caller and key: repeated while the study runs they are answered as the first was. */
export type Starts = Map<string, { readonly request: string; readonly begun: Promise<Begun> }>;

const MOST_KEYS = 200;

/**
 * The body of `POST /api/optimize/start`, as the input of the verb `optimize`: `objective` is a goal, or one or several
 * objectives; `tunables` are the parameters to search, `constraints` the limits. Throws INPUT_INVALID. [SV-30]
 */
export function startInput(body: Json): Json {
  if (!isObject(body)) return body;
  const { objective, ...rest } = body;
  const input: JsonObject = {};
  for (const [name, value] of Object.entries(rest)) {
    const field = WORDS[name] ?? name;
    if (field !== name && field in rest) throw invalid(name, `it is the same as ${field}: give one of them`);
    if (field === 'dryRun') throw invalid(name, 'it has no such field: POST /api/optimize makes dry runs');
    input[field] = value;
  }
  if (objective === undefined) return input;
  if ('goal' in rest || 'objectives' in rest) throw invalid('objective', 'give it alone, or goal, or objectives');
  if (typeof objective === 'string' && GOALS.has(objective)) input['goal'] = objective;
  else input['objectives'] = typeof objective === 'string' ? [objective] : objective;
  return input;
}

/** The schema of that body. */
export async function startSchema(): Promise<z.ZodObject> {
  const { z } = await import('zod');
  const optimize = await inputSchema('optimize');
  const { only, limits, objectives } = optimize.shape as Record<string, z.ZodType>;
  return optimize.omit({ dryRun: true }).extend({
    objective: z.union([z.string(), objectives!]).describe('quality, speed, vram, or as objectives').optional(),
    tunables: only!,
    constraints: limits!,
  });
}

/** `POST /api/optimize/start`: begins a study and answers as soon as it is written down. [SV-30] */
export async function startStudy(c: Exchange, world: World): Promise<Response> {
  const change = await readChange(c, 'optimize', true, startInput);
  const begun = await once(world.starts, change, () => begin(c, world, change));
  if ('status' in begun) return answerWith(c, begun);
  return json(c, begun, 202, { location: `/api/optimize/progress/${begun.run_id}` });
}

/** The same answer for the same key, unless it was that nothing began. Throws KEY_REUSED. */
async function once(starts: Starts, { key, actor }: Change, begin: () => Promise<Begun>): Promise<Begun> {
  if (key === undefined) return begin();
  const id = `${actor} ${key.name}`;
  const known = starts.get(id);
  if (known && known.request !== key.request) throw new CwfError('KEY_REUSED');
  if (known) return known.begun;
  const begun = begin();
  starts.set(id, { request: key.request, begun });
  for (const old of starts.keys()) if (starts.size > MOST_KEYS) starts.delete(old);
  const ended = await begun;
  if ('status' in ended) starts.delete(id);
  return ended;
}

function begin(c: Exchange, world: World, change: Change): Promise<Begun> {
  return new Promise((resolve) => {
    let study: string | undefined;
    const task = world.tasks.begin('optimize', c.var.caller, async (tell) => {
      const written = await makeChange(world, change, (text) => {
        const step = readTold(text) as unknown as StudyStep;
        if (step.kind === 'begun') {
          study = step.study;
          resolve({ run_id: study, task: task.task });
        } else if (study !== undefined) world.studies.step(study, step);
        tell(text);
      });
      // It ended before it began: it was refused, or an earlier request with its key made it, before a restart.
      const report = (written.status === 200 ? readTold(written.body) : {}) as { readonly study?: string };
      resolve(report.study === undefined ? written : { run_id: report.study, task: task.task });
      return written;
    });
  });
}

function invalid(field: string, reason: string): CwfError {
  return new CwfError('INPUT_INVALID', { verb: 'optimize/start', place: `/${field}`, reason });
}
