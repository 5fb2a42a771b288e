import { realpathSync, statSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { CwfError, isCwfError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { type Catalog, defaultCatalog } from '../core/catalog/catalog.ts';
import { type Conversion, convertToApi } from '../core/convert/convert.ts';
import { withoutGroupNodes } from '../core/convert/group-nodes.ts';
import type { Remark } from '../core/convert/remarks.ts';
import { fileOrder } from '../core/convert/renumber.ts';
import { convertToUi } from '../core/convert/to-ui.ts';
import { prettyJson } from '../core/workflow/pretty.ts';
import { detectFormat, readWorkflow } from '../core/workflow/read.ts';
import type { Workflow } from '../core/workflow/types.ts';
import { writeWorkflow } from '../core/workflow/write.ts';
import { catalogFromFile } from './catalog-file.ts';
import { parseFile } from './json-file.ts';
import { readBytes, writeWhole } from './plain-files.ts';

/** The formats a workflow can be converted to. */
export const FORMATS = ['api', 'ui'] as const;

/** Which files to convert, and where to put what they become. Paths are relative to `cwd`. */
export interface ConvertInput {
  readonly files: readonly string[];
  readonly to: (typeof FORMATS)[number];
  /** A folder, made when it is not there, or for one file the name of another. Without it nothing is written. */
  readonly out?: string;
  /** A server's `/object_info`, for classes that the shipped catalog does not have or has otherwise. */
  readonly catalog?: string;
}

/** What became of one file: a document, or why it was refused. */
export interface ConvertedFile {
  readonly file: string;
  /** Where it was written. */
  readonly out?: string;
  /** The converted document; kept out of the result where it was written. */
  readonly document?: Json;
  readonly nodes?: number;
  readonly diagnostics: readonly Remark[];
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
  const catalog = catalogOf(cwd, input.catalog);
  const date = new Date(now());
  const files = input.files.map((file, at): ConvertedFile => {
    const diagnostics: Remark[] = [];
    try {
      const json = parseFile(readBytes(resolve(cwd, file), file), file);
      const { document, nodes } = convertDocument(json, file, { to: input.to, catalog, now: date }, diagnostics);
      const target = targets?.[at];
      if (target === undefined) return { file, document, nodes, diagnostics };
      writeWhole(target, textOf(input.to, document));
      return { file, out: relative(cwd, target), nodes, diagnostics };
    } catch (error) {
      if (!isCwfError(error) || error.kind === 'bug') throw error;
      return { file, diagnostics, error };
    }
  });
  return { to: input.to, files };
}

/** What a conversion of one document depends on. */
export interface Converting {
  readonly to: ConvertInput['to'];
  readonly catalog: Catalog;
  readonly now: Date;
}

/**
 * One document in another format, and how many nodes it then has; what is remarked on goes to `diagnostics`. A document
 * that has the format already stays as it is. Throws CONVERT_REFUSED, and what the readers throw.
 */
export function convertDocument(
  json: Json,
  source: string,
  { to, catalog, now }: Converting,
  diagnostics: Remark[],
): { document: Json; nodes: number } {
  const isUi = detectFormat(json) === 'ui';
  const shown = to === 'api' && isUi ? withoutGroupNodes(json, catalog) : json;
  const workflow = readWorkflow(shown, { catalog, source });
  if (workflow.format === to) return { document: asIs(workflow, json), nodes: Object.keys(workflow.nodes).length };
  // Of several choices the first: the same file always gives the same prompt.
  const options = { now, choose: () => 0, order: fileOrder(shown) };
  const made = to === 'ui' ? convertToUi(workflow, catalog) : asDocument(convertToApi(workflow, catalog, options));
  diagnostics.push(...made.diagnostics);
  const errors = made.diagnostics.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first) {
    const data = { source, to, first: describeRemark(first), more: errors.length - 1 || undefined };
    throw new CwfError('CONVERT_REFUSED', data);
  }
  const { document } = made;
  const nodes = to === 'ui' ? (document.nodes as Json[]).length : Object.keys(document).length;
  return { document, nodes };
}

function asDocument({ prompt, diagnostics }: Conversion): { document: JsonObject; diagnostics: readonly Remark[] } {
  return { document: prompt as unknown as JsonObject, diagnostics };
}

/** A prompt as programs of JavaScript read it; a file of the page to the letter. */
function asIs(workflow: Workflow, json: Json): Json {
  return workflow.format === 'ui' ? json : (JSON.parse(JSON.stringify(writeWorkflow(workflow), plain)) as Json);
}

function textOf(to: ConvertInput['to'], document: Json): string {
  return to === 'ui' ? prettyJson(document) : `${JSON.stringify(document, plain, 2)}\n`;
}

/** Numbers as JavaScript programs read them. */
function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

/** One line: `LoadImage (12) image in Upscale: message [CODE]`. */
export function describeRemark({ code, subgraph, node, class_type, input, message }: Remark): string {
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

/** The definitions of a server's `/object_info`, or those that are shipped. */
export function catalogOf(cwd: string, file: string | undefined): Catalog {
  return file === undefined ? defaultCatalog() : catalogFromFile(cwd, file);
}
