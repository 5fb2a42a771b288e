import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, dirname, extname, join, relative } from 'node:path';
import { NodeFailure } from '../failure.ts';
import type { Folders } from '../operation.ts';
import { inFolder } from '../paths.ts';
import { writeWhole } from '../write-file.ts';

/** An answer with a body of bytes. */
export interface FileAnswer {
  readonly status: number;
  readonly type?: string;
  readonly name?: string;
  readonly body?: Uint8Array;
}

const TYPES: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
};

const isFolder = (type: string): type is keyof Folders => ['input', 'output', 'temp'].includes(type);

/** `GET /view`: a file of a folder, smaller or with other channels where that is asked for. */
export async function view(folders: Folders, query: URLSearchParams): Promise<FileAnswer> {
  const filename = query.get('filename');
  const type = query.get('type') ?? 'output';
  if (filename === null) return { status: 404 };
  if (filename === '' || filename.startsWith('/') || filename.includes('..') || !isFolder(type)) return { status: 400 };
  const name = basename(filename);
  const path = place(folders[type], join(query.get('subfolder') ?? '', name));
  if (path === undefined) return { status: 403 };
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return { status: 404 };
  const known = TYPES[extname(name).toLowerCase()];
  if (known === undefined) return { status: 200, name, type: 'application/octet-stream', body: bytes };
  try {
    return { status: 200, name, ...(await shown(bytes, known, query)) };
  } catch {
    return { status: 500 };
  }
}

async function shown(bytes: Buffer, type: string, query: URLSearchParams): Promise<{ type: string; body: Uint8Array }> {
  const preview = query.get('preview');
  const channel = query.get('channel') ?? 'rgba';
  if (preview === null && channel === 'rgba') return { type, body: bytes };
  const { default: sharp } = await import('sharp');
  const options = { limitInputPixels: 2 ** 27, failOn: 'error' } as const;
  if (preview !== null) {
    const [format, quality = '90'] = preview.split(';');
    const level = /^\d+$/.test(quality) ? Math.min(100, Math.max(1, Number(quality))) : 90;
    const picture =
      channel === 'rgb' || format === 'jpeg' ? sharp(bytes, options).removeAlpha() : sharp(bytes, options);
    const encoded = format === 'jpeg' ? picture.jpeg({ quality: level }) : picture.webp({ quality: level });
    return { type: format === 'jpeg' ? 'image/jpeg' : 'image/webp', body: await encoded.toBuffer() };
  }
  if (channel === 'rgb') return { type: 'image/png', body: await sharp(bytes, options).removeAlpha().png().toBuffer() };
  // Only the alpha: nothing but the alpha of the picture is left of it.
  const { data, info } = await sharp(bytes, options).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  for (let i = 0; i < data.length; i++) if (i % 4 !== 3) data[i] = 0;
  const raw = { width: info.width, height: info.height, channels: 4 } as const;
  return { type: 'image/png', body: await sharp(data, { raw }).png().toBuffer() };
}

/**
 * `POST /upload/image`: puts a file into a folder. The same bytes keep their name, others get a number; undefined for a
 * form without a file and for places outside, which the server answers with 400. Throws a NodeFailure where the system
 * takes no more, and leaves what was there.
 */
export async function upload(
  folders: Folders,
  form: FormData,
): Promise<{ name: string; subfolder: string; type: string } | undefined> {
  const file = form.get('image');
  const type = String(form.get('type') ?? 'input');
  const subfolder = String(form.get('subfolder') ?? '');
  if (!(file instanceof File) || file.name === '' || !isFolder(type)) return undefined;
  const overwrite = ['true', '1'].includes(String(form.get('overwrite') ?? ''));
  const bytes = Buffer.from(await file.arrayBuffer());
  const first = place(folders[type], join(subfolder, file.name));
  if (first === undefined || basename(first) !== basename(file.name)) return undefined;
  let path = first;
  const ending = extname(first);
  for (let i = 1; !overwrite; i++) {
    const there = await readFile(path).catch(() => undefined);
    if (there === undefined || hashOf(there) === hashOf(bytes)) break;
    path = `${first.slice(0, first.length - ending.length)} (${i})${ending}`;
  }
  await mkdir(dirname(path), { recursive: true });
  await writeWhole(path, bytes);
  return { name: relative(join(folders[type], subfolder), path), subfolder, type };
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function place(folder: string, name: string): string | undefined {
  try {
    return inFolder(folder, name);
  } catch (error) {
    if (error instanceof NodeFailure) return undefined;
    throw error;
  }
}
