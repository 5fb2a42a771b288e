import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Three texts and how git marks where they conflict. */
export interface TextMerge {
  readonly base: string | Uint8Array;
  readonly ours: string | Uint8Array;
  readonly theirs: string | Uint8Array;
  readonly labels: { readonly base: string; readonly ours: string; readonly theirs: string };
  /** Length of the conflict markers. */
  readonly markerSize: number;
}

/** What git's merge by lines gives. */
export interface MergedText {
  readonly bytes: Buffer;
  /** Number of places with conflict markers; git counts up to 127. */
  readonly conflicts: number;
}

/** Most bytes of a merged text: both sides of the largest workflow, twice. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Git's own merge of texts (`git merge-file`, in the conflict style of the user's configuration). Undefined when git
 * cannot be run or refuses, as it does for binary files.
 */
export function mergeText({ base, ours, theirs, labels, markerSize }: TextMerge): MergedText | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'cwf-merge-'));
  try {
    const files = Object.entries({ ours, base, theirs }).map(([name, text]) => {
      const file = join(folder, name);
      writeFileSync(file, text);
      return file;
    });
    const names = [labels.ours, labels.base, labels.theirs].flatMap((label) => ['-L', label]);
    const args = ['merge-file', '-p', `--marker-size=${markerSize}`, ...names, ...files];
    const { status, stdout } = spawnSync('git', args, {
      maxBuffer: MAX_BYTES,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (status === null || status > 127) return undefined;
    return { bytes: stdout, conflicts: status };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
