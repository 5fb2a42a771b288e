import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { CwfError } from '../../base/errors.ts';
import { loadSharp, type Unavailable } from './decode.ts';
import { type MeasureSetup, noModel } from './measure.ts';
import { type Metric, MODEL_KINDS } from './metric.ts';
import { findModel } from './models/files.ts';
import { loadRuntime } from './models/network.ts';
import { FFMPEG_HINT } from './video-frames.ts';

/**
 * Why a metric cannot run here, whatever is measured; undefined when it can. Files of a model are looked for, and read
 * only when something is measured with them.
 */
export async function whyUnavailable(
  { needs }: Metric,
  { models = [], modelFolders = [] }: MeasureSetup,
): Promise<Unavailable | undefined> {
  try {
    await loadSharp();
    for (const kind of MODEL_KINDS) {
      if (!needs.includes(kind)) continue;
      const manifest = models.find((each) => each.kind === kind);
      if (!manifest) return noModel(kind);
      await findModel(manifest, modelFolders);
      await loadRuntime();
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof CwfError)) throw error;
    return { kind: 'unavailable', reason: error.message, hint: error.hint };
  }
}

/** Why no video can be measured here. The program is looked for in the folders of `PATH`, and not started. */
export async function whyNoVideo(
  ffmpeg: string | undefined,
  env: Readonly<NodeJS.ProcessEnv>,
): Promise<Unavailable | undefined> {
  const missing = (reason: string): Unavailable => ({ kind: 'unavailable', reason, hint: FFMPEG_HINT });
  if (ffmpeg === undefined) return missing('no ffmpeg is set');
  const folders = isAbsolute(ffmpeg) ? [''] : (env['PATH'] ?? env['Path'] ?? '').split(delimiter);
  for (const folder of folders) {
    for (const ending of ['', '.exe']) {
      const path = folder === '' ? ffmpeg : join(folder, ffmpeg);
      const isThere = await access(`${path}${ending}`, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (isThere) return undefined;
    }
  }
  return missing(`there is no program ${ffmpeg}`);
}
