import { CwfError } from '../../../base/errors.ts';
import { sha256 } from '../../../base/hash.ts';
import { isObject, type JsonObject } from '../../../base/json.ts';
import type { InputFile, OutputFile } from '../runner.ts';
import type { Server } from './address.ts';
import { ask, badAnswer, type HttpLimits, jsonOf, saying } from './http.ts';

/** How files of a kind begin: bytes, and where they stand. */
const MAGIC: Readonly<Record<string, readonly (readonly [at: number, bytes: string])[]>> = {
  png: [[0, '\x89PNG\r\n\x1a\n']],
  jpg: [[0, '\xff\xd8\xff']],
  jpeg: [[0, '\xff\xd8\xff']],
  webp: [
    [0, 'RIFF'],
    [8, 'WEBP'],
  ],
  gif: [[0, 'GIF8']],
  mp4: [[4, 'ftyp']],
  mov: [[4, 'ftyp']],
  webm: [[0, '\x1aE\xdf\xa3']],
  mkv: [[0, '\x1aE\xdf\xa3']],
  flac: [[0, 'fLaC']],
  ogg: [[0, 'OggS']],
  opus: [[0, 'OggS']],
  wav: [
    [0, 'RIFF'],
    [8, 'WAVE'],
  ],
  glb: [[0, 'glTF']],
  safetensors: [[8, '{']],
};

/**
 * Fetches an output through `/view`. Throws RUNNER_OUTPUT for one that is not there, that the server keeps back, that is
 * empty, or that is not what its ending says; and as `ask` does.
 */
export async function fetchFile(
  server: Server,
  file: OutputFile,
  limits: HttpLimits,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const { filename, subfolder, type } = file;
  const fail = (reason: string, cause?: unknown) =>
    new CwfError('RUNNER_OUTPUT', { runner: server.name, file: filename, reason }, { cause });
  const query = { filename, subfolder, type };
  const answer = await ask(server, '/view', limits, { query, ...(signal ? { signal } : {}) });
  if (answer.status !== 200) throw fail(`the server answers ${answer.status}${saying(answer)}`);
  if (answer.bytes.length === 0) throw fail('it is empty');
  const ending = /\.([a-z0-9]+)$/i.exec(filename)?.[1]?.toLowerCase() ?? '';
  const magic = Object.hasOwn(MAGIC, ending) ? MAGIC[ending]! : undefined;
  const isSo = magic?.every(([at, text]) => answer.bytes.toString('latin1', at, at + text.length) === text);
  if (isSo === false) throw fail(`it is no ${ending}`);
  if (isSo === undefined && answer.type === 'text/html' && !/^html?$/.test(ending)) throw fail('it is a page');
  return answer.bytes;
}

/**
 * Puts the files of a run on the server, each under a name made of its content, so that it is sent once and no file of
 * others is met; the prompt with the names that the server gives back. Throws RUNNER_ANSWER where it takes none.
 */
export async function withUploads(
  server: Server,
  prompt: JsonObject,
  inputs: readonly InputFile[],
  limits: HttpLimits,
): Promise<JsonObject> {
  const changed = { ...prompt };
  for (const { node, input, bytes, extension } of inputs) {
    const name = await upload(server, `cwf-${sha256(bytes).slice(0, 32)}${extension}`, bytes, limits);
    const old = changed[node];
    if (!isObject(old) || !isObject(old.inputs))
      throw new CwfError('ENGINE_PROMPT', { node, reason: 'it has no inputs' });
    changed[node] = { ...old, inputs: { ...old.inputs, [input]: name } };
  }
  return changed;
}

async function upload(server: Server, name: string, bytes: Uint8Array, limits: HttpLimits): Promise<string> {
  const form = new FormData();
  form.append('type', 'input');
  form.append('image', new Blob([bytes as Uint8Array<ArrayBuffer>]), name);
  const path = '/upload/image';
  const answer = jsonOf(server, path, await ask(server, path, limits, { method: 'POST', body: form }));
  if (!isObject(answer) || typeof answer.name !== 'string' || answer.name === '') {
    throw badAnswer(server, path, 'JSON without the name of the file');
  }
  const { subfolder } = answer;
  return typeof subfolder === 'string' && subfolder !== '' ? `${subfolder}/${answer.name}` : answer.name;
}
