import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { applyEdits } from '../../src/core/edit/compile.ts';
import { applyPatch, readPatch } from '../../src/core/edit/patch.ts';
import { commit } from '../../src/porcelain/commit.ts';
import { convert } from '../../src/porcelain/convert.ts';
import {
  type DiffDocumentsInput,
  type DiffDocumentsOutput,
  diffDocuments,
  nameDocuments,
} from '../../src/porcelain/diff-documents.ts';
import { withCorpus } from '../corpus.ts';
import { png, text as pngText } from '../io/media/images.ts';
import { apiDocument, read, uiDocument } from '../laws/arbitrary.ts';
import { apiGraph, apiWith, text, uiGraph } from './samples.ts';
import { failure, type Temp, tempDir, tempRepo } from './temp.ts';

/** A folder that is no repository, with files in it. */
function folder(files: Record<string, unknown>): string {
  const dir = tempDir();
  for (const [file, value] of Object.entries(files)) {
    const bytes = typeof value === 'string' || value instanceof Uint8Array ? value : text(value);
    writeFileSync(join(dir, file), bytes);
  }
  return dir;
}

interface From {
  readonly stdin?: string | Uint8Array;
  readonly repo?: Temp;
  readonly view?: DiffDocumentsInput['view'];
}

function compare(
  dir: string,
  a: string,
  b: string,
  { stdin = '', repo, view }: From = {},
): Promise<DiffDocumentsOutput> {
  const open = async () => {
    if (repo) return repo.open();
    throw new Error('the repository was opened');
  };
  async function* input() {
    yield Buffer.from(stdin);
  }
  return diffDocuments({ words: [a, b], view }, { cwd: dir, now: () => 0, stdin: input, open });
}

const texts = ({ files }: DiffDocumentsOutput): string[] =>
  files.flatMap(({ lines }) => lines.map((line) => line.text));
const image = (parts: Record<string, unknown>): Buffer =>
  png(...Object.entries(parts).map(([key, value]) => pngText(key, JSON.stringify(value))));

describe('[DF-1] two words are documents', () => {
  it('when both say so by name, by place, or by being there', () => {
    const dir = folder({ 'a.json': apiGraph(), odd: apiGraph(), main: '', 'x..y.json': apiGraph() });
    mkdirSync(join(dir, 'sub.json'));
    const yes: [string, string][] = [
      ['a.json', 'gone.json'],
      ['a.json', '-'],
      ['HEAD~1:a.json', 'a.json'],
      [':a.json', 'out.png'],
      ['./odd', 'a.json'],
      [join(dir, 'odd'), 'clip.MP4'],
      ['x..y.json', 'a.json'],
      ['../a.json', 'a.json'],
      ['song.flac', 'shot.webp'],
    ];
    for (const words of yes) expect(nameDocuments(words, dir), words.join(' ')).toBe(true);
    const no: string[][] = [
      [],
      ['a.json'],
      ['a.json', 'a.json', 'a.json'],
      ['main', 'a.json'],
      ['odd', 'a.json'],
      ['HEAD~1', 'a.json'],
      ['main..side.json', 'a.json'],
      ['a.json', 'sub'],
      ['./nowhere', 'a.json'],
    ];
    for (const words of no) expect(nameDocuments(words, dir), words.join(' ')).toBe(false);
  });

  it('compares files without a repository', async () => {
    const dir = folder({ 'a.json': apiGraph(), 'b.json': apiWith('3', 'steps', 30) });
    const out = await compare(dir, 'a.json', 'b.json');
    expect(texts(out)).toEqual(['KSampler "portrait" (3): steps 20 -> 30']);
    expect(out).toMatchObject({
      a: { name: 'a.json', type: 'JSON', format: 'api', converted: false },
      b: { name: 'b.json' },
      files: [{ file: 'b.json', kind: 'changed', graph: 1 }],
      graphChanged: true,
    });
    expect(await compare(dir, 'a.json', 'a.json')).toMatchObject({ files: [], graphChanged: false });
  });

  it('reads stdin on one side, and files of a revision from the top or from here', async () => {
    const repo = await tempRepo({ 'sub/a.json': apiGraph(), '.cwfrc': '{ "durability": "normal" }' });
    await commit.run(repo.ctx, {});
    const dir = join(repo.dir, 'sub');
    const here = { ...repo, open: () => repo.open({ cwd: dir }) };
    const stdin = text(apiWith('3', 'steps', 30));
    for (const words of [
      ['HEAD:sub/a.json', '-'],
      [':sub/a.json', '-'],
      ['HEAD:./a.json', '-'],
    ])
      expect(texts(await compare(dir, words[0]!, words[1]!, { stdin, repo: here }))).toEqual([
        'KSampler "portrait" (3): steps 20 -> 30',
      ]);
    expect(await compare(dir, '-', 'HEAD:sub/a.json', { stdin, repo })).toMatchObject({ a: { name: 'stdin' } });
    await failure('USAGE', compare(dir, '-', '-'));
  });

  it('reads images of a revision too', async () => {
    const repo = await tempRepo({ 'out.png': image({ prompt: apiGraph() }), 'b.json': apiGraph() });
    repo.git('add', '.');
    repo.git('commit', '-qm', 'files');
    expect(await compare(repo.dir, 'HEAD:out.png', 'b.json', { repo })).toMatchObject({
      a: { type: 'PNG', part: 'prompt' },
      files: [],
    });
    await failure('FILE_NOT_FOUND', compare(repo.dir, 'HEAD:no.png', 'b.json', { repo }));
    await failure('REV_NOT_FOUND', compare(repo.dir, 'nope:out.png', 'b.json', { repo }));
    await failure('FILE_NOT_FOUND', compare(repo.dir, 'HEAD:no.json', 'b.json', { repo }));
  });

  it('names the side that cannot be read, and the next step', async () => {
    const dir = folder({
      'a.json': apiGraph(),
      'broken.json': '{"1": {',
      'other.json': '{"a": 1}',
      'list.json': '[]',
      'cut.png': image({ prompt: apiGraph() }).subarray(0, 60),
      'plain.png': png(),
      'text.png': 'no image',
      'bad.png': png(pngText('workflow', '{"nodes": [')),
    });
    mkdirSync(join(dir, 'sub.json'));
    const cases = [
      ['gone.json', 'FILE_NOT_FOUND', /gone\.json/],
      ['broken.json', 'JSON_SYNTAX', /^broken\.json:1:8/],
      ['other.json', 'NOT_A_WORKFLOW', /^other\.json/],
      ['list.json', 'NOT_A_WORKFLOW', /^list\.json/],
      ['sub.json', 'FILE_IS_FOLDER', /^sub\.json/],
      ['cut.png', 'IMAGE_INVALID', /^cut\.png/],
      ['plain.png', 'IMAGE_NO_WORKFLOW', /^plain\.png/],
      ['text.png', 'IMAGE_INVALID', /^text\.png/],
      ['bad.png', 'JSON_SYNTAX', /^bad\.png \(workflow\)/],
      ['', 'FILE_NOT_FOUND', /no such file/],
    ] as const;
    for (const [name, code, message] of cases) {
      const first = await failure(code, compare(dir, name, 'a.json'));
      expect(first.message).toMatch(message);
      expect(first.hint).toContain('It is the first of the two documents.');
      expect(first.data['side']).toBe('a');
      const second = await failure(code, compare(dir, 'a.json', name));
      expect(second.hint).toContain('the second');
    }
    const gone = await failure('FILE_NOT_FOUND', compare(dir, 'gone.json', 'a.json'));
    expect(gone.hint).toContain('`cwf diff -- <files>`');
    await failure('JSON_SYNTAX', compare(dir, '-', 'a.json', { stdin: '{' }));
    await failure('IMAGE_INVALID', compare(dir, '-', 'a.json', { stdin: 'hello' }));
  });
});

describe('[DF-2] documents of different formats', () => {
  const prompt = (dir: string, file: string): JsonObject =>
    convert({ files: [file], to: 'api' }, { cwd: dir, now: () => 0 }).files[0]!.document as JsonObject;

  it('are compared as prompts, either way round', async () => {
    const dir = folder({ 'ui.json': uiGraph() });
    const api = prompt(dir, 'ui.json');
    writeFileSync(join(dir, 'api.json'), text(api));
    const out = await compare(dir, 'ui.json', 'api.json');
    expect(out).toMatchObject({
      a: { format: 'api', converted: true },
      b: { format: 'api', converted: false },
      graphChanged: false,
    });
    const [id] = Object.keys(api);
    (api[id!] as JsonObject)['inputs'] = { ...((api[id!] as JsonObject)['inputs'] as JsonObject), ckpt_name: 'b' };
    writeFileSync(join(dir, 'api.json'), text(api));
    for (const words of [
      ['ui.json', 'api.json'],
      ['api.json', 'ui.json'],
    ])
      expect((await compare(dir, words[0]!, words[1]!)).files).toMatchObject([{ graph: 1 }]);
  });

  it('take from an image what the other side has too', async () => {
    const dir = folder({
      'ui.json': uiGraph(),
      'api.json': apiWith('3', 'steps', 30),
      'both.png': image({ workflow: uiGraph(), prompt: apiGraph() }),
      'prompt.png': image({ prompt: apiGraph() }),
      'named.json': image({ workflow: uiGraph() }),
    });
    expect(await compare(dir, 'both.png', 'ui.json')).toMatchObject({ a: { part: 'workflow' }, graphChanged: false });
    const out = await compare(dir, 'both.png', 'api.json');
    expect(out).toMatchObject({ a: { part: 'prompt', converted: false }, b: { converted: false } });
    expect(texts(out)).toEqual(['KSampler "portrait" (3): steps 20 -> 30']);
    expect(await compare(dir, 'both.png', 'prompt.png')).toMatchObject({ a: { part: 'prompt' }, files: [] });
    expect(await compare(dir, 'both.png', 'both.png')).toMatchObject({ a: { part: 'workflow' }, files: [] });
    expect(await compare(dir, 'prompt.png', 'ui.json')).toMatchObject({ b: { converted: true } });
    expect(await compare(dir, 'named.json', 'ui.json')).toMatchObject({ a: { type: 'PNG' }, files: [] });
  });

  it('are refused on the side that cannot be converted', async () => {
    const graph = uiGraph();
    graph.nodes.push({
      id: 99,
      type: 'NobodyKnowsThis',
      pos: [0, 0],
      inputs: [],
      outputs: [],
      mode: 0,
      widgets_values: [1],
    });
    const dir = folder({ 'ui.json': graph, 'api.json': apiGraph() });
    const error = await failure('CONVERT_REFUSED', compare(dir, 'api.json', 'ui.json'));
    expect(error.message).toMatch(/^ui\.json/);
    expect(error.data['side']).toBe('b');
  });

  withCorpus('groundtruth', (path) => {
    it('differ in nothing that runs, where the page made the one of the other', async () => {
      const names = [
        'image_flux2_klein_image_edit_9b_base',
        'video_wan2_2_14B_s2v',
        'api_bytedance_seedream_5_0_flash_t2i',
      ];
      let compared = 0;
      for (const name of names) {
        const template = join(path, '../templates', `${name}.json`);
        const { output } = JSON.parse(readFileSync(join(path, `${name}.json`), 'utf8'));
        const dir = folder({ 'ui.json': readFileSync(template, 'utf8'), 'api.json': output });
        const out = await compare(dir, 'ui.json', 'api.json');
        expect(
          texts(out).filter((line) => !/title|_meta/.test(line)),
          name,
        ).toEqual([]);
        expect(out.graphChanged).toBe(false);
        compared++;
      }
      expect(compared).toBe(names.length);
    });
  });
});

describe('[DF-4] patch and edits of two documents', () => {
  const any = fc.oneof(fc.tuple(apiDocument, apiDocument), fc.tuple(uiDocument, uiDocument));

  it('lead from the first to the second', async () => {
    const dir = tempDir();
    await fc.assert(
      fc.asyncProperty(any, async ([a, b]) => {
        writeFileSync(join(dir, 'a.json'), json(a));
        writeFileSync(join(dir, 'b.json'), json(b));
        const [before, after] = [read(a), read(b)];
        const { files: patched } = await compare(dir, 'a.json', 'b.json', { view: 'patch' });
        expect(applyPatch(before, readPatch((patched[0]?.patch ?? []) as unknown as Json))).toEqual(after);
        const { files: edited } = await compare(dir, 'a.json', 'b.json', { view: 'edits' });
        expect(applyEdits(before, edited[0]?.edits ?? [])).toEqual(after);
      }),
      { numRuns: 60 },
    );
  });
});

/** Numbers beyond 2^53 keep all their digits. */
function json(value: Json): string {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(json).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, one]) => `${JSON.stringify(key)}:${json(one)}`)
    .join(',')}}`;
}
