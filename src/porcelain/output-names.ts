import { CwfError } from '../base/errors.ts';
import { isObject, type Json } from '../base/json.ts';
import { canonicalJson } from '../base/json-text.ts';
import { isOutputId, type OutputPlace, outputPlace } from '../io/outputs/place.ts';
import { hasOutput, outputsWithPrefix } from '../io/outputs/store.ts';
import { factsAt, notesRef, treeOfCommit } from '../io/repo/notes.ts';
import type { Oid } from '../io/repo/types.ts';
import type { Context } from './context.ts';
import { runOf } from './run-note.ts';

const DIGEST = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g;

/** Where the outputs of this repository lie. */
export function outputsOf(ctx: Pick<Context, 'repo' | 'config'>): OutputPlace {
  return outputPlace(ctx.repo.cwfDir, ctx.config.durability === 'durable');
}

/** Whether a word says that it means an output: `sha256:` and digits of its hash, or all 64 of them. */
export function isOutputWord(word: string): boolean {
  return word.startsWith('sha256:') || isOutputId(word);
}

/**
 * The outputs that notes of any kind name, each with the objects (commits, mostly) that those notes are on. Whatever
 * writes notes need say nothing special: a SHA-256 in a note is a name. A choice names an output, too, but says nothing
 * of where it comes from.
 */
export async function namedOutputs(ctx: Pick<Context, 'repo'>): Promise<Map<string, Oid[]>> {
  const named = new Map<string, Oid[]>();
  for (const { ref, oid } of await ctx.repo.listRefs('refs/notes/')) {
    const { tree } = await ctx.repo.readCommit(oid);
    for (const [path, entry] of await ctx.repo.listTree(tree)) {
      const text = (await ctx.repo.readObject(entry.oid)).body.toString('latin1');
      const target = path.replaceAll('/', '');
      for (const [id] of text.matchAll(DIGEST)) {
        const known = named.get(id) ?? [];
        named.set(id, ref === notesRef('rank') || known.includes(target) ? known : [...known, target]);
      }
    }
  }
  return named;
}

/**
 * The outputs that the notes on a commit say it has, wherever they lie. Of a run those that it left: its other digests are
 * of prompts, pixels and files that were given to it; so are those in the provenance of a number.
 */
export async function madeOutputs(ctx: Pick<Context, 'repo'>, commit: Oid): Promise<string[]> {
  const made = new Set<string>();
  for (const { ref, oid } of await ctx.repo.listRefs('refs/notes/')) {
    if (ref === notesRef('rank')) continue;
    for (const fact of await factsAt(ctx.repo, await treeOfCommit(ctx.repo, oid), commit)) {
      for (const id of runOf(fact)?.outputs.map((output) => output.id) ?? digestsIn(fact)) made.add(id);
    }
  }
  return [...made];
}

function digestsIn(fact: Json): string[] {
  const { provenance: _of, ...rest } = isObject(fact) ? fact : { text: fact };
  return [...canonicalJson(rest).matchAll(DIGEST)].map(([id]) => id);
}

/**
 * The whole name of an output, from `sha256:` (which may be left out) and at least four digits of it. One that is only
 * `named`, by a note, and lies in another copy counts as well. Throws OUTPUT_FILE_NOT_FOUND, OUTPUT_AMBIGUOUS.
 */
export function findOutputName(place: OutputPlace, word: string, named: Iterable<string> = []): string {
  const digits = word.replace(/^sha256:/, '');
  const isPrefix = /^[0-9a-f]{4,64}$/.test(digits);
  const found = isPrefix ? outputsWithPrefix(place, digits) : [];
  if (isPrefix) for (const id of named) if (id.startsWith(digits) && !found.includes(id)) found.push(id);
  if (found.length > 1)
    throw new CwfError('OUTPUT_AMBIGUOUS', { output: word, known: found.sort().map((id) => id.slice(0, 16)) });
  const [id] = found;
  if (id === undefined) throw new CwfError('OUTPUT_FILE_NOT_FOUND', { output: word.slice(0, 80) });
  return id;
}

/** Whether the bytes of an output are in this copy of the repository. */
export function isHere(ctx: Pick<Context, 'repo' | 'config'>, id: string): boolean {
  return hasOutput(outputsOf(ctx), id);
}
