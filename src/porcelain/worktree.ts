import { type BigIntStats, type Dirent, existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CwfError, isCwfError } from '../base/errors.ts';
import { readWorkflow } from '../core/workflow/read.ts';
import type { Workflow } from '../core/workflow/types.ts';
import { formatBytes } from '../core/workflow/write-known.ts';
import { blobOid } from '../io/repo/blob-oid.ts';
import { checkPath } from '../io/repo/write-tree.ts';
import type { Context } from './context.ts';
import { readingsOf } from './file-readings.ts';
import { type IgnoreRules, ignoreFile, ignoreRules, isIgnored } from './ignored.ts';
import { isJsonFile, parseFile } from './json-file.ts';
import { diskPath } from './paths.ts';
import { StatCache } from './stat-cache.ts';

/** One version of a workflow: the document, its canonical text in UTF-8 and its oid as a blob. */
export interface Document {
  readonly workflow: Workflow;
  readonly bytes: Buffer;
  readonly oid: string;
}

/** A workflow file of the working tree. */
export interface WorkFile {
  readonly file: string;
  /** Oid of its canonical text when it was scanned. */
  readonly oid: string;
  /** Its content: as scanned, or read again; then it may have changed. Throws when it is no workflow any more. */
  load(): Promise<Document>;
}

/** A file that is named to the user and otherwise left alone. */
export interface BrokenFile {
  readonly file: string;
  readonly code: string;
  readonly message: string;
}

/** What the working tree holds. */
export interface Scan {
  readonly workflows: ReadonlyMap<string, WorkFile>;
  readonly broken: readonly BrokenFile[];
  /** Number of JSON files that are no workflows. */
  readonly other: number;
}

const MAX_BYTES = 8 * 1024 * 1024;
/** Why a pipe, a socket or a device is not read. */
export const NOT_PLAIN = 'it is no plain file';
/** What error numbers of the system mean for the file that was named. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
};
/** Documents kept from the scan for the reading that follows; beyond this many bytes they are read again. */
const KEEP = 32 * 1024 * 1024;
const documents = new WeakMap<Workflow, Document>();

/**
 * Looks through the working tree for workflows: every `*.json` that is not ignored, outside of dot folders,
 * `node_modules` and other repositories, and every one of `tracked` and `named` wherever it lies. Symbolic links are not followed.
 * What cannot be read as JSON is `broken`; so is a tracked file that no longer holds a workflow.
 */
export async function scanWorktree(
  ctx: Context,
  tracked: Iterable<string>,
  named: readonly string[] = [],
): Promise<Scan> {
  const scanner = new Scanner(ctx);
  await scanner.walk('', await rootRules(ctx));
  const known = new Set(tracked);
  for (const file of [...known, ...named]) if (isJsonFile(file)) await scanner.lookAt(file);
  return scanner.finish(known);
}

/** The bytes of a workflow file of the working tree. Throws FILE_NOT_FOUND, FILE_IS_FOLDER, FILE_UNREADABLE or JSON_SIZE. */
export function readBytes(ctx: Pick<Context, 'repo'>, file: string): Buffer {
  try {
    const stat = statSync(diskPath(ctx, file));
    if (stat.isDirectory()) throw new CwfError('FILE_IS_FOLDER', { file });
    // A pipe or a device has no end that one could wait for.
    if (!stat.isFile()) throw new CwfError('FILE_UNREADABLE', { file, reason: NOT_PLAIN });
    if (stat.size > MAX_BYTES) throw tooLarge(file);
    return readFileSync(diskPath(ctx, file));
  } catch (error) {
    throw readFailure(file, error);
  }
}

/** A failed access to a file the user named, as an error that says so. */
export function readFailure(file: string, error: unknown): CwfError {
  if (isCwfError(error)) return error;
  const { code = 'unknown' } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return new CwfError('FILE_NOT_FOUND', { file }, { cause: error });
  return new CwfError('FILE_UNREADABLE', { file, reason: REASONS[code] ?? code }, { cause: error });
}

/** Reads bytes as a workflow and brings them to canonical text. Throws what the readers throw, with `source`. */
export function readDocument(ctx: Pick<Context, 'catalog'>, bytes: Uint8Array, source: string): Document {
  const json = parseFile(bytes, source);
  return toDocument(readWorkflow(json, { catalog: ctx.catalog, source }));
}

/** A workflow with its canonical text and oid; made once, as scan, comparison and commit all want it. */
export function toDocument(workflow: Workflow): Document {
  const known = documents.get(workflow);
  if (known) return known;
  const bytes = formatBytes(workflow);
  const document = { workflow, bytes, oid: blobOid(bytes) };
  documents.set(workflow, document);
  return document;
}

/** One pass over the working tree. */
class Scanner {
  private readonly ctx: Context;
  private readonly cache: StatCache;
  private readonly seen = new Map<string, WorkFile | 'other' | BrokenFile>();
  private kept = 0;

  constructor(ctx: Context) {
    this.ctx = ctx;
    this.cache = new StatCache(ctx.repo.cwfDir);
  }

  /** Visits a folder ('' or ending in `/`); `chain` are the rules of ignored files, the deepest first. */
  async walk(folder: string, chain: readonly IgnoreRules[]): Promise<void> {
    const entries = list(join(this.ctx.repo.workDir, folder));
    if (folder !== '' && entries.some((entry) => entry.name === '.git')) return;
    let rules = chain;
    if (entries.some((entry) => entry.name === '.gitignore')) {
      const own = await ignoreFile(folder, join(this.ctx.repo.workDir, folder, '.gitignore'));
      if (own) rules = [own, ...chain];
    }
    for (const entry of entries) {
      const path = `${folder}${entry.name}`;
      if (entry.isDirectory()) {
        const skipped = entry.name.startsWith('.') || entry.name === 'node_modules';
        if (skipped || isIgnored(`${path}/`, rules)) continue;
        if (!this.isUnnameable(path)) await this.walk(`${path}/`, rules);
      } else if (entry.isFile() && isJsonFile(entry.name) && !isIgnored(path, rules)) {
        if (!this.isUnnameable(path)) await this.lookAt(path);
      }
    }
  }

  /** A name that is no UTF-8 comes out of the folder changed, and then names nothing: it must not be passed over in silence. */
  private isUnnameable(path: string): boolean {
    if (!path.includes('\ufffd') || existsSync(diskPath(this.ctx, path))) return false;
    this.seen.set(path, brokenFile(path, new CwfError('PATH_INVALID', { file: path, reason: 'it is not UTF-8' })));
    return true;
  }

  /** Finds out what one file is, once. A file that is gone or no plain file is nothing. */
  async lookAt(file: string): Promise<void> {
    if (this.seen.has(file)) return;
    let stat: BigIntStats;
    try {
      stat = lstatSync(diskPath(this.ctx, file), { bigint: true });
    } catch {
      return;
    }
    if (stat.isFile()) this.seen.set(file, storable(await this.classify(file, stat)));
  }

  finish(tracked: ReadonlySet<string>): Scan {
    this.cache.save();
    const workflows = new Map<string, WorkFile>();
    const broken: BrokenFile[] = [];
    let other = 0;
    for (const [file, what] of [...this.seen].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (what === 'other') {
        if (tracked.has(file)) broken.push(brokenFile(file, notAWorkflow(file)));
        else other++;
      } else if ('oid' in what) workflows.set(file, what);
      else broken.push(what);
    }
    return { workflows, broken, other };
  }

  private async classify(file: string, stat: BigIntStats): Promise<WorkFile | 'other' | BrokenFile> {
    const known = this.cache.get(file, stat);
    if (known === null) return 'other';
    if (known !== undefined) return this.workFile(file, known, undefined);
    try {
      if (stat.size > MAX_BYTES) {
        throw tooLarge(file);
      }
      const bytes = readBytes(this.ctx, file);
      const workflow = await readingsOf(this.ctx).read(bytes, file, () => this.ctx.loadCatalog());
      if (workflow === undefined) {
        this.cache.set(file, stat, null);
        return 'other';
      }
      const document = toDocument(workflow);
      this.cache.set(file, stat, document.oid);
      this.kept += document.bytes.length;
      return this.workFile(file, document.oid, this.kept <= KEEP ? document : undefined);
    } catch (error) {
      if (isCwfError(error) && error.kind !== 'bug') return brokenFile(file, error);
      throw error;
    }
  }

  private workFile(file: string, oid: string, document: Document | undefined): WorkFile {
    let loaded = document;
    return {
      file,
      oid,
      load: async () => {
        await this.ctx.loadCatalog();
        loaded ??= readDocument(this.ctx, readBytes(this.ctx, file), file);
        return loaded;
      },
    };
  }
}

async function rootRules(ctx: Context): Promise<IgnoreRules[]> {
  const config = await ignoreRules('', ctx.config.ignore);
  const exclude = await ignoreFile('', join(ctx.repo.gitDir, 'info/exclude'));
  return [config, exclude].filter((rules) => rules !== undefined);
}

function list(dir: string): Dirent[] {
  try {
    return readdirSync(dir, { withFileTypes: true });
  } catch {
    // Gone or not ours to read since its parent was listed.
    return [];
  }
}

/** A workflow under a name that no tree may hold is left out by itself: it must not stop the others. */
function storable(what: WorkFile | 'other' | BrokenFile): WorkFile | 'other' | BrokenFile {
  if (what === 'other' || !('oid' in what)) return what;
  try {
    checkPath(what.file);
    return what;
  } catch (error) {
    if (isCwfError(error)) return brokenFile(what.file, error);
    throw error;
  }
}

function tooLarge(file: string): CwfError {
  return new CwfError('JSON_SIZE', { source: file, at: '1:1', what: 'the file', limit: `${MAX_BYTES} bytes` });
}

function notAWorkflow(file: string): CwfError {
  return new CwfError('NOT_A_WORKFLOW', { source: file, reason: 'it was one in the last commit' });
}

function brokenFile(file: string, error: CwfError): BrokenFile {
  return { file, code: error.code, message: error.message };
}
