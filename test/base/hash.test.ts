import { expect, it } from 'vitest';
import { sha256 } from '../../src/base/hash.ts';

it('sha256 of a text is that of its UTF-8 bytes, in hex', () => {
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(sha256('ä😀')).toBe(sha256(new TextEncoder().encode('ä😀')));
  expect(sha256(new Uint8Array())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});
