import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { png } from '../io/media/images.ts';
import { served, type TestServer } from './served.ts';

/** Puts bytes into the store over HTTP and returns their name. */
async function stored(server: TestServer, name: string, bytes: Uint8Array): Promise<string> {
  server.write(name, bytes);
  const { status, body } = await server.post('/api/output/add', { file: name });
  expect(status).toBe(200);
  return body.id;
}

describe('bytes of outputs', () => {
  it('of pictures are shown, of everything that a browser might run only saved [SV-27]', async () => {
    const server = await served();
    const picture = await server.get(`/api/outputs/${await stored(server, 'a.png', png())}`);
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(picture.headers.get('content-disposition')).toBeNull();
    const script = '<script>fetch("/api/op/log")</script>';
    const hostile = [
      `<html>${script}</html>`,
      `<svg xmlns="http://www.w3.org/2000/svg">${script}</svg>`,
      `%PDF-1.4 ${script}`,
      `{"a":"${script}"}`,
    ];
    for (const [at, text] of hostile.entries()) {
      const id = await stored(server, `x${at}.png`, Buffer.from(text));
      const { status, headers } = await server.get(`/api/outputs/${id}`);
      expect([status, headers.get('content-type')], text).toEqual([200, 'application/octet-stream']);
      expect(headers.get('content-disposition')).toMatch(/^attachment; filename="[0-9a-f]{16}\.bin"$/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain('sandbox');
    }
    expect((await server.get('/api/outputs/0123')).status).toBe(404);
    expect((await server.get('/api/outputs/config')).status).toBe(404);
  });

  it('are made small for those who look at many pictures [SV-27]', async () => {
    const server = await served();
    const large = await sharp({ create: { width: 700, height: 350, channels: 3, background: '#336699' } })
      .png()
      .toBuffer();
    const id = await stored(server, 'large.png', large);
    const small = async (width: string) => {
      const url = `${server.url}/api/outputs/${id}?width=${width}`;
      const answer = await fetch(url, { headers: { authorization: `Bearer ${server.token}` } });
      const { width: w, height: h, format } = await sharp(Buffer.from(await answer.arrayBuffer())).metadata();
      return {
        size: `${w}x${h} ${format}`,
        etag: answer.headers.get('etag'),
        cache: answer.headers.get('cache-control'),
      };
    };
    const cache = 'private, max-age=31536000, immutable';
    expect(await small('64')).toEqual({ size: '64x32 webp', etag: `"${id}-64"`, cache });
    expect(await small('256')).toEqual({ size: '256x128 webp', etag: `"${id}-256"`, cache });
    expect(await small('1024')).toEqual({ size: '700x350 webp', etag: `"${id}-1024"`, cache });
    for (const width of ['0', '65', '1e3', '-64', '99999999', ''])
      expect((await server.get(`/api/outputs/${id}?width=${width}`)).status, width).toBe(400);
    const text = await stored(server, 'x.txt', Buffer.from('no picture'));
    const { status, headers, body } = await server.get(`/api/outputs/${text}?width=64`);
    expect([status, body.code, headers.get('cache-control')]).toEqual([422, 'IMAGE_INVALID', 'no-store']);
  });

  it('are given in one range, or not at all [SV-28]', async () => {
    const server = await served();
    const id = await stored(server, 'x.bin', Buffer.from('0123456789'));
    const part = async (range: string) => {
      const { status, body, headers } = await server.get(`/api/outputs/${id}`, { range });
      return status === 206 ? [body, headers.get('content-range')] : status;
    };
    expect(await part('bytes=0-3')).toEqual(['0123', 'bytes 0-3/10']);
    expect(await part('bytes=8-')).toEqual(['89', 'bytes 8-9/10']);
    expect(await part('bytes=-2')).toEqual(['89', 'bytes 8-9/10']);
    expect(await part('bytes=5-100')).toEqual(['56789', 'bytes 5-9/10']);
    for (const range of [
      'bytes=0-,0-,0-',
      'bytes=10-',
      'bytes=5-3',
      'bytes=-',
      'lines=0-1',
      'bytes=-0',
      `bytes=${'9'.repeat(40)}-`,
    ])
      expect(await part(range), range).toBe(416);
  });
});
