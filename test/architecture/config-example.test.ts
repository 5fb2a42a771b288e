import { expect, test } from 'vitest';
import { DEFAULT_CONFIG, parseConfig } from '../../src/porcelain/config.ts';
import { read } from './sources.ts';

test('.cwfrc.example holds every key with its default and a comment, and is read by the real reader', async () => {
  const text = read('.cwfrc.example');
  expect(await parseConfig(text, '.cwfrc.example')).toEqual(DEFAULT_CONFIG);
  for (const key of Object.keys(DEFAULT_CONFIG)) expect(text).toMatch(new RegExp(`//[^\\n]*\\n  "${key}":`));
});
