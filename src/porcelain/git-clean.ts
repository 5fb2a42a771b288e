import { formatWorkflow } from '../core/workflow/write.ts';
import { fdChannel, serveFilter } from '../io/drivers/filter-process.ts';
import { leftToGit, readDriverFile } from './driver-file.ts';

/** What git stores of a file, and what to tell about it. */
export interface Cleaned {
  readonly bytes: Uint8Array;
  readonly note?: string;
}

/**
 * The bytes git stores for a working file: canonical text for a workflow, so that a save with other key order, node
 * order or view is no change; the very same bytes for anything else. [GD-4]
 */
export function clean(bytes: Uint8Array, source: string): Cleaned {
  const file = readDriverFile(bytes, source);
  if (file.kind === 'other') return { bytes };
  if (file.kind === 'broken') return { bytes, note: leftToGit(file.error) };
  return { bytes: Buffer.from(formatWorkflow(file.workflow)) };
}

/** Cleans file after file as git asks for them on stdin, until it closes it; `note` tells what was left as it is. */
export function filterProcess(write: (bytes: Uint8Array) => void, note: (line: string) => void): void {
  serveFilter(fdChannel(0, write), (content, path) => {
    try {
      const cleaned = clean(content, path);
      if (cleaned.note) note(cleaned.note);
      return cleaned.bytes;
    } catch (error) {
      note(`cwf: ${path}: stored as it is: ${(error as Error).message}`);
      throw error;
    }
  });
}
