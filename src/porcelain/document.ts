import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { CwfError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { detectFormat } from '../core/workflow/read.ts';
import { HEAD_BYTES, mediaType, readEmbedded } from '../io/media/embedded.ts';
import { type MediaFile, memoryFile } from '../io/media/file.ts';
import { MEDIA_LIMITS } from '../io/media/limits.ts';
import type { Context } from './context.ts';
import { parseFile } from './json-file.ts';
import { readStream, withSource } from './source-file.ts';
import { bytesAt, splitRevFile } from './workflows.ts';

/** What reading a document needs of the world; the repository is opened only for a `<rev>:<path>`. */
export interface DocumentWorld {
  readonly cwd: string;
  now(): number;
  stdin(): AsyncIterable<Uint8Array>;
  open(): Promise<Context>;
}

/** Which of its two texts an image was read from; a JSON file has one of them. */
export type Part = 'workflow' | 'prompt';

/** One text that a document can be read from: a JSON file has one, an image up to two. */
export interface Candidate {
  readonly name: string;
  readonly source: string;
  readonly type: string;
  readonly part: Part;
  /** JSON pointers of whole numbers that are written with a fraction. */
  readonly fractions: readonly string[];
  json(): Json;
}

/**
 * What a document can be read from: a file wherever it lies, `<rev>:<path>`, or `-`. Throws what reading throws, and
 * IMAGE_NO_WORKFLOW.
 */
export async function readCandidates(word: string, world: DocumentWorld): Promise<Candidate[]> {
  const name = word === '-' ? 'stdin' : word;
  const bytes = await bytesElsewhere(word, world);
  const use = (file: MediaFile): Candidate[] => candidatesIn(file, name, /\.json$/i.test(word));
  return bytes ? use(memoryFile(bytes)) : withSource(world.cwd, word, use);
}

function candidatesIn(file: MediaFile, name: string, isNamedJson: boolean): Candidate[] {
  const start = file.read(0, HEAD_BYTES);
  const looksJson = isNamedJson || /^(\ufeff)?\s*[{[]/.test(start.toString('utf8'));
  if (mediaType(start) === undefined && looksJson) {
    // The reader refuses what is over its limit; a byte more than that is enough to know.
    const fractions: string[] = [];
    const onFraction = (pointer: string): void => void fractions.push(pointer);
    const json = parseFile(file.read(0, MEDIA_LIMITS.textBytes + 1), name, { onFraction });
    const part = detectFormat(json) === 'ui' ? 'workflow' : 'prompt';
    return [{ name, source: name, type: 'JSON', part, fractions, json: () => json }];
  }
  const { type, ...texts } = readEmbedded(file, name);
  const parts = (['workflow', 'prompt'] as const).filter((part) => texts[part] !== undefined);
  if (parts.length === 0) throw new CwfError('IMAGE_NO_WORKFLOW', { source: name, type });
  return parts.map((part) => {
    const source = `${name} (${part})`;
    return { name, source, type, part, fractions: [], json: () => parseFile(Buffer.from(texts[part]!), source) };
  });
}

/** Bytes of standard input or of a file in a revision; undefined for a file on the disk. */
async function bytesElsewhere(word: string, world: DocumentWorld): Promise<Buffer | undefined> {
  if (word === '-') return readStream(world.stdin(), 'stdin');
  const part = isFile(word, world.cwd) || /^[a-z]:[\\/]/i.test(word) ? undefined : splitRevFile(word);
  return part ? bytesAt(await world.open(), part.rev, part.file) : undefined;
}

/** Whether a word is the path of a plain file. */
export function isFile(word: string, cwd: string): boolean {
  return statSync(resolve(cwd, word), { throwIfNoEntry: false })?.isFile() === true;
}
