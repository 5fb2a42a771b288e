import { DOCUMENT_ERRORS } from './document-errors.ts';
import { EDIT_ERRORS } from './edit-errors.ts';
import { type ErrorData, type ErrorRow, KINDS, type Kind, row } from './error-row.ts';
import { LLM_ERRORS } from './llm-errors.ts';
import { OPTIMIZE_ERRORS } from './optimize-errors.ts';
import { OUTPUT_ERRORS } from './output-errors.ts';
import { REPO_ERRORS } from './repo-errors.ts';
import { REVIEW_ERRORS } from './review-errors.ts';
import { RUN_ERRORS } from './run-errors.ts';
import { SERVER_ERRORS } from './server-errors.ts';
import { SPACE_ERRORS } from './space-errors.ts';

export { type ErrorData, KINDS, type Kind } from './error-row.ts';

/** Every error code cwf can throw: its kind, its message and the next step. One row per code, sorted by area. */
export const ERRORS = {
  ...DOCUMENT_ERRORS,
  // command line
  USAGE: row(
    'usage',
    (d) => `cwf ${d.command}: ${d.reason}`,
    (d) => `See \`cwf help ${d.command}\`.`,
  ),
  UNKNOWN_COMMAND: row(
    'usage',
    (d) => `no command ${d.command}`,
    (d) => (d.near ? `Did you mean: ${d.near}?` : 'See `cwf help`.'),
  ),
  COMMAND_INCOMPLETE: row(
    'usage',
    (d) => `cwf ${d.command}: say what to do`,
    (d) => `One of: ${d.commands}. See \`cwf help ${d.command}\`.`,
  ),
  CONFIRM_NEEDED: row(
    'usage',
    (d) => `needs a yes: ${d.question}`,
    () => 'Run it on a terminal, or give --yes.',
  ),
  // porcelain
  ACTOR_INVALID: row(
    'usage',
    (d) => `no actor: ${d.actor}`,
    () => 'An actor is person, agent/<name> or tool/<name>.',
  ),
  CONFIG_INVALID: row(
    'config',
    (d) => `${d.source}: ${d.reason}`,
    () => 'See .cwfrc.example for every key.',
  ),
  FILE_NOT_FOUND: row(
    'not-found',
    (d) => `${d.file}: no such file${d.where ? ` ${d.where}` : ''}`,
    () => 'Check the name; paths are relative to the folder you are in.',
  ),
  FILE_IS_FOLDER: row(
    'invalid',
    (d) => `${d.file || '.'}: is a folder`,
    () => 'Name a workflow file in it.',
  ),
  FILE_UNREADABLE: row(
    'failed',
    (d) => `${d.file}: cannot be read: ${d.reason}`,
    () => 'Name a plain file that you may read.',
  ),
  NOT_A_FOLDER: row(
    'not-found',
    (d) => `${d.dir}: no such folder`,
    () => 'Check the name after -C; make the folder first if it is to be new.',
  ),
  PATH_OUTSIDE: row(
    'invalid',
    (d) => `${d.file}: outside of the repository`,
    () => 'Name a file inside the working tree.',
  ),
  NOTHING_TO_COMMIT: row(
    'failed',
    (d) => `nothing to commit${d.why ? `: ${d.why}` : ''}`,
    () => 'See `cwf status`.',
  ),
  STALE_HEAD: row(
    'conflict',
    (d) => `${d.ref} was moved by another writer, and both changed ${d.files}`,
    () => 'Look at `cwf log` and `cwf diff HEAD`, then commit on a branch of your own and merge.',
  ),
  UNCOMMITTED_CHANGES: row(
    'conflict',
    (d) => `${d.files}: has changes that are not committed`,
    () => 'Commit them first (`cwf commit`), or drop them (`cwf restore`).',
  ),
  SECRET_FOUND: row(
    'invalid',
    (d) => `${d.count} ${d.count === '1' ? 'value looks' : 'values look'} like a secret: ${d.places}`,
    () => 'Take it out of the file, or commit it on purpose with --allow-secrets.',
  ),
  INPUT_LINKED: row(
    'invalid',
    (d) => `${d.address}: fed by a link from node ${d.from} (${d.class_type})`,
    (d) => `Set the value where it comes from (${d.from}), or disconnect the link in ComfyUI.`,
  ),
  INPUT_SHARED: row(
    'invalid',
    (d) => `${d.address}: the instances of its subgraph each give it a value of their own`,
    (d) => `Set the one that is meant: ${d.places}.`,
  ),
  ADDRESS_INVALID: row(
    'usage',
    (d) => `${d.text}: not an address: ${d.reason}`,
    () => 'An address is <node id or title>.<input>; in a subgraph <subgraph>/<node>.<input>.',
  ),
  VALUE_INVALID: row(
    'invalid',
    (d) => `${d.address}: ${d.reason}`,
    () =>
      'A value is JSON (30, 0.5, true, [1, 2]) or, in place of a text, plain text; a text in place of a number stands in double quotes.',
  ),
  IMAGE_INVALID: row(
    'invalid',
    (d) => `${d.source}: not a readable ${d.type}: ${d.reason}`,
    () =>
      'Name an undamaged file that ComfyUI saved (PNG, WebP, JPEG, MP4, MOV, WebM, FLAC, Ogg, MP3), or a workflow .json.',
  ),
  IMAGE_NO_WORKFLOW: row(
    'not-found',
    (d) => `${d.source}: no workflow in this ${d.type}`,
    () => 'Chat programs and image editors strip it; use the file that ComfyUI wrote.',
  ),
  // metrics
  FILE_EXISTS: row(
    'conflict',
    (d) => `${d.file}: exists already`,
    () => 'Choose another name with --as.',
  ),
  MERGE_UNDER_WAY: row(
    'conflict',
    () => 'a merge of plain git is under way',
    () => 'Finish it with `git commit`, or give it up with `git merge --abort`.',
  ),
  MERGE_OPEN: row(
    'conflict',
    (d) => `the ${d.op} of ${d.rev} waits for decisions`,
    (d) =>
      `See \`cwf conflicts\`; finish it with \`cwf ${d.op} --continue\` or give it up with \`cwf ${d.op} --abort\`.`,
  ),
  MERGE_NONE: row(
    'failed',
    () => 'no merge waits for decisions',
    () => 'Begin one with `cwf merge <branch>`.',
  ),
  MERGE_OTHER: row(
    'failed',
    (d) => `what waits for decisions is the ${d.op} of ${d.rev}, no ${d.wanted}`,
    (d) => `Use \`cwf ${d.op} --continue\` or \`cwf ${d.op} --abort\`.`,
  ),
  MERGE_ELSEWHERE: row(
    'conflict',
    (d) => `the ${d.op} of ${d.rev} was begun on ${d.branch}`,
    (d) => `Go back with \`cwf switch ${d.branch}\`, or give it up with \`cwf ${d.op} --abort\`.`,
  ),
  MERGE_UNRESOLVED: row(
    'conflict',
    (d) => `${d.count} of the decisions are open: ${d.ids}`,
    () => 'See `cwf conflicts` and choose with `cwf resolve <number> --ours|--theirs|--base|--value <json>`.',
  ),
  CONFLICT_NOT_FOUND: row(
    'not-found',
    (d) => `there is no conflict ${d.id}`,
    () => 'Name one by its number or id from `cwf conflicts`, or by its file.',
  ),
  RESOLUTION_INVALID: row(
    'failed',
    (d) => `conflict ${d.id}: ${d.reason}`,
    () => 'Take a side with `--ours`, `--theirs` or `--base`.',
  ),
  NO_MERGE_BASE: row(
    'failed',
    (d) => `${d.a} and ${d.b} have no common ancestor`,
    () => 'Name the two revisions to compare as `<a>..<b>`.',
  ),
  DRIVERS_TAKEN: row(
    'conflict',
    (d) => `${d.file}:${d.line}: ${d.pattern} has the filter ${d.filter} already`,
    () => 'Take that line out, or install with --global: the attributes of a repository go before those of the user.',
  ),
  GIT_FAILED: row(
    'failed',
    (d) => `${d.command}: ${d.reason}`,
    () => 'Run that command by hand to see more; git must be installed.',
  ),
  HOOKS_ELSEWHERE: row(
    'config',
    (d) => `the hooks of this repository lie in ${d.dir} (core.hooksPath)`,
    () => 'Install without --pre-commit, and add the line `cwf git pre-commit` to the pre-commit hook there.',
  ),
  NOTE_INVALID: row(
    'usage',
    (d) => `note: ${d.reason}`,
    () => 'A metric is <name>=<finite number>; a text is not empty.',
  ),
  ...OPTIMIZE_ERRORS,
  ...OUTPUT_ERRORS,
  ...REPO_ERRORS,
  ...EDIT_ERRORS,
  ...LLM_ERRORS,
  ...REVIEW_ERRORS,
  ...RUN_ERRORS,
  ...SERVER_ERRORS,
  ...SPACE_ERRORS,
  BUG: row(
    'bug',
    (d) => `broken invariant: ${d.what}`,
    () => 'Please report this, with the command and the file.',
  ),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

/**
 * The one error class of cwf. `code` is stable, `data` are the facts, `message` and `hint` come from the table.
 */
export class CwfError extends Error {
  readonly code: ErrorCode;
  readonly data: ErrorData;
  readonly kind: Kind;
  readonly hint: string;

  constructor(code: ErrorCode, data: ErrorData = {}, options: { cause?: unknown; hint?: string } = {}) {
    const entry: ErrorRow = ERRORS[code];
    const shown = printable(data);
    super(entry.message(shown), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CwfError';
    this.code = code;
    this.data = data;
    this.kind = entry.kind;
    this.hint = options.hint ?? entry.hint(shown);
  }

  /** Process exit code of this error. */
  get exit(): number {
    return KINDS[this.kind].exit;
  }

  /** HTTP status of this error. */
  get http(): number {
    const { http }: ErrorRow = ERRORS[this.code];
    return http ?? KINDS[this.kind].http;
  }

  /** The body of `--json`, HTTP and MCP answers. */
  toJSON(): { error: { code: string; kind: string; exit: number; message: string; hint: string; details: ErrorData } } {
    const { code, kind, exit, message, hint, data } = this;
    return { error: { code, kind, exit, message, hint, details: data } };
  }
}

/** Whether a caught value is a CwfError, of one of the codes when any are given. */
export function isCwfError(value: unknown, ...codes: ErrorCode[]): value is CwfError {
  return value instanceof CwfError && (codes.length === 0 || codes.includes(value.code));
}

function printable(data: ErrorData): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [key, value] of Object.entries(data)) {
    if (value !== undefined) out[key] = Array.isArray(value) ? value.join(', ') : String(value);
  }
  return out;
}
