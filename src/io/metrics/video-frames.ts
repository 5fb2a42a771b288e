import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { CwfError } from '../../base/errors.ts';
import type { Unavailable } from './decode.ts';
import { METRIC_LIMITS } from './limits.ts';
import { type Picture, pictureOf } from './picture.ts';

/** What to do where videos cannot be decoded. */
export const FFMPEG_HINT = 'Install ffmpeg, and name it in .cwfrc: "metrics": { "ffmpeg": "ffmpeg" }.';

/**
 * The frames of a video as ffmpeg decodes them: started with an argument array and no shell, allowed to open that one
 * file only, stopped after a time, a number of frames or of pixels. It writes PPM images, whose headers carry the size.
 * Throws IMAGE_INVALID when ffmpeg cannot read the file, IMAGE_TOO_LARGE.
 */
export async function readVideo(
  path: string,
  name: string,
  type: string,
  ffmpeg: string | undefined,
): Promise<readonly Picture[] | Unavailable> {
  const hint = FFMPEG_HINT;
  if (ffmpeg === undefined) return { kind: 'unavailable', reason: `${name} is a video, and no ffmpeg is set`, hint };
  const outcome = await run(ffmpeg, argumentsFor(path), name);
  if (outcome.missing !== undefined) {
    return { kind: 'unavailable', reason: `${ffmpeg} cannot be started: ${outcome.missing}`, hint };
  }
  const fail = (reason: string) => new CwfError('IMAGE_INVALID', { source: name, type, reason });
  if (outcome.late) throw fail(`ffmpeg took longer than ${METRIC_LIMITS.decodeMs / 1000} s`);
  if (outcome.code !== 0) throw fail(outcome.message === '' ? `ffmpeg ended with ${outcome.code}` : outcome.message);
  const frames = readPpm(Buffer.concat(outcome.output), fail);
  if (frames.length === 0) throw fail('ffmpeg found no frame in it');
  if (frames.length > METRIC_LIMITS.frames) {
    const what = `more than ${METRIC_LIMITS.frames} frames`;
    throw new CwfError('IMAGE_TOO_LARGE', { source: name, what, limit: METRIC_LIMITS.frames });
  }
  return frames;
}

function argumentsFor(path: string): readonly string[] {
  return [
    ...['-nostdin', '-hide_banner', '-loglevel', 'error', '-timelimit', '120', '-protocol_whitelist', 'file,pipe'],
    // One more than may be read, to tell a longer video from one that just fits.
    ...['-i', `file:${resolve(path)}`, '-map', '0:v:0', '-frames:v', String(METRIC_LIMITS.frames + 1)],
    ...['-fps_mode', 'passthrough', '-f', 'image2pipe', '-c:v', 'ppm', '-pix_fmt', 'rgb24', 'pipe:1'],
  ];
}

interface Outcome {
  readonly output: readonly Buffer[];
  readonly message: string;
  readonly code: number | null;
  readonly late: boolean;
  /** Why the program did not start. */
  readonly missing?: string;
}

function run(program: string, args: readonly string[], name: string): Promise<Outcome> {
  return new Promise((done, failed) => {
    const child = spawn(program, args, { shell: false, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    const output: Buffer[] = [];
    let bytes = 0;
    let message = '';
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, METRIC_LIMITS.decodeMs);
    child.stdout.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes <= METRIC_LIMITS.totalPixels * 3) return void output.push(part);
      child.kill('SIGKILL');
      failed(new CwfError('IMAGE_TOO_LARGE', { source: name, what: 'its frames', limit: METRIC_LIMITS.totalPixels }));
    });
    child.stderr.on('data', (part: Buffer) => {
      message = (message + part.toString('utf8')).slice(0, 300);
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      const missing = error.code === 'ENOENT' ? 'no such program' : error.message;
      done({ output, message, code: null, late, missing });
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      done({ output, message: message.trim().split('\n')[0] ?? '', code, late });
    });
  });
}

/** Binary PPM images one behind the other, all of one size. */
function readPpm(bytes: Buffer, fail: (reason: string) => Error): Picture[] {
  const frames: Picture[] = [];
  for (let pos = 0; pos < bytes.length; ) {
    const header = /^P6\s(\d{1,5})\s(\d{1,5})\s255\s/.exec(bytes.toString('latin1', pos, pos + 24));
    if (!header) throw fail('ffmpeg wrote something that is no image');
    const [width, height] = [Number(header[1]), Number(header[2])];
    const start = pos + header[0].length;
    pos = start + width * height * 3;
    if (pos > bytes.length) throw fail('the last frame is cut off');
    if (width * height === 0 || (frames[0] && (frames[0].width !== width || frames[0].height !== height))) {
      throw fail('its frames differ in size');
    }
    frames.push(pictureOf(width, height, bytes.subarray(start, pos)));
  }
  return frames;
}
