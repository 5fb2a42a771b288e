import { resolve } from 'node:path';
import { CwfError } from '../base/errors.ts';
import { isObject, type Json } from '../base/json.ts';
import type { Catalog } from '../core/catalog/catalog.ts';
import { catalogOfEngine, shippedEngines } from '../core/catalog/engines.ts';
import type { ServerFiles } from '../core/validate/engine/file-lists.ts';
import { parsePythonJson } from '../core/validate/engine/python-json.ts';
import { PyError, type PyValue, toJson } from '../core/validate/engine/python-value.ts';
import { validatePython } from '../core/validate/engine/validate-as-engine.ts';
import type { EngineVerdict } from '../core/validate/engine/verdict.ts';
import { parseFile } from './json-file.ts';
import { readBytes } from './plain-files.ts';
import { type InputLine, readLines } from './read-lines.ts';

/** By which engine, and with which files, the lines of stdin are judged. */
export interface ValidateLinesInput {
  /** A version of ComfyUI; the newest that is shipped unless given. */
  readonly engine?: string;
  /** A JSON file of folder -> names. Without it every file that is named counts as there. */
  readonly files?: string;
}

/** Where lines come from and where answers go. */
export interface LineWorld {
  readonly cwd: string;
  /** File descriptor of the input. */
  readonly input: number;
  readonly write: (answers: readonly LineAnswer[]) => void;
}

/** The answer to one line; a line that cannot be judged has no status and an error of type LINE_INVALID. */
export interface LineAnswer {
  readonly name: Json;
  /** Number of a line that cannot be judged. */
  readonly line?: number;
  readonly status: EngineVerdict['status'] | null;
  readonly error: EngineVerdict['error'];
  readonly node_errors: EngineVerdict['node_errors'];
  readonly exception?: EngineVerdict['exception'];
}

/** How many lines were judged, and how many could not be. */
export interface ValidateLinesOutput {
  readonly judged: number;
  readonly invalid: number;
}

const MAX_LINE = 8 * 1024 * 1024;

/**
 * `cwf validate --jsonl`: one answer for every line `{"name", "prompt"[, "partial_execution_targets"]}`, in the same
 * order; lines of white space are passed over. A line that cannot be judged does not stop the others. Answers are sent
 * before more is waited for. Throws ENGINE_UNKNOWN, FILE_NOT_FOUND, FILES_INVALID or what reading JSON throws.
 */
export async function validateLines(input: ValidateLinesInput, world: LineWorld): Promise<ValidateLinesOutput> {
  const catalog = await catalogOfEngine(input.engine ?? (shippedEngines()[0] as string));
  const files = input.files === undefined ? undefined : readServerFiles(world.cwd, input.files);
  const count = { judged: 0, invalid: 0 };
  let answers: LineAnswer[] = [];
  const send = () => {
    if (answers.length > 0) world.write(answers);
    answers = [];
  };
  for (const line of readLines(world.input, MAX_LINE, send)) {
    const answer = answerTo(line, catalog, files);
    if (!answer) continue;
    if (answer.status === null) count.invalid++;
    else count.judged++;
    answers.push(answer);
  }
  send();
  return count;
}

/** The files of a server as a JSON file lists them. Throws FILES_INVALID, FILE_NOT_FOUND or what reading JSON throws. */
export function readServerFiles(cwd: string, file: string): ServerFiles {
  const json = parseFile(readBytes(resolve(cwd, file), file), file);
  if (!isObject(json)) throw new CwfError('FILES_INVALID', { source: file, reason: 'it is no object of folders' });
  for (const [folder, names] of Object.entries(json)) {
    if (Array.isArray(names) && names.every((name) => typeof name === 'string')) continue;
    throw new CwfError('FILES_INVALID', { source: file, reason: `${folder} is no list of names` });
  }
  return new Map(Object.entries(json)) as ServerFiles;
}

function answerTo({ at, bytes }: InputLine, catalog: Catalog, files: ServerFiles | undefined): LineAnswer | undefined {
  if (!bytes) return refused(at, `longer than ${MAX_LINE} bytes`);
  const text = decode(bytes);
  if (text === undefined) return refused(at, 'not UTF-8');
  if (text.trim() === '') return undefined;
  let line: PyValue;
  try {
    line = parsePythonJson(text);
  } catch (error) {
    if (error instanceof PyError) return refused(at, `no JSON: ${error.message}`);
    throw error;
  }
  if (!(line instanceof Map)) return refused(at, 'no object with a prompt');
  const verdict = validatePython(
    { prompt: line.get('prompt'), partialExecutionTargets: line.get('partial_execution_targets') },
    catalog,
    { files },
  );
  return { name: toJson(line.get('name') ?? null), ...verdict };
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function refused(at: number, reason: string): LineAnswer {
  const { message, hint, code: type } = new CwfError('LINE_INVALID', { at: String(at), reason });
  return {
    name: null,
    line: at,
    status: null,
    error: { type, message, details: hint, extra_info: {} },
    node_errors: {},
  };
}
