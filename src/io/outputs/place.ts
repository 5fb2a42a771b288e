import { join } from 'node:path';
import { CwfError } from '../../base/errors.ts';

/**
 * Where the outputs of a repository lie. They belong to the repository and not to a working tree, so that every
 * branch sees the same ones; git neither stores nor sends them.
 *
 *   .git/cwf/outputs/ab/abcd...64       the bytes, named by their SHA-256
 *   .git/cwf/outputs/ab/abcd...64.json  what is known of them   |
 *   .git/cwf/outputs/ab/abcd...64.webp  a thumbnail             | both can be made again
 *   .git/cwf/outputs/ab/abcd...64.pin   a pointer file names it
 *   .git/cwf/tmp/output_*               what is being written; `cwf fsck` finds what a dead process left
 */
export interface OutputPlace {
  /** `.git/cwf/outputs`. */
  readonly folder: string;
  /** `.git/cwf/tmp`: on the same disk, so that a file can be moved in as a whole. */
  readonly tmp: string;
  /** Whether to wait for the disk. */
  readonly durable: boolean;
}

/** What stands beside the bytes of an output, by the ending of its name. */
export type Beside = '.json' | '.webp' | '.pin';

/** The place of the outputs in cwf's own folder (`.git/cwf`). Nothing is made before something is written. */
export function outputPlace(cwfDir: string, durable = true): OutputPlace {
  return { folder: join(cwfDir, 'outputs'), tmp: join(cwfDir, 'tmp'), durable };
}

/** Whether a text is the whole name of an output: 64 lower-case hex digits. */
export function isOutputId(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** The file of an output, or what stands beside it. Throws OUTPUT_FILE_NOT_FOUND for what is no name of one. */
export function outputPath(place: OutputPlace, id: string, beside: Beside | '' = ''): string {
  if (!isOutputId(id)) throw new CwfError('OUTPUT_FILE_NOT_FOUND', { output: id.slice(0, 80) });
  return join(place.folder, id.slice(0, 2), id + beside);
}
