import { realpathSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { CwfError, isCwfError } from '../base/errors.ts';
import { modelFolders } from '../io/metrics/models/files.ts';
import { type ModelManifest, readManifests } from '../io/metrics/models/manifest.ts';
import type { Context } from './context.ts';
import { readBytes } from './plain-files.ts';

/** What measuring needs of the world; a repository only for its settings and for notes. */
export interface MetricWorld {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  open(): Promise<Context>;
}

/** Where models are looked for, and the program for videos. */
export interface MetricSettings {
  readonly folders: readonly string[];
  readonly ffmpeg?: string;
}

/** The file of a folder of models that holds their manifests. */
const MANIFESTS = 'models.json';

/**
 * The settings of the repository that the folder lies in, and of the environment alone outside of one. Throws
 * CONFIG_INVALID, also for an ffmpeg inside the working tree: its files may come from others.
 */
export async function metricSettings(world: MetricWorld): Promise<MetricSettings> {
  const ctx = await openIfThere(world);
  if (!ctx) return { folders: modelFolders(undefined, world.env) };
  const { models_dir, ffmpeg } = ctx.config.metrics;
  const { workDir } = ctx.repo;
  if (ffmpeg !== null && isAbsolute(ffmpeg) && isInside(workDir, ffmpeg)) {
    const reason = `metrics.ffmpeg: ${ffmpeg} lies in the repository, and cwf runs no program of it`;
    throw new CwfError('CONFIG_INVALID', { source: '.cwfrc', reason });
  }
  const asked = models_dir === null ? undefined : resolve(workDir, models_dir);
  return { folders: modelFolders(asked, world.env), ...(ffmpeg === null ? {} : { ffmpeg }) };
}

/**
 * The manifests in `models.json` of each folder of models, first to last; of two with one id the first counts. Throws
 * MODEL_MANIFEST, FILE_UNREADABLE and what reading JSON throws.
 */
export function readModels(folders: readonly string[]): readonly ModelManifest[] {
  const models: ModelManifest[] = [];
  for (const folder of folders) {
    const path = join(folder, MANIFESTS);
    try {
      const read = readManifests(readBytes(path, path), path);
      models.push(...read.filter(({ id }) => !models.some((known) => known.id === id)));
    } catch (error) {
      if (!isCwfError(error, 'FILE_NOT_FOUND')) throw error;
    }
  }
  return models;
}

async function openIfThere(world: MetricWorld): Promise<Context | undefined> {
  try {
    return await world.open();
  } catch (error) {
    // Measuring needs no repository; in one that cwf cannot take there are no settings.
    if (isCwfError(error, 'REPO_NOT_FOUND', 'REPO_UNSUPPORTED')) return undefined;
    throw error;
  }
}

function isInside(folder: string, path: string): boolean {
  const way = relative(real(folder), real(path));
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
