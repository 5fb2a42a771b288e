import { lstatSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { CwfError, isCwfError } from '../base/errors.ts';
import { isObject, type Json } from '../base/json.ts';
import { type Catalog, defaultCatalog } from '../core/catalog/catalog.ts';
import { catalogFromObjectInfo } from '../core/catalog/object-info.ts';
import { convertToApi } from '../core/convert/convert.ts';
import type { Diagnostic } from '../core/convert/diagnostics.ts';
import { withoutGroupNodes } from '../core/convert/group-nodes.ts';
import { fileOrder } from '../core/convert/renumber.ts';
import { readWorkflow } from '../core/workflow/read.ts';
import { writeWorkflow } from '../core/workflow/write.ts';
import { parseFile } from './worktree.ts';

/** The formats a workflow can be converted to. */
export const FORMATS = ['api'] as const;

/** Which files to convert, and where to put what they become. Paths are relative to `cwd`. */
export interface ConvertInput {
  readonly files: readonly string[];
  readonly to: (typeof FORMATS)[number];
  /** A folder, made when it is not there, or for one file the name of another. Without it nothing is written. */
  readonly out?: string;
  /** A server's `/object_info`, for classes that the shipped catalog does not have or has otherwise. */
  readonly catalog?: string;
}

/** What became of one file: its text, or why it was refused. */
export interface ConvertedFile {
  readonly file: string;
  /** Where it was written. */
  readonly out?: string;
  /** The converted document; kept out of the result where it was written. */
  readonly text?: string;
  readonly nodes?: number;
  readonly diagnostics: readonly Diagnostic[];
  readonly error?: CwfError;
}

/** What became of each file, in the order given. */
export interface ConvertOutput {
  readonly to: ConvertInput['to'];
  readonly files: readonly ConvertedFile[];
}

/**
 * `cwf convert`: workflows in another format, without a repository and without a browser. A file that cannot be read
 * or would lose something is refused; the others are converted all the same. Throws OUT_INVALID (no place for the
 * results), FILE_NOT_FOUND or CATALOG_INVALID (the catalog).
 */
export function convert(input: ConvertInput, { cwd, now }: { cwd: string; now: () => number }): ConvertOutput {
  const targets = targetsOf(input, cwd);
  const catalog =
    input.catalog === undefined ? defaultCatalog() : readCatalog(resolve(cwd, input.catalog), input.catalog);
  const date = new Date(now());
  const files = input.files.map((file, at): ConvertedFile => {
    const diagnostics: Diagnostic[] = [];
    try {
      const { text, nodes } = convertFile(resolve(cwd, file), file, catalog, date, diagnostics);
      const target = targets?.[at];
      if (target === undefined) return { file, text, nodes, diagnostics };
      writeWhole(target, text);
      return { file, out: relative(cwd, target), nodes, diagnostics };
    } catch (error) {
      if (!isCwfError(error) || error.kind === 'bug') throw error;
      return { file, diagnostics, error };
    }
  });
  return { to: input.to, files };
}

function convertFile(
  path: string,
  file: string,
  catalog: Catalog,
  now: Date,
  diagnostics: Diagnostic[],
): { text: string; nodes: number } {
  const { text, nodes } = promptText(parseFile(readBytes(path, file), file), {
    source: file,
    catalog,
    now,
    diagnostics,
  });
  return { text: `${text}\n`, nodes };
}

/** How a document is converted, and where its remarks go. */
interface PromptOptions {
  readonly source: string;
  readonly catalog: Catalog;
  readonly now: Date;
  readonly diagnostics: Diagnostic[];
}

/** A document of either format as the text of its prompt. Throws CONVERT_REFUSED or what the readers throw. */
export function promptText(
  document: Json,
  { source, catalog, now, diagnostics }: PromptOptions,
): { text: string; nodes: number } {
  const json = withoutGroupNodes(document, catalog);
  const workflow = readWorkflow(json, { catalog, source });
  // An API file is what it is to become.
  if (workflow.format === 'api') {
    const text = JSON.stringify(writeWorkflow(workflow), plain, 2);
    return { text, nodes: Object.keys(workflow.nodes).length };
  }
  // Of several choices the first: the same file always gives the same prompt.
  const { prompt, diagnostics: found } = convertToApi(workflow, catalog, {
    now,
    choose: () => 0,
    order: fileOrder(json),
  });
  diagnostics.push(...found);
  const errors = found.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first) {
    const data = { source, to: 'api', first: describeDiagnostic(first), more: errors.length - 1 || undefined };
    throw new CwfError('CONVERT_REFUSED', data);
  }
  return { text: JSON.stringify(prompt, null, 2), nodes: Object.keys(prompt).length };
}

/** Numbers as JavaScript programs read them. */
function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

/** One line: `LoadImage (12) image in Upscale: message [CODE]`. */
export function describeDiagnostic({ code, subgraph, node, class_type, input, message }: Diagnostic): string {
  const name = node === undefined ? [] : [`${class_type} (${node})`];
  const words = [
    ...name,
    ...(input === undefined ? [] : [input]),
    ...(subgraph === undefined ? [] : [`in ${subgraph}`]),
  ];
  return `${words.join(' ')}: ${message} [${code}]`;
}

/** Where each file goes; undefined when the result goes back to the caller. */
function targetsOf({ files, out }: ConvertInput, cwd: string): string[] | undefined {
  if (out === undefined) {
    if (files.length === 1) return undefined;
    throw new CwfError('OUT_INVALID', { reason: 'several files need a folder to be written to' });
  }
  const place = resolve(cwd, out);
  const isFolder = files.length > 1 || !out.endsWith('.json') || statOf(place)?.isDirectory() === true;
  const targets = isFolder ? files.map((file) => join(place, basename(file))) : [place];
  const sources = new Set(files.map((file) => realPath(resolve(cwd, file))));
  const seen = new Map<string, string>();
  for (const [at, target] of targets.entries()) {
    const other = seen.get(target);
    const file = files[at]!;
    const reason =
      other !== undefined
        ? `${other} and ${file} would both become ${basename(target)}`
        : sources.has(realPath(target))
          ? `${file} would be overwritten by what it becomes`
          : undefined;
    if (reason !== undefined) throw new CwfError('OUT_INVALID', { reason });
    seen.set(target, file);
  }
  return targets;
}

/** The path itself where nothing is there. */
function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

function statOf(path: string) {
  return statSync(path, { throwIfNoEntry: false });
}

function readBytes(path: string, file: string): Buffer {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw new CwfError('FILE_IS_FOLDER', { file });
    // A pipe or a device has no end that one could wait for.
    if (!stat.isFile()) throw new CwfError('FILE_UNREADABLE', { file, reason: 'not a plain file' });
    return readFileSync(path);
  } catch (error) {
    if (isCwfError(error)) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new CwfError('FILE_NOT_FOUND', { file }, { cause: error });
    throw new CwfError('FILE_UNREADABLE', { file, reason: code ?? 'unknown' }, { cause: error });
  }
}

function readCatalog(path: string, file: string): Catalog {
  const json = parseFile(readBytes(path, file), file);
  if (!isObject(json)) throw new CwfError('CATALOG_INVALID', { reason: `${file} is not an object of classes` });
  return catalogFromObjectInfo(json, basename(file));
}

/**
 * A file appears whole or not at all, and never through a link that lies in its place. One that says the same already
 * stays: replacing a file waits for the disk, making one does not.
 */
function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (there?.isFile() && there.size === Buffer.byteLength(text) && readFileSync(path, 'utf8') === text) return;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, text, { flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new CwfError('STORAGE_FAILED', { path, reason }, { cause: error });
  }
}
