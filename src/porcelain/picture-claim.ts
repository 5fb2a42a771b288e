import { isCwfError } from '../base/errors.ts';
import { sha256 } from '../base/hash.ts';
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import { parseJson } from '../base/json-parse.ts';
import { canonicalJson } from '../base/json-text.ts';
import type { Catalog } from '../core/catalog/catalog.ts';
import { graphDigest } from '../core/workflow/digest.ts';
import type { Embedded } from '../io/media/embedded.ts';
import type { Oid } from '../io/repo/types.ts';
import type { Context } from './context.ts';
import { parseFile } from './json-file.ts';
import { isUpload } from './run-inputs.ts';
import type { RunValue } from './run-note.ts';
import { isSeed, literalsOf, promptOf, type Readable, readForRun, seedsOf, withLiteral } from './run-prompt.ts';
import { setValues } from './set.ts';

/** What a picture says of itself under `cwf`. Anybody can write that. */
export interface PictureClaim {
  readonly commit: Oid;
  readonly file: string;
  /** Values by address, as in the note of a run. */
  readonly set: { readonly [address: string]: Json };
}

/** The graph that a picture carries. */
export interface PictureGraph {
  /** What was run, apart from seeds and names of files. */
  readonly shape?: string;
  /** graphDigest of the file of the page. */
  readonly graph?: string;
  readonly seeds: readonly RunValue[];
}

/** More than runs of cwf write; a claim is no place for more. */
const CLAIM_BYTES = 256 * 1024;
const MOST_PATH = 4096;

/** The claim of a picture; undefined where it makes none that one could look up. */
export function readClaim({ cwf }: Pick<Embedded, 'cwf'>): PictureClaim | undefined {
  const claim = cwf === undefined ? undefined : parsed(cwf);
  if (!isObject(claim) || typeof claim.commit !== 'string' || typeof claim.file !== 'string') return undefined;
  const { commit, file, set } = claim;
  if (!/^[0-9a-f]{40}$/.test(commit) || file.length > MOST_PATH) return undefined;
  return { commit, file, set: isObject(set) ? (set as JsonObject) : {} };
}

function parsed(text: string): Json | undefined {
  try {
    return parseJson(text, { source: 'cwf', maxBytes: CLAIM_BYTES });
  } catch (error) {
    if (isCwfError(error) && error.kind !== 'bug') return undefined;
    throw error;
  }
}

/** The graph of a picture: of the prompt where it has one, for that is what was run. Undefined where nothing can be read. */
export function graphOf(ctx: Context, { prompt, workflow }: Embedded, source: string): PictureGraph | undefined {
  const page = workflow === undefined ? undefined : read(ctx, workflow, source);
  const sent = prompt === undefined ? undefined : read(ctx, prompt, source);
  if (!page && !sent) return undefined;
  const made = promptFrom(ctx, sent ?? page!);
  return {
    ...(made ? { shape: promptShape(made, ctx.catalog) } : {}),
    ...(page ? { graph: graphDigest(page.workflow) } : {}),
    seeds: made ? seedsOf(made, ctx.catalog).map(({ node, input, value }) => ({ node, input, value })) : [],
  };
}

/**
 * Whether a document, with values set, is what a picture carries: the same prompt but for seeds, which each run may have
 * others of, and names of files, which servers give.
 */
export function isGraphOf(
  ctx: Context,
  picture: PictureGraph,
  json: Json,
  file: string,
  set: PictureClaim['set'] = {},
): boolean {
  return (
    orUndefined(() => {
      const document = readForRun(json, file, ctx.catalog);
      const values = Object.entries(isObject(set) ? set : {}).map(([address, value]) => ({
        address,
        value: canonicalJson(value),
      }));
      const { after } = setValues(ctx.catalog, document.workflow, file, values);
      if (picture.graph !== undefined && graphDigest(after) === picture.graph) return true;
      if (picture.shape === undefined) return false;
      const prompt = promptFrom(ctx, { ...document, workflow: after });
      return prompt !== undefined && promptShape(prompt, ctx.catalog) === picture.shape;
    }) === true
  );
}

function read(ctx: Context, text: string, source: string): Readable | undefined {
  return orUndefined(() => readForRun(parseFile(Buffer.from(text), source), source, ctx.catalog));
}

function promptFrom(ctx: Context, document: Readable): JsonObject | undefined {
  return orUndefined(() => promptOf(document, ctx.catalog, new Date(ctx.now())).prompt);
}

/** The digest of a prompt without seeds and names of files, of each node what runs: a server adds `is_changed` to it. */
function promptShape(prompt: JsonObject, catalog: Catalog): string {
  const open = literalsOf(prompt, catalog, (definition) => isUpload(definition) || isSeed(definition));
  const neutral = [...open].reduce((all, { node, input }) => withLiteral(all, { node, input, value: null }), prompt);
  const plain = Object.entries(neutral).map(([id, node]): [string, Json] => {
    if (!isObject(node)) return [id, node];
    const { class_type = null, inputs = null } = node;
    return [id, { class_type, inputs }];
  });
  return sha256(canonicalJson(Object.fromEntries(plain)));
}

/** What cannot be read in a picture of anybody is nothing. */
function orUndefined<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (isCwfError(error) && error.kind !== 'bug') return undefined;
    throw error;
  }
}
