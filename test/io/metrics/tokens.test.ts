import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadTokenizer } from '../../../src/io/metrics/models/tokens.ts';
import { withCorpus } from '../../corpus.ts';
import { tinyTokenizer } from './tiny-onnx.ts';

const dir = mkdtempSync(join(tmpdir(), 'cwf-tokens-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const fail = (reason: string) => new Error(reason);
const { json, config, vocab } = tinyTokenizer();
const path = join(dir, 'tokenizer.json');
const configPath = join(dir, 'tokenizer_config.json');
writeFileSync(path, JSON.stringify(json));
writeFileSync(configPath, JSON.stringify(config));

it('words become the tokens of the vocabulary, filled up to the context', async () => {
  const tokenize = await loadTokenizer(path, configPath, fail);
  const { ids, mask, truncated } = tokenize('A dog, a CAT', 12);
  const words = ['<|startoftext|>', 'a</w>', 'dog</w>', ',</w>', 'a</w>', 'cat</w>', '<|endoftext|>'];
  expect(ids).toEqual([...words.map((word) => vocab[word]), ...new Array(5).fill(vocab['<|endoftext|>'])]);
  expect(mask).toEqual([1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0]);
  expect(truncated).toBe(false);
});

it('a long text keeps its beginning and the end token', async () => {
  const tokenize = await loadTokenizer(path, undefined, fail);
  const { ids, truncated } = tokenize('cat '.repeat(30), 8);
  expect(ids).toEqual([vocab['<|startoftext|>'], ...new Array(6).fill(vocab['cat</w>']), vocab['<|endoftext|>']]);
  expect(truncated).toBe(true);
  expect(tokenize('cat '.repeat(6), 8).truncated).toBe(false);
});

withCorpus('metrics-ref', (folder) => {
  /** CLIP's own tokenizer.json, which is not part of the corpus. */
  const own = process.env['CWF_CLIP_TOKENIZER'];
  if (own === undefined)
    console.warn('CWF_CLIP_TOKENIZER names no tokenizer.json: the token ids of CLIP are not compared');
  it.skipIf(own === undefined)('the token ids of CLIP', async () => {
    const tokenize = await loadTokenizer(own!, undefined, fail);
    const prompts: string[] = JSON.parse(readFileSync(`${folder}/prompts.json`, 'utf8'));
    const wanted: number[][] = JSON.parse(readFileSync(`${folder}/ids_py.json`, 'utf8'));
    for (const [i, prompt] of prompts.entries()) {
      const { ids, mask } = tokenize(prompt, 1000);
      expect(ids.slice(0, mask.lastIndexOf(1) + 1), prompt).toEqual(wanted[i]);
    }
  });
});
