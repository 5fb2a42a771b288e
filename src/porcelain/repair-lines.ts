import { CwfError, isCwfError } from '../base/errors.ts';
import { isObject, type Json } from '../base/json.ts';
import { parseJson } from '../base/json-parse.ts';
import type { Diagnostic } from '../core/validate/diagnostic.ts';
import { detectFormat } from '../core/workflow/read.ts';
import { type InputLine, readLines } from './read-lines.ts';
import { type AcceptedReport, acceptedReport, agentsOf, type RepairSettings } from './repair.ts';
import { hasErrors, promptOf, type Repairing, repairDocument } from './repair-document.ts';
import { catalogFor, readFileLists } from './validate.ts';

/** What became of one prompt. `valid`: nothing was wrong; `repaired`: no error is left; `left`: errors are. */
export type LineStatus = 'valid' | 'repaired' | 'left' | 'unreadable';

/** The answer to one line. A prompt that was not changed comes back as it came. */
export interface RepairedLine {
  readonly name: Json;
  /** Number of a line that cannot be read. */
  readonly line?: number;
  readonly prompt: Json;
  readonly accepted: readonly AcceptedReport[];
  readonly left: readonly Diagnostic[];
  readonly status: LineStatus;
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string };
}

/** Where lines come from and where answers go. */
export interface RepairLinesWorld {
  readonly cwd: string;
  /** File descriptor of the input. */
  readonly input: number;
  readonly write: (answers: readonly RepairedLine[]) => void;
}

/** How many lines there were of each status. */
export type RepairLinesOutput = Readonly<Record<LineStatus, number>>;

const MAX_LINE = 8 * 1024 * 1024;

/**
 * `cwf repair --jsonl`: one answer for every line `{"name", "prompt"}`, in the same order, without a repository; lines of
 * white space are passed over. A line that cannot be read does not stop the others. Answers are sent before more is
 * waited for. Throws ENGINE_UNKNOWN, CATALOG_INVALID, FILES_INVALID, FILE_NOT_FOUND.
 */
export async function repairLines(settings: RepairSettings, world: RepairLinesWorld): Promise<RepairLinesOutput> {
  const { minConfidence, maxRounds, lists } = settings;
  const options: Repairing = {
    catalog: await catalogFor(settings, world.cwd),
    agents: agentsOf(settings),
    ...(lists === undefined ? {} : { files: readFileLists(world.cwd, lists) }),
    ...(minConfidence === undefined ? {} : { minConfidence }),
    ...(maxRounds === undefined ? {} : { maxRounds }),
  };
  const counts = { valid: 0, repaired: 0, left: 0, unreadable: 0 };
  let answers: RepairedLine[] = [];
  const send = (): void => {
    if (answers.length > 0) world.write(answers);
    answers = [];
  };
  for (const line of readLines(world.input, MAX_LINE, send)) {
    const answer = await answerTo(line, options);
    if (!answer) continue;
    counts[answer.status]++;
    answers.push(answer);
  }
  send();
  return counts;
}

async function answerTo({ at, bytes }: InputLine, options: Repairing): Promise<RepairedLine | undefined> {
  if (!bytes)
    return unreadable(
      at,
      null,
      new CwfError('LINE_INVALID', { at: String(at), reason: `longer than ${MAX_LINE} bytes` }),
    );
  if (bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d)) return undefined;
  let name: Json = null;
  try {
    const fractions: string[] = [];
    const json = parseJson(bytes, {
      source: `line ${at}`,
      maxKeys: 100_000,
      onFraction: (pointer: string) => void fractions.push(pointer),
    });
    if (!isObject(json)) throw new CwfError('LINE_INVALID', { at: String(at), reason: 'no object with a prompt' });
    name = json.name ?? null;
    const inside = fractions.filter((one) => one.startsWith(PROMPT)).map((one) => one.slice(PROMPT.length - 1));
    return await repaired(name, json.prompt ?? null, `line ${at}`, { ...options, fractions: inside });
  } catch (error) {
    if (!isCwfError(error) || error.kind === 'bug') throw error;
    return unreadable(at, name, error);
  }
}

const PROMPT = '/prompt/';

async function repaired(name: Json, prompt: Json, source: string, options: Repairing): Promise<RepairedLine> {
  if (detectFormat(prompt) === 'ui')
    throw new CwfError('NOT_A_WORKFLOW', { source, reason: 'it is a file of the page, not a prompt' });
  const done = await repairDocument(prompt, source, options);
  const { repair: run, mended, found } = done;
  const { accepted, left } = run;
  const isChanged = accepted.length > 0 || mended.length > 0;
  const status = hasErrors(run) ? 'left' : found.errors > 0 || accepted.length > 0 ? 'repaired' : 'valid';
  const after = isChanged ? promptOf(prompt, done) : prompt;
  return { name, prompt: after, accepted: accepted.map(acceptedReport), left, status };
}

function unreadable(at: number, name: Json, { code, message, hint }: CwfError): RepairedLine {
  return { name, line: at, prompt: null, accepted: [], left: [], status: 'unreadable', error: { code, message, hint } };
}
