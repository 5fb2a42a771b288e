import { isCwfError } from '../base/errors.ts';
import { describeOutput, thumbnailOf } from '../io/outputs/describe.ts';
import type { OutputPlace } from '../io/outputs/place.ts';
import { putOutput } from '../io/outputs/store.ts';
import type { OutputFile, RunFacts, Runner } from '../io/runner/runner.ts';
import type { LostOutput, RunOutput } from './run-note.ts';

/** What became of the files of a run. */
export interface KeptOutputs {
  readonly outputs: readonly RunOutput[];
  readonly lost: readonly LostOutput[];
}

/** Files of one run that are kept: a note is read as a whole. */
const MOST_OUTPUTS = 1_000;
/** Characters of a name that the server chose. */
const MOST_NAME = 200;

/** Failures of one file, which leave the others alone; a full disk is the end. */
const OF_ONE_FILE = ['RUNNER_OUTPUT', 'RUNNER_ANSWER', 'RUNNER_UNREACHABLE'] as const;

/**
 * Fetches the files of a run and keeps each in the store, with a thumbnail where it is a picture. One that cannot be had
 * is told; so are those that nobody should fetch. Throws STORAGE_FAILED, REPO_READ_ONLY, RUNNER_AUTH.
 */
export async function keepOutputs(
  runner: Runner,
  { outputs: files, unsafe }: Pick<RunFacts, 'outputs' | 'unsafe'>,
  place: OutputPlace,
): Promise<KeptOutputs> {
  const outputs: RunOutput[] = [];
  const lost: LostOutput[] = unsafe.map(({ node, file, reason }) => ({ node, filename: file, reason }));
  for (const file of files.slice(0, MOST_OUTPUTS)) {
    try {
      outputs.push(await keepOutput(runner, file, place));
    } catch (error) {
      if (!isCwfError(error, ...OF_ONE_FILE)) throw error;
      const reason = typeof error.data.reason === 'string' ? error.data.reason : error.message;
      lost.push({ node: file.node, filename: file.filename, reason });
    }
  }
  const rest = files.length - MOST_OUTPUTS;
  const [next] = files.slice(MOST_OUTPUTS);
  if (next) {
    const reason = `it and ${rest - 1} more are over the ${MOST_OUTPUTS} files that are kept of a run`;
    lost.push({ node: next.node, filename: next.filename, reason });
  }
  return { outputs, lost };
}

async function keepOutput(runner: Runner, file: OutputFile, place: OutputPlace): Promise<RunOutput> {
  const { id } = await putOutput(place, [await runner.fetch(file)]);
  const { size, type, width, height, frames } = await describeOutput(place, id);
  if (width !== undefined) await makeThumbnail(place, id);
  const { filename, type: folder } = file;
  const [node, media] = [file.node.slice(0, MOST_NAME), file.media.slice(0, MOST_NAME)];
  const pixels = width === undefined ? {} : { width, height, frames };
  return { id, node, media, filename, folder, size, type, ...pixels };
}

async function makeThumbnail(place: OutputPlace, id: string): Promise<void> {
  try {
    await thumbnailOf(place, id);
  } catch (error) {
    // It is made when somebody asks for it, or told then why there is none.
    if (!isCwfError(error, 'IMAGE_INVALID')) throw error;
  }
}
