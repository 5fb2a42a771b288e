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
