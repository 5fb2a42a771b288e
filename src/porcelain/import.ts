import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { CwfError } from '../base/errors.ts';
import { HEAD_BYTES, mediaType, readEmbedded } from '../io/media/embedded.ts';
import type { MediaFile } from '../io/media/file.ts';
import { MEDIA_LIMITS } from '../io/media/limits.ts';
import type { Oid } from '../io/repo/types.ts';
import { compareFile } from './changes.ts';
import type { Context } from './context.ts';
import { readMessage } from './log.ts';
import { commitMessage } from './message.ts';
import { repoPath } from './paths.ts';
import { stageCommit } from './record.ts';
import { type FileReport, reportOf } from './report.ts';
import { describeSecret, findSecrets } from './secrets.ts';
import { settledHead, whileStale } from './settled.ts';
import { withSource } from './source-file.ts';
import { defineVerb } from './verb.ts';
import { loadWorkflows } from './workflows.ts';
import { type Document, readBytes, readDocument, toDocument } from './worktree.ts';

/** Which file to take the workflow from (it may lie anywhere), and where to put it. */
export interface ImportInput {
  readonly source: string;
  /** Name of the workflow file; by default the name of the source with `.json`, in the current folder. */
  readonly as?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly allowSecrets?: boolean;
  readonly dryRun?: boolean;
}

/** The commit that was made; dry without `oid`. */
export interface ImportOutput {
  readonly oid?: Oid;
  readonly branch?: string;
  readonly subject: string;
  readonly file: FileReport;
  /** What the workflow was taken from. */
  readonly source: {
    readonly name: string;
    readonly type: string;
    readonly part: string;
    /** Hex digits; a file over 256 MB has its size in bytes in its place. */
    readonly sha256?: string;
    readonly size?: number;
  };
}

/**
 * `cwf import`: the workflow inside an image, a video or a sound (or a JSON file) becomes a file and a commit. An existing file is only
 * replaced when it was named and holds nothing uncommitted. Throws IMAGE_INVALID, IMAGE_NO_WORKFLOW, FILE_EXISTS,
 * UNCOMMITTED_CHANGES, NOTHING_TO_COMMIT, SECRET_FOUND, or what the JSON readers throw.
 */
export const importFile = defineVerb<ImportInput, ImportOutput>({
  name: 'import',
  summary: 'Commit the workflow inside an image, video or sound',
  mutates: true,
  run: (ctx, input) => whileStale(() => importOnce(ctx, input)),
});

async function importOnce(ctx: Context, input: ImportInput): Promise<ImportOutput> {
  const name = basename(input.source);
  const { document, type, part, sha256, size } = withSource(ctx.cwd, input.source, (file) => ({
    ...extract(ctx, file, name),
    sha256: digest(file),
    size: file.size,
  }));
  const target = input.as ?? `${basename(name, extname(name))}.json`;
  const file = repoPath(ctx, target);
  if (!file.endsWith('.json'))
    throw new CwfError('USAGE', { command: 'import', reason: `--as takes the name of a .json file, not ${target}` });
  refuseLink(ctx, target);
  const head = await settledHead(ctx);
  const committed = await (await loadWorkflows(ctx, head.oid)).get(file)?.workflow();
  const expected = existing(ctx, file, input.as !== undefined, committed && toDocument(committed));
  const change = compareFile(file, committed, document.workflow);
  if (change === undefined) throw new CwfError('NOTHING_TO_COMMIT', { why: `${file} already holds this workflow` });
  const secrets =
    input.allowSecrets || ctx.config.secrets === 'allow' ? [] : findSecrets(file, document.workflow, committed);
  if (secrets.length > 0)
    throw new CwfError('SECRET_FOUND', { count: secrets.length, places: secrets.map(describeSecret) });
  const source = { name, type, part, ...(sha256 === undefined ? { size } : { sha256 }) };
  const which = sha256 === undefined ? `${size} bytes` : `sha256 ${sha256}`;
  const origin = `Imported from ${JSON.stringify(name)} (${type}, ${part}), ${which}.`;
  const reason = [input.reason, origin].filter(Boolean).join('\n\n');
  const message = input.message ?? (committed ? undefined : `Import ${file}`);
  const plan = { head, op: 'import' as const, changes: [change], message, reason };
  const common = { branch: head.branch, file: reportOf(change), source };
  if (input.dryRun) {
    const text = commitMessage({ ...plan, actor: ctx.actor, catalogHash: ctx.catalog.hash });
    return { subject: readMessage(text).subject, ...common };
  }
  const oid = await ctx.repo.transaction({ command: 'import', actor: ctx.actor }, async (tx) => {
    tx.writeFile(file, document.bytes, { expected });
    return stageCommit(ctx, tx, plan);
  });
  return { oid, subject: readMessage((await ctx.repo.readCommit(oid)).message).subject, ...common };
}

/** The digest of a file; undefined where it is a video that is too long to be read for that. */
function digest(file: MediaFile): string | undefined {
  if (file.size > MEDIA_LIMITS.fileBytes) return undefined;
  const hash = createHash('sha256');
  for (let at = 0; at < file.size; at += DIGEST_STEP) hash.update(file.read(at, DIGEST_STEP));
  return hash.digest('hex');
}

const DIGEST_STEP = 1024 * 1024;

/** The saved graph where there is one: the prompt has lost layout, notes and muted nodes. */
function extract(ctx: Context, file: MediaFile, name: string): { document: Document; type: string; part: string } {
  if (mediaType(file.read(0, HEAD_BYTES)) === undefined && extname(name).toLowerCase() === '.json') {
    // The reader refuses what is over its limit; a byte more than that is enough to know.
    const bytes = file.read(0, MEDIA_LIMITS.textBytes + 1);
    return { document: readDocument(ctx, bytes, name), type: 'JSON', part: 'whole file' };
  }
  const { type, workflow, prompt } = readEmbedded(file, name);
  const part = workflow !== undefined ? 'workflow' : 'prompt';
  const text = workflow ?? prompt;
  if (text === undefined) throw new CwfError('IMAGE_NO_WORKFLOW', { source: name, type });
  return { document: readDocument(ctx, Buffer.from(text), `${name} (${part})`), type, part };
}

/** A symbolic link may lead anywhere, and nobody who names it means to replace what it leads to. */
function refuseLink(ctx: Context, target: string): void {
  if (lstatSync(resolve(ctx.cwd, target), { throwIfNoEntry: false })?.isSymbolicLink())
    throw new CwfError(
      'FILE_EXISTS',
      { file: target },
      { hint: 'It is a symbolic link: choose another name with --as.' },
    );
}

/** The bytes that the import replaces; null where there is no file. */
function existing(ctx: Context, file: string, named: boolean, committed: Document | undefined): Buffer | null {
  let bytes: Buffer;
  try {
    bytes = readBytes(ctx, file);
  } catch (error) {
    if (error instanceof CwfError && error.code === 'FILE_NOT_FOUND') return null;
    throw error;
  }
  if (!named || committed === undefined) throw new CwfError('FILE_EXISTS', { file });
  if (readDocument(ctx, bytes, file).oid !== committed.oid) throw new CwfError('UNCOMMITTED_CHANGES', { files: file });
  return bytes;
}
