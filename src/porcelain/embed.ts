import { lstatSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { CwfError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import type { Remark } from '../core/convert/remarks.ts';
import { asciiJson } from '../core/workflow/ascii-json.ts';
import { detectFormat, readWorkflow } from '../core/workflow/read.ts';
import type { Workflow } from '../core/workflow/types.ts';
import { embedInPng, plainPng } from '../io/media/png-write.ts';
import { type ConvertOutput, catalogOf, convertDocument } from './convert.ts';
import { parseFile } from './json-file.ts';
import { readBytes, writeWhole } from './plain-files.ts';
import { describeSecret, findSecrets } from './secrets.ts';

/** Which workflow to put into which image. Paths are relative to `cwd`. */
export interface EmbedInput {
  readonly files: readonly string[];
  /** A PNG; one that is not there becomes a small grey image. */
  readonly image: string;
  /** The image is the only place that is written to. */
  readonly out?: string;
  readonly catalog?: string;
  readonly allowSecrets?: boolean;
}

/**
 * `cwf convert --embed`: a workflow inside a PNG, as ComfyUI writes it: the file of the page and the prompt it stands
 * for, each made from the other where there is only one. Pixels and all other chunks stay as they are; a refusal leaves
 * the image untouched. Throws EMBED_INVALID, SECRET_FOUND, CONVERT_REFUSED, IMAGE_INVALID, and what the readers throw.
 */
export function embed(
  input: EmbedInput,
  { cwd, now }: { cwd: string; now: () => number },
): Omit<ConvertOutput, 'to'> & { readonly to: 'png' } {
  const [file, ...others] = input.files;
  const refuse = (reason: string) => new CwfError('EMBED_INVALID', { reason });
  if (file === undefined || others.length > 0) throw refuse('one image takes one workflow');
  if (input.out !== undefined) throw refuse('the image is written, and nothing to --out');
  if (!/\.png$/i.test(input.image)) throw refuse(`${input.image} does not end in .png`);
  const path = resolve(cwd, input.image);
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there && !there.isFile()) throw refuse(`${input.image} is no plain file`);
  const catalog = catalogOf(cwd, input.catalog);
  const json = parseFile(readBytes(resolve(cwd, file), file), file);
  if (!input.allowSecrets) refuseSecrets(readWorkflow(json, { catalog, source: file }), file);
  const diagnostics: Remark[] = [];
  const made = (to: 'api' | 'ui'): { document: Json; nodes: number } =>
    convertDocument(json, file, { to, catalog, now: new Date(now()) }, diagnostics);
  const [prompt, workflow] = [made('api'), made('ui')];
  // A prompt goes in with all its digits, as the server has it.
  const given = detectFormat(json) === 'api' ? json : prompt.document;
  const texts = { prompt: asciiJson(given), workflow: asciiJson(workflow.document) };
  writeWhole(path, embedInPng(there ? readBytes(path, input.image) : plainPng(), texts, input.image));
  return { to: 'png', files: [{ file, out: relative(cwd, path), nodes: prompt.nodes, diagnostics }] };
}

/** An image is passed on more lightly than a file. */
function refuseSecrets(workflow: Workflow, file: string): void {
  const secrets = findSecrets(file, workflow);
  if (secrets.length === 0) return;
  const data = { count: secrets.length, places: secrets.map(describeSecret) };
  const hint = 'Take it out of the file, or put it into the image on purpose with --allow-secrets.';
  throw new CwfError('SECRET_FOUND', data, { hint });
}
