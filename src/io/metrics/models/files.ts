import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { CwfError } from '../../../base/errors.ts';
import { sniff } from '../sniff.ts';
import type { ModelFile, ModelManifest } from './manifest.ts';

/**
 * Folders in which models are looked for, first to last: the one that was asked for, those of `CWF_MODELS`, the cache of
 * the user.
 */
export function modelFolders(asked: string | undefined, env: Readonly<NodeJS.ProcessEnv>): readonly string[] {
  const named = (env['CWF_MODELS'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const cache =
    env['XDG_CACHE_HOME'] ?? (env['LOCALAPPDATA'] || join(env['HOME'] ?? env['USERPROFILE'] ?? homedir(), '.cache'));
  return [...(asked === undefined ? [] : [asked]), ...named, join(cache, 'cwf', 'models')];
}

/**
 * Finds a file of a model and checks that it is the one of the manifest, size first. `checked` remembers what was hashed
 * in this process, by path, size and time of change. Throws MODEL_MISSING, MODEL_INVALID.
 */
export async function locate(
  { id }: ModelManifest,
  file: ModelFile,
  folders: readonly string[],
  checked: Map<string, string>,
): Promise<string> {
  const { path, found } = await search(id, file, folders);
  const key = `${path}\0${found.size}\0${found.mtimeMs}\0${found.ino}`;
  if (checked.get(key) === file.sha256) return path;
  await check(id, file, path, found.size);
  checked.set(key, file.sha256);
  return path;
}

/** Looks for every file of a model, and reads none: its digest is checked when it is used. Throws MODEL_MISSING, MODEL_INVALID. */
export async function findModel({ id, files }: ModelManifest, folders: readonly string[]): Promise<void> {
  for (const file of files) {
    const { found } = await search(id, file, folders);
    if (found.size === file.size) continue;
    const reason = `it has ${found.size} bytes, not ${file.size}`;
    throw new CwfError('MODEL_INVALID', { model: id, file: file.path, reason });
  }
}

async function search(
  model: string,
  file: ModelFile,
  folders: readonly string[],
): Promise<{ readonly path: string; readonly found: Stats }> {
  for (const folder of folders) {
    const path = join(folder, file.path);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile()) return { path, found };
  }
  throw new CwfError('MODEL_MISSING', { model, file: file.path, folders });
}

async function check(model: string, file: ModelFile, path: string, size: number): Promise<void> {
  const fail = (reason: string) => new CwfError('MODEL_INVALID', { model, file: file.path, reason });
  const disguise = await disguised(path);
  if (disguise !== undefined) throw fail(`it is a ${disguise}`);
  if (size < file.size) throw fail(`it is cut off: ${size} of ${file.size} bytes`);
  if (size > file.size) throw fail(`it has ${size} bytes, not ${file.size}`);
  const hash = createHash('sha256');
  for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(part as Buffer);
  const actual = hash.digest('hex');
  if (actual !== file.sha256) throw fail(`its sha256 is ${actual}, not ${file.sha256}`);
}

/** What else a file is: the page or pointer that servers send in place of one. */
async function disguised(path: string): Promise<string | undefined> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
    const type = sniff(buffer.subarray(0, bytesRead));
    return type === 'HTML page' || type === 'Git LFS pointer' ? type : undefined;
  } finally {
    await file.close();
  }
}
