import { CwfError } from '../src/base/errors.ts';
import { type OutputBytes, readOutputBytes, readSmallPicture } from '../src/porcelain/output-bytes.ts';
import type { Exchange, World } from './app-env.ts';

/** What a browser may show on a page of ours: pictures, sounds and videos run no script. */
const INLINE = /^(image\/(png|jpeg|webp|gif|avif)|video\/(mp4|webm|quicktime)|audio\/(flac|ogg|mpeg|wav))$/;

/** `GET /api/outputs/<sha256>`: the bytes of an output, or of it as a small picture, all or one range. [SV-27] [SV-28] */
export async function sendOutput(c: Exchange, { ctx }: World): Promise<Response> {
  const [name, width] = [c.req.param('output') ?? '', c.req.query('width')];
  const output = await (width === undefined ? readOutputBytes(ctx, name) : readSmallPicture(ctx, name, width));
  const headers: Record<string, string> = {
    'content-type': output.type,
    'accept-ranges': 'bytes',
    etag: `"${output.id}"`,
    // Its name is its content: it never changes.
    'cache-control': 'private, max-age=31536000, immutable',
    'content-security-policy': "default-src 'none'; sandbox",
  };
  if (!INLINE.test(output.type))
    headers['content-disposition'] = `attachment; filename="${output.id.slice(0, 16)}.bin"`;
  const range = c.req.header('range');
  if (range === undefined) return c.body(output.bytes(0, output.size), 200, headers);
  const [from, to] = rangeOf(range, output);
  headers['content-range'] = `bytes ${from}-${to - 1}/${output.size}`;
  return c.body(output.bytes(from, to), 206, headers);
}

/** The one range that is asked for, without its end. Throws RANGE_REFUSED for several, and for one that is not there. */
function rangeOf(range: string, { size }: OutputBytes): readonly [number, number] {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (first + last === '' || from >= to) throw new CwfError('RANGE_REFUSED', { range: range.slice(0, 80) });
  return [from, to];
}
