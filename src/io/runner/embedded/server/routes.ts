import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { CwfError } from '../../../../base/errors.ts';
import { isObject, type Json, type JsonObject } from '../../../../base/json.ts';
import type { Catalog } from '../../../../core/catalog/catalog.ts';
import type { Folders } from '../operation.ts';
import { readPrompt } from '../prompt.ts';
import { FEATURES } from './features.ts';
import type { Jobs } from './jobs.ts';
import { objectInfo } from './object-info.ts';
import { allJobs, historyOf, jobOf, tupleOf } from './views.ts';

/** An answer: JSON, or nothing but a status. */
export interface Answer {
  readonly status: number;
  readonly json?: Json;
}

/** What ComfyUI's own validation says of a prompt. */
export interface Verdict {
  readonly status: 200 | 400 | 500;
  readonly error: object | null;
  readonly node_errors: { readonly [id: string]: { readonly dependent_outputs: readonly string[] } & object };
}

/** What is posted to `/prompt`, as far as it is validated. */
export interface PromptRequest {
  readonly prompt?: Json;
  readonly partialExecutionTargets?: Json;
}

/** What the routes work with. */
export interface World {
  readonly catalog: Catalog;
  readonly folders: Folders;
  readonly jobs: Jobs;
  validate(request: PromptRequest): Verdict;
  /** The next number of a job. */
  nextNumber(): number;
}

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
const OK: Answer = { status: 200 };

/** Answers one request with a JSON body or none; `path` without `/api`. Undefined for a route that is not there. */
export function route(
  world: World,
  method: string,
  path: string,
  query: URLSearchParams,
  body: Json | undefined,
): Answer | undefined {
  const [, first = '', second, third] = path.split('/');
  const posted = isObject(body) ? body : {};
  switch (`${method} ${first}`) {
    case 'GET prompt':
      return { status: 200, json: { exec_info: { queue_remaining: world.jobs.remaining } } };
    case 'POST prompt':
      return postPrompt(world, body);
    case 'GET queue':
      return { status: 200, json: queueOf(world.jobs) };
    case 'POST queue':
      if (posted.clear === true) world.jobs.remove(() => true);
      if (Array.isArray(posted.delete)) world.jobs.remove(({ id }) => (posted.delete as Json[]).includes(id));
      return OK;
    case 'GET history':
      return second === undefined
        ? historyList(world.jobs, query)
        : { status: 200, json: historyOne(world.jobs, second) };
    case 'POST history':
      if (posted.clear === true) world.jobs.forget();
      if (Array.isArray(posted.delete)) world.jobs.forget(posted.delete.map(String));
      return OK;
    case 'GET jobs':
      return second === undefined ? jobList(world.jobs, query) : jobOne(world.jobs, second);
    case 'POST jobs':
      return cancel(world.jobs, second, third, posted);
    case 'POST interrupt':
      world.jobs.interrupt(typeof posted.prompt_id === 'string' ? posted.prompt_id : undefined);
      return OK;
    case 'POST free':
      if (posted.free_memory === true) world.jobs.free();
      return OK;
    case 'GET system_stats':
      return { status: 200, json: systemStats(world.catalog) };
    case 'GET features':
      return { status: 200, json: FEATURES };
    case 'GET object_info':
      return { status: 200, json: objectInfo(world.catalog, images(world.folders), second) };
    // There are no models and no scripts for a page.
    case 'GET embeddings':
    case 'GET extensions':
      return second === undefined ? { status: 200, json: [] } : undefined;
    case 'GET models':
      return second === undefined ? { status: 200, json: [] } : { status: 404 };
    case 'GET experiment':
      if (second !== 'models') return undefined;
      return third === undefined ? { status: 200, json: [] } : { status: 404 };
    default:
      return undefined;
  }
}

function postPrompt(world: World, body: Json | undefined): Answer {
  if (!isObject(body)) return { status: 500 };
  const number = numberOf(world, body);
  if (number === undefined) return { status: 500 };
  if (!Object.hasOwn(body, 'prompt')) return world400(world.validate({}));
  const asked = body.prompt_id ?? null;
  if (asked !== null && (typeof asked !== 'string' || !UUID.test(asked))) return invalidId();
  const targets = body.partial_execution_targets;
  const request = { prompt: body.prompt!, ...(targets === undefined ? {} : { partialExecutionTargets: targets }) };
  const verdict = world.validate(request);
  if (verdict.status === 500) return { status: 500 };
  if (verdict.status === 400) return world400(verdict);
  const prompt = body.prompt as JsonObject;
  const given = body.extra_data === undefined ? {} : body.extra_data;
  if (!isObject(given)) return { status: 500 };
  try {
    const outputs = outputsOf(readPrompt(prompt, world.catalog), verdict, targets ?? null);
    const extra: JsonObject = { ...given, create_time: Date.now() };
    if (typeof body.client_id === 'string') extra.client_id = body.client_id;
    const id = asked ?? randomUUID();
    world.jobs.add({ number, id, prompt, extra, outputs });
    return { status: 200, json: { prompt_id: id, number, node_errors: { ...verdict.node_errors } as JsonObject } };
  } catch (error) {
    if (!(error instanceof CwfError)) throw error;
    return refused('not_supported', error.message, error.hint);
  }
}

/** Python's `float` of the number that is asked for, the next one where none is; undefined for what is no number. */
function numberOf(world: World, { number, front }: JsonObject): number | undefined {
  if (number === undefined) return front === true ? -world.nextNumber() : world.nextNumber();
  if (number === null || typeof number === 'object' || number === '') return undefined;
  const value = Number(number);
  return Number.isFinite(value) ? value : undefined;
}

/** Outputs without an error of their own or of what feeds them. */
export function outputsOf(prompt: ReturnType<typeof readPrompt>, verdict: Verdict, targets: Json): string[] {
  const failed = new Set(Object.values(verdict.node_errors).flatMap((one) => one.dependent_outputs));
  const wanted = Array.isArray(targets) ? new Set(targets.map(String)) : undefined;
  return [...prompt.values()]
    .filter(({ id, isOutput }) => isOutput && !failed.has(id) && (wanted === undefined || wanted.has(id)))
    .map(({ id }) => id);
}

function world400(verdict: Verdict): Answer {
  return { status: 400, json: { error: verdict.error as Json, node_errors: { ...verdict.node_errors } as JsonObject } };
}

function refused(type: string, message: string, details: string): Answer {
  return { status: 400, json: { error: { type, message, details, extra_info: {} }, node_errors: {} } };
}

function invalidId(): Answer {
  const details =
    'prompt_id must be a UUID string in canonical lowercase hyphenated form; omit it to let the server generate one';
  return refused('invalid_prompt_id', 'prompt_id must be a valid UUID', details);
}

function queueOf(jobs: Jobs): JsonObject {
  return { queue_running: jobs.running.map(tupleOf), queue_pending: jobs.waiting.map(tupleOf) };
}

/** The last ones, oldest first; from `offset` on where that is given. */
function historyList(jobs: Jobs, query: URLSearchParams): Answer {
  const all = [...jobs.history];
  const most = query.has('max_items') ? Number(query.get('max_items')) : all.length;
  const offset = query.has('offset') ? Number(query.get('offset')) : Math.max(0, all.length - most);
  if (!Number.isInteger(most) || !Number.isInteger(offset)) return { status: 500 };
  return {
    status: 200,
    json: Object.fromEntries(all.slice(offset, offset + most).map(([id, past]) => [id, historyOf(past)])),
  };
}

function historyOne(jobs: Jobs, id: string): JsonObject {
  const past = jobs.history.get(id);
  return past ? { [id]: historyOf(past) } : {};
}

function jobList(jobs: Jobs, query: URLSearchParams): Answer {
  const status = query.get('status')?.split(',');
  const all = allJobs(jobs).filter((job) => status === undefined || status.includes(String(job.status)));
  if (query.get('sort_order') === 'asc') all.reverse();
  const limit = query.has('limit') ? Number(query.get('limit')) : undefined;
  const offset = Math.max(0, Number(query.get('offset') ?? 0) || 0);
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
    return { status: 400, json: { error: 'limit must be a positive integer' } };
  }
  const shown = all.slice(offset, limit === undefined ? undefined : offset + limit);
  const pagination = { offset, limit: limit ?? null, total: all.length, has_more: offset + shown.length < all.length };
  return { status: 200, json: { jobs: shown, pagination } };
}

function jobOne(jobs: Jobs, id: string): Answer {
  const job = jobOf(jobs, id, true);
  return job ? { status: 200, json: job } : { status: 404, json: { error: 'Job not found' } };
}

function cancel(
  jobs: Jobs,
  second: string | undefined,
  third: string | undefined,
  posted: JsonObject,
): Answer | undefined {
  const one = (id: string) => jobs.interrupt(id) || jobs.remove((job) => job.id === id);
  if (second === 'cancel' && third === undefined) {
    if (!Array.isArray(posted.job_ids)) return { status: 400, json: { error: 'job_ids must be a list' } };
    return { status: 200, json: { cancelled: posted.job_ids.map((id) => one(String(id))).includes(true) } };
  }
  return second !== undefined && third === 'cancel' ? { status: 200, json: { cancelled: one(second) } } : undefined;
}

function systemStats(catalog: Catalog): JsonObject {
  const [total, free] = [totalmem(), freemem()];
  const device = { vram_total: total, vram_free: free, torch_vram_total: total, torch_vram_free: free };
  return {
    system: {
      os: process.platform,
      ram_total: total,
      ram_free: free,
      comfyui_version: catalog.engine,
      python_version: `none: the embedded engine of cwf, Node ${process.versions.node}`,
      pytorch_version: 'none',
      embedded_python: false,
      argv: [],
    },
    devices: [{ name: 'cpu', type: 'cpu', index: null, ...device }],
  };
}

function images(folders: Folders): string[] {
  try {
    return readdirSync(folders.input, { withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(png|jpe?g|webp|gif)$/i.test(entry.name))
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
}
