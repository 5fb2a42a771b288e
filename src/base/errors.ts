import { EDIT_ERRORS } from './edit-errors.ts';
import { type ErrorData, type ErrorRow, KINDS, type Kind, row } from './error-row.ts';
import { LLM_ERRORS } from './llm-errors.ts';
import { OUTPUT_ERRORS } from './output-errors.ts';
import { RUN_ERRORS } from './run-errors.ts';

export { type ErrorData, KINDS, type Kind } from './error-row.ts';

/** The place in a JSON document, as a message ends with it: nothing for the root. */
const inside = (d: Record<string, string>): string => (d.path ? ` (at ${d.path})` : '');

/** Every error code cwf can throw: its kind, its message and the next step. One row per code, sorted by area. */
export const ERRORS = {
  // documents
  JSON_SYNTAX: row(
    'invalid',
    (d) => `${d.source}:${d.at}: not valid JSON: ${d.reason}${inside(d)}`,
    () => 'Fix the file by hand, or restore it with `cwf restore`.',
  ),
  JSON_ENCODING: row(
    'invalid',
    (d) => `${d.source}: not valid UTF-8 at byte ${d.at}`,
    () => 'Save the file as UTF-8.',
  ),
  JSON_DUPLICATE_KEY: row(
    'invalid',
    (d) => `${d.source}:${d.at}: key ${d.key} stands twice${inside(d)}`,
    () => 'Keep one of the two; a reader cannot know which one was meant.',
  ),
  JSON_FORBIDDEN_KEY: row(
    'invalid',
    (d) => `${d.source}:${d.at}: key ${d.key} is not allowed${inside(d)}`,
    () => 'Rename the key: __proto__, constructor and prototype are refused.',
  ),
  JSON_NUMBER: row(
    'invalid',
    (d) => `${d.source}:${d.at}: number ${d.text} is not finite${inside(d)}`,
    () => 'Use a finite number.',
  ),
  JSON_SURROGATE: row(
    'invalid',
    (d) => `${d.source}:${d.at}: a text holds half of a surrogate pair${inside(d)}`,
    () => 'Replace the broken character.',
  ),
  JSON_DEPTH: row(
    'too-large',
    (d) => `${d.source}:${d.at}: nested deeper than ${d.limit} levels${inside(d)}`,
    () => 'Flatten the document; no real workflow is this deep.',
  ),
  JSON_SIZE: row(
    'too-large',
    (d) => `${d.source}${d.at ? `:${d.at}` : ''}: ${d.what} is over the limit of ${d.limit}${inside(d)}`,
    () => 'Split the file; see docs/limits.md for the limits.',
  ),
  NOT_A_WORKFLOW: row(
    'invalid',
    (d) => `${d.source}: not a ComfyUI workflow (${d.reason})`,
    () => 'Save it from ComfyUI with "Save" or "Export (API)".',
  ),
  WORKFLOW_SHAPE: row(
    'invalid',
    (d) => `${d.source}: ${d.path}: ${d.reason}`,
    () => 'Open the file in ComfyUI and save it again, or fix that place by hand.',
  ),
  WORKFLOW_DUPLICATE_NODE: row(
    'invalid',
    (d) => `${d.source}: node id ${d.node} stands twice in ${d.scope}`,
    () => 'Give one of the two nodes another id.',
  ),
  OUT_INVALID: row(
    'usage',
    (d) => `--out: ${d.reason}`,
    () => 'Give --out a folder of its own.',
  ),
  EMBED_INVALID: row(
    'usage',
    (d) => `--embed: ${d.reason}`,
    () => 'Name one workflow and one PNG file, which may be a new one.',
  ),
  CONVERT_REFUSED: row(
    'invalid',
    (d) => `${d.source}: cannot be converted to ${d.to}: ${d.first}${d.more ? ` (and ${d.more} more)` : ''}`,
    () => 'Open the file in ComfyUI, mend that place and save it again; docs/conversion.md explains each code.',
  ),
  NODE_NOT_FOUND: row(
    'not-found',
    (d) => `${d.source}: no node ${d.node}`,
    (d) =>
      `${d.inside ? `In a subgraph there is: ${d.inside}. ` : ''}${d.known ? `Its nodes are: ${d.known}.` : 'List them with `cwf show`.'}`,
  ),
  INPUT_NOT_FOUND: row(
    'not-found',
    (d) => `${d.source}: node ${d.node} (${d.class_type}) has no input ${d.input}`,
    (d) => (d.known ? `Its inputs are: ${d.known}.` : 'Check the name.'),
  ),
  FILES_INVALID: row(
    'config',
    (d) => `${d.source}: not a list of files: ${d.reason}`,
    () => 'Give a JSON object of folder -> list of names, such as {"checkpoints": ["a.safetensors"], "input": []}.',
  ),
  LINE_INVALID: row(
    'invalid',
    (d) => `line ${d.at}: ${d.reason}`,
    () => 'A line is a JSON object with "prompt", and "name" to find its answer by.',
  ),
  ENGINE_UNKNOWN: row(
    'not-found',
    (d) => `no node definitions of ComfyUI ${d.engine}`,
    (d) => `cwf ships those of ${d.known}.`,
  ),
  OUTPUT_NOT_FOUND: row(
    'not-found',
    (d) => `${d.source}: node ${d.node} (${d.class_type}) has no output ${d.output}`,
    (d) => (d.known ? `Its outputs are: ${d.known}.` : 'It has none.'),
  ),
  SUBGRAPH_NOT_FOUND: row(
    'not-found',
    (d) => `${d.source}: no subgraph ${d.subgraph}`,
    (d) => (d.known ? `Its subgraphs are: ${d.known}.` : 'The file has none.'),
  ),
  CLASS_NOT_FOUND: row(
    'not-found',
    (d) => `the catalog has no class ${d.class_type}`,
    (d) => `Did you mean: ${d.known}? A class of a pack that the catalog does not know is added with --force.`,
  ),
  CATALOG_INVALID: row(
    'invalid',
    (d) => `the catalog of node definitions cannot be read: ${d.reason}`,
    () => 'Take it again from the server (GET /object_info).',
  ),
  // patches
  POINTER_INVALID: row(
    'invalid',
    (d) => `${d.path}: not a JSON pointer: ${d.reason}`,
    () => 'See RFC 6901: a pointer is empty or starts with "/"; write ~ as ~0 and / as ~1.',
  ),
  PATCH_INVALID: row(
    'invalid',
    (d) => `patch op ${d.index}: ${d.reason}`,
    () => 'See RFC 6902; cwf takes add, remove, replace, move, copy and test.',
  ),
  PATCH_NOT_FOUND: row(
    'invalid',
    (d) => `patch op ${d.index}: nothing at ${d.path}`,
    () => 'The patch was made for another document.',
  ),
  PATCH_TEST_FAILED: row(
    'conflict',
    (d) => `patch op ${d.index}: ${d.path} holds ${d.actual}, not ${d.expected}`,
    () => 'The document changed since the patch was made; diff again.',
  ),
  PATCH_TOO_LARGE: row(
    'too-large',
    (d) => `patch: ${d.what} is over the limit of ${d.limit}`,
    () => 'Commit the new file as a whole instead.',
  ),
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
  ...OUTPUT_ERRORS,
  // repository: messages, notes, refs and objects
  MESSAGE_INVALID: row(
    'invalid',
    (d) => `commit message: ${d.reason}`,
    () => 'Give a subject of one line; a body is text without NUL characters.',
  ),
  NOTE_TARGET_MISSING: row(
    'not-found',
    (d) => `no object ${d.oid} to put a note on`,
    () => 'Name a commit that exists; see `cwf log`.',
  ),
  REPO_NOT_FOUND: row(
    'not-found',
    (d) => `${d.dir}: not in a repository`,
    () => 'Make one with `cwf init`, or go to a folder inside one.',
  ),
  REV_NOT_FOUND: row(
    'not-found',
    (d) => `no revision ${d.rev}`,
    (d) =>
      d.rev === 'HEAD' || d.rev === '@'
        ? 'There is no commit yet; make one with `cwf commit`.'
        : 'Name a branch, a tag, HEAD~2 or the beginning of a commit id; see `cwf log`.',
  ),
  REV_AMBIGUOUS: row(
    'not-found',
    (d) => `${d.rev} names more than one object: ${d.known}`,
    () => 'Give more digits of the commit id.',
  ),
  REF_INVALID: row(
    'invalid',
    (d) => `${JSON.stringify(d.ref)} is not a name for a branch or tag: ${d.reason}`,
    () => 'Choose another name.',
  ),
  REF_CONFLICT: row(
    'conflict',
    (d) => `${d.ref} cannot stand beside ${d.other}`,
    () =>
      'Names that differ only in case, or lie one inside the other, are one file on some disks: choose another name.',
  ),
  REPO_READ_ONLY: row(
    'failed',
    (d) => `${d.dir} cannot be written`,
    () => 'Check the permissions of the repository.',
  ),
  STORAGE_FAILED: row(
    'failed',
    (d) => `${d.path}: cannot be written: ${d.reason}`,
    () => 'Check the disk, then run the command again; nothing half done is left.',
  ),
  REPO_UNSUPPORTED: row(
    'config',
    (d) => `${d.dir}: ${d.reason}`,
    () => 'Use an ordinary repository with a working tree, SHA-1 objects and files for refs.',
  ),
  WORKTREE_CHANGED: row(
    'conflict',
    (d) => `${d.file} was changed meanwhile`,
    () => 'Commit or save that change first, then run the command again.',
  ),
  OPERATION_NOT_FOUND: row(
    'not-found',
    (d) => `no operation ${d.operation}`,
    () => 'See `cwf op log`.',
  ),
  NOT_A_COMMIT: row(
    'invalid',
    (d) => `${d.rev} is a ${d.type}, not a commit`,
    () => 'Name a commit, a branch or a tag.',
  ),
  PATH_INVALID: row(
    'invalid',
    (d) => `${JSON.stringify(d.file)} cannot be a path in a repository: ${d.reason}`,
    () => 'Rename the file or folder.',
  ),
  REF_EXISTS: row(
    'conflict',
    (d) => `${d.ref} exists already`,
    () => 'Choose another name, or delete the old one first.',
  ),
  BRANCH_IN_USE: row(
    'conflict',
    (d) => `${d.ref} is the branch you are on`,
    () => 'Go to another one first with `cwf switch`.',
  ),
  BRANCH_NOT_MERGED: row(
    'conflict',
    (d) => `${d.ref} has commits that are not on this branch`,
    () => 'Merge it, or delete it all the same with -D (`cwf undo` brings it back).',
  ),
  NOT_FAST_FORWARD: row(
    'conflict',
    (d) => `this branch has commits that ${d.rev} has not`,
    () => 'Merge without --ff-only.',
  ),
  MAINLINE_NEEDED: row(
    'usage',
    (d) => `${d.rev} is a merge: it has more than one parent`,
    () => 'Say with -m 1 which parent counts as what was before it.',
  ),
  BISECT_NONE: row(
    'failed',
    () => 'no bisection is under way',
    () => 'Begin one with `cwf bisect start <bad> <good>`.',
  ),
  BISECT_WAITING: row(
    'failed',
    (d) => `the bisection still needs ${d.missing}`,
    () => 'Mark one with `cwf bisect bad <rev>` and at least one with `cwf bisect good <rev>`.',
  ),
  BISECT_SAME: row(
    'failed',
    (d) => `${d.rev} cannot be good and bad at once`,
    () => 'Name a good commit that is older than the bad one.',
  ),
  BISECT_ORDER: row(
    'failed',
    (d) => `${d.base} is bad, and the good ${d.good} is not older than the bad ${d.bad}`,
    () => 'What you look for was mended between the two: swap good and bad.',
  ),
  BISECT_ROOT: row(
    'failed',
    (d) => `${d.rev} is the first commit: there is nothing before it to compare with`,
    () => 'Choose a commit that changed a workflow.',
  ),
  BISECT_COMMAND: row(
    'failed',
    (d) => `${d.command}: ${d.reason}`,
    () => 'Exit with 0 for good, 1 to 127 for bad, 125 for "cannot tell"; the bisection goes on with `cwf bisect run`.',
  ),
  NOTHING_TO_UNDO: row(
    'failed',
    (d) => `there is nothing to ${d.what}`,
    () => 'See `cwf op log`.',
  ),
  REF_STALE: row(
    'conflict',
    (d) => `${d.ref} was moved by another writer`,
    () => 'Run the command again.',
  ),
  REF_LOCKED: row(
    'conflict',
    (d) => `${d.ref} is locked by ${d.owner ?? 'another process'} (${d.lock}, ${d.age ?? '?'} s old)`,
    (d) =>
      d.owner === 'git'
        ? 'Wait for git; when nothing of git is running here, delete the lock file.'
        : 'Wait for the other command; if it is gone, `cwf fsck --repair` removes what a dead process left.',
  ),
  REF_CORRUPT: row(
    'corrupt',
    (d) => `${d.ref}: the ref file holds ${d.found}, not an object id`,
    () => 'Run `cwf fsck --repair`: it restores the last value of the reflog.',
  ),
  OBJECT_CORRUPT: row(
    'corrupt',
    (d) => `object ${d.oid} is damaged: ${d.reason}`,
    () => 'Run `cwf fsck --repair`, or fetch the object from a remote.',
  ),
  ...EDIT_ERRORS,
  ...LLM_ERRORS,
  ...RUN_ERRORS,
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
    return KINDS[this.kind].http;
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
