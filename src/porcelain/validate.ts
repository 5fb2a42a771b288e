import { resolve } from 'node:path';
import { CwfError, isCwfError } from '../base/errors.ts';
import { isObject, type Json } from '../base/json.ts';
import { type Catalog, defaultCatalog } from '../core/catalog/catalog.ts';
import type { FileLists } from '../core/catalog/check-value.ts';
import { catalogOfEngine } from '../core/catalog/engines.ts';
import { DIAGNOSTICS, type Diagnostic, type Severity } from '../core/validate/diagnostic.ts';
import { validateDocument } from '../core/validate/validate-document.ts';
import type { Workflow } from '../core/workflow/types.ts';
import { catalogFromFile } from './catalog-file.ts';
import { type DocumentWorld, type Part, readCandidates } from './document.ts';
import { parseFile } from './json-file.ts';
import { readBytes } from './plain-files.ts';
import { defineVerb } from './verb.ts';

/** The severities, worst first. */
export const SEVERITIES = ['error', 'warning', 'info'] as const;

/** Which documents to judge, and by what. */
export interface ValidateInput {
  /** Each a file, `<rev>:<path>`, an image that holds a workflow, or `-`. */
  readonly files: readonly string[];
  /** A JSON file with the names of the files that a server has, by folder; without it none is said to be missing. */
  readonly lists?: string;
  /** The version of ComfyUI whose definitions are taken; default the newest that is shipped. */
  readonly engine?: string;
  /** A server's `/object_info` instead. */
  readonly objectInfo?: string;
  /** The least severity that is told. Default info: all. */
  readonly severity?: Severity;
}

/** What was found in one document, or why it could not be read. */
export interface ValidatedFile {
  readonly file: string;
  /** What holds it: JSON or the type of the image. */
  readonly type?: string;
  /** Which of the two texts of an image was judged. */
  readonly part?: Part;
  readonly format?: Workflow['format'];
  /** Names of the subgraph definitions that findings lie in, by their ids. */
  readonly subgraphs?: Readonly<Record<string, string>>;
  readonly diagnostics: readonly Diagnostic[];
  readonly error?: CwfError;
}

/** What was found, in the order in which the documents were named. Counts are of what was found, told or not. */
export interface ValidateOutput {
  /** The version of ComfyUI, or the file the definitions are from. */
  readonly engine: string;
  readonly files: readonly ValidatedFile[];
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
}

/**
 * `cwf validate`: every fault of each document at once, without a server. A document that cannot be read is told beside
 * the others; alone, its error is thrown. Throws ENGINE_UNKNOWN, CATALOG_INVALID, FILES_INVALID and USAGE too.
 */
export async function validateFiles(input: ValidateInput, world: DocumentWorld): Promise<ValidateOutput> {
  if (input.engine !== undefined && input.objectInfo !== undefined)
    throw new CwfError('USAGE', { command: 'validate', reason: '--engine and --object-info exclude each other' });
  if (input.files.filter((file) => file === '-').length > 1)
    throw new CwfError('USAGE', { command: 'validate', reason: 'stdin holds one document, and is named twice' });
  const catalog = await catalogFor(input, world.cwd);
  const lists = input.lists === undefined ? undefined : readFileLists(world.cwd, input.lists);
  const counts = { error: 0, warning: 0, info: 0 };
  const least = SEVERITIES.indexOf(input.severity ?? 'info');
  const files: ValidatedFile[] = [];
  for (const file of input.files) {
    const found = await validateFile(file, catalog, lists, world, input.files.length === 1);
    for (const { severity } of found.diagnostics) counts[severity]++;
    const diagnostics = found.diagnostics.filter(({ severity }) => SEVERITIES.indexOf(severity) <= least);
    files.push({ ...found, diagnostics });
  }
  const { error: errors, warning: warnings, info: infos } = counts;
  return { engine: catalog.engine, files, errors, warnings, infos };
}

/** The verb: as `validateFiles`, in a repository. It reads no stdin. */
export const validate = defineVerb<ValidateInput, ValidateOutput>({
  name: 'validate',
  summary: 'Find every fault of workflows',
  mutates: false,
  run: (ctx, input) =>
    validateFiles(input, {
      cwd: ctx.cwd,
      now: ctx.now,
      stdin: () => {
        throw new CwfError('USAGE', { command: 'validate', reason: 'there is no stdin here' });
      },
      open: async () => ctx,
    }),
});

/** The next step after a finding, for people. */
export function adviceFor({ code }: Diagnostic): string {
  return DIAGNOSTICS[code][2];
}

/** The definitions that were asked for. Throws ENGINE_UNKNOWN, CATALOG_INVALID, FILE_NOT_FOUND. */
export async function catalogFor(
  { engine, objectInfo }: Pick<ValidateInput, 'engine' | 'objectInfo'>,
  cwd: string,
): Promise<Catalog> {
  if (objectInfo !== undefined) return catalogFromFile(cwd, objectInfo);
  return engine === undefined ? defaultCatalog() : catalogOfEngine(engine);
}

/** Names of files by folder: `{"checkpoints": ["a.safetensors"], "loras": []}`. Throws FILES_INVALID. */
export function readFileLists(cwd: string, file: string): FileLists {
  const json = parseFile(readBytes(resolve(cwd, file), file), file);
  if (!isObject(json)) throw new CwfError('FILES_INVALID', { source: file, reason: 'it is not an object of folders' });
  for (const [folder, names] of Object.entries(json)) {
    if (Array.isArray(names) && names.every((name: Json) => typeof name === 'string')) continue;
    throw new CwfError('FILES_INVALID', { source: file, reason: `folder ${folder} is not a list of names` });
  }
  return json as FileLists;
}

async function validateFile(
  file: string,
  catalog: Catalog,
  files: FileLists | undefined,
  world: DocumentWorld,
  isAlone: boolean,
): Promise<ValidatedFile> {
  const name = file === '-' ? 'stdin' : file;
  try {
    const candidates = await readCandidates(file, world);
    const { type, part, source, fractions, json } = candidates.find((one) => one.part === 'workflow') ?? candidates[0]!;
    const options = { fractions, ...(files ? { files } : {}) };
    const { workflow, diagnostics } = validateDocument(json(), source, catalog, options);
    const subgraphs = namesOf(workflow, diagnostics);
    const told = type === 'JSON' ? {} : { part };
    return { file: name, type, ...told, format: workflow.format, ...(subgraphs ? { subgraphs } : {}), diagnostics };
  } catch (error) {
    if (isAlone || !isCwfError(error) || error.kind === 'bug') throw error;
    return { file: name, diagnostics: [], error };
  }
}

function namesOf({ subgraphs }: Workflow, diagnostics: readonly Diagnostic[]): Record<string, string> | undefined {
  const ids = new Set(diagnostics.flatMap(({ scope, class_type }) => [scope ?? '', class_type ?? '']));
  const names = Object.entries(subgraphs).flatMap(([id, { name }]) => (ids.has(id) ? [[id, name || id] as const] : []));
  return names.length > 0 ? Object.fromEntries(names) : undefined;
}
