import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { apiGraph, apiWith, text, uiGraph } from '../porcelain/samples.ts';
import { gitIsContent, sharedVictim, victim } from './victim.ts';

/** The sample's text with one place of it replaced, so that the file can hold what no JSON writer writes. */
const hurt = (from: string, to: string): string => text(apiGraph()).replace(from, () => to);
const uiHurt = (from: string, to: string): string => text(uiGraph()).replace(from, () => to);
const node = (id: unknown): Record<string, unknown> => ({ id, type: 'KSampler', pos: [0, 0], mode: 0 });
const ui = (...ids: unknown[]): unknown => ({ ...uiGraph(), nodes: ids.map(node), links: [], definitions: {} });

describe('[BI-1] a hostile file is refused by name, place and next step, and nothing is written', () => {
  const shared = sharedVictim();

  it.each<[string, string | Uint8Array, string[]]>([
    ['[C3-4] an own key __proto__', hurt('"seed"', '"__proto__": {"x": 1}, "seed"'), ['key __proto__', '/3/inputs']],
    ['[C3-4] the same in escapes', hurt('"seed"', '"\\u005f_proto__": 1, "seed"'), ['key __proto__', '/3/inputs']],
    ['[C3-4] a node called constructor', hurt('"3"', '"constructor"'), ['key constructor']],
    [
      '[C3-5] __proto__ inside widgets_values',
      uiHurt('"widgets_values": [', '"widgets_values": [{"__proto__": 1},'),
      ['key __proto__', 'widgets_values/0'],
    ],
    ['[C3-16] 100,000 levels', '['.repeat(100_000), ['nested deeper than 64 levels']],
    ['[C3-16] 100,000 levels in an input', hurt('20', '['.repeat(100_000) + ']'.repeat(100_000)), ['/3/inputs/steps']],
    ['[C3-17] 9 MB', hurt('a cat', 'c'.repeat(9 << 20)), ['over the limit of 8388608 bytes']],
    ['[C3-17] a text of over a megabyte', hurt('a cat', 'c'.repeat(2 << 20)), ['over the limit', '/6/inputs/text']],
    ['[C3-20] NaN', hurt('20', 'NaN'), ['NaN is not finite', '/3/inputs/steps']],
    ['[C3-20] Infinity', hurt('20', '-Infinity'), ['-Infinity is not finite', '/3/inputs/steps']],
    ['[C3-20] 1e400', hurt('20', '1e400'), ['1e400 is not finite', '/3/inputs/steps']],
    ['[C3-22] a key that stands twice', hurt('"seed"', '"steps": 3, "seed"'), ['key steps stands twice', '/3/inputs']],
    ['[C3-22] a node that stands twice', hurt('"4": {', '"3": {'), ['key 3 stands twice']],
    ['[C3-23] half a surrogate pair', hurt('a cat', '\\ud800'), ['surrogate pair', '/6/inputs/text']],
    ['[C3-25] a byte that is no UTF-8', Buffer.from(hurt('a cat', '\u00ff'), 'latin1'), ['UTF-8 at byte']],
    ['[C3-25] UTF-16', Buffer.from(`\ufeff${text(apiGraph())}`, 'utf16le'), ['UTF-8 at byte 0']],
    ['[C3-27] one id twice, as number and text', text(ui(1, '1')), ['node id 1 stands twice']],
    ['[C3-27] a node id __proto__', text(ui('__proto__')), ['/nodes/0', '__proto__']],
    ['[C3-27] a node id that is half a number', text(ui(1.5)), ['/nodes/0', 'neither a whole number nor a text']],
    ['[C3-27] a node without an id', text(ui(undefined)), ['/nodes/0', 'neither a whole number nor a text']],
    ['[C3-27] a node that is none', text({ ...uiGraph(), nodes: [null] }), ['/nodes/0', 'not an object']],
    ['[C3-28] a link that is none', text({ ...uiGraph(), links: [7] }), ['/links/0', 'neither a list nor an object']],
    ['[C3-28] links that are no list', text({ ...uiGraph(), links: 7 }), ['links']],
    [
      '[C3-29] 100,001 nodes',
      text({ ...uiGraph(), nodes: Array.from(Array(100_001).keys(), (id) => ({ id, type: 'A' })) }),
      ['number of nodes', 'limit of 100000'],
    ],
    ['[C3-30] a bare control character', hurt('a cat', '\0'), ['U+0000', '/6/inputs/text']],
    ['no end', text(apiGraph()).slice(0, 200), ['not valid JSON']],
    ['two documents', `${text(apiGraph())}{}`, ['after the end of the document']],
    ['no bytes', '', ['not valid JSON']],
    ['no workflow', 'null', ['not a ComfyUI workflow']],
  ])('%s', (_, content, pieces) => {
    const { it } = shared;
    it.write('evil.json', content);
    it.refused(['commit', 'evil.json'], 3, ['evil.json', ...pieces]);
    it.write('ok.json', content);
    it.refused(['set', 'ok.json', '3.steps', '1'], 3, ['ok.json', ...pieces]);
  });

  it('[BI-2] a committed file that is broken now is neither a change nor a removal, and can be put back', () =>
    victim((it) => {
      it.write('ok.json', '{');
      it.refused(['commit', '-m', 'all'], 1, ['nothing to commit', 'ok.json']);
      const diff = it.run(['diff', '--exit-code']);
      expect(diff).toEqual({ code: 0, stdout: '', stderr: expect.stringMatching(/^left out: ok\.json:1:2: /) });
      expect(it.done('status')).toContain('! ok.json');
      it.done('restore', 'ok.json');
      expect(JSON.parse(it.read('ok.json'))[3].inputs.steps).toBe(30);
    }));

  it('[C3-17] [BI-4] a file of 3 GB is refused before it is read', () =>
    victim((it) => {
      const file = openSync(join(it.dir, 'huge.json'), 'w');
      ftruncateSync(file, 3 * 1024 ** 3);
      closeSync(file);
      for (const args of [
        ['commit', 'huge.json'],
        ['set', 'huge.json', '3.steps', '1'],
        ['diff', 'huge.json'],
      ]) {
        const { code, stderr } = it.run(args);
        expect([code, stderr]).toEqual([3, expect.stringContaining('huge.json:1:1: the file is over the limit')]);
      }
      expect(it.done('status')).toContain('! huge.json');
    }));

  it('[C3-42] [BI-4] a pipe in place of a file is no reason to wait for ever', () =>
    victim((it) => {
      execFileSync('mkfifo', [join(it.dir, 'pipe.json')]);
      const reason = ['pipe.json', 'it is no plain file'];
      it.refused(['commit', 'pipe.json'], 1, reason);
      it.refused(['set', 'pipe.json', '3.steps', '1'], 1, reason);
      it.refused(['diff', 'pipe.json'], 1, reason);
      it.refused(['import', 'pipe.json'], 1, reason);
      it.refused(['import', 'ok.json', '--as', 'pipe.json'], 1, reason);
      execFileSync('mkfifo', [join(it.dir, '.gitignore')]);
      it.done('status');
      execFileSync('mkfifo', [join(it.dir, '.cwfrc')]);
      it.refused(['status'], 2, ['.cwfrc: it is no plain file']);
    }));
});

describe('a strange file is kept exactly', () => {
  it('[C3-21] [C3-24] [C3-26] wide integers, a byte order mark, -0 and 1.0', () =>
    victim((it) => {
      it.write('seed.json', hurt('42', '18446744073709551615'));
      it.write('bom.json', `\ufeff${text(apiGraph())}`);
      it.write('zero.json', hurt('20', '-0').replace('"cfg": 8', '"cfg": 1.0'));
      it.done('commit', '-m', 'strange');
      expect(it.git('show', 'HEAD:seed.json')).toContain('"seed": 18446744073709551615');
      expect(it.git('show', 'HEAD:bom.json')).toBe(it.git('show', 'HEAD~2:ok.json'));
      expect(JSON.parse(it.git('show', 'HEAD:zero.json'))[3].inputs).toMatchObject({ steps: 0, cfg: 1 });
      it.done('set', 'seed.json', '3.seed', '18446744073709551614');
      expect(it.read('seed.json')).toContain('18446744073709551614');
      expect(it.done('fsck')).toContain('sound');
    }));

  it('[C3-27] [C3-28] ids and links of every kind go through every command', () =>
    victim((it) => {
      const links = (...rows: unknown[]): unknown => ({
        ...(ui(1, 2) as object),
        nodes: [1, 2].map((id) => ({ ...node(id), inputs: [{ name: 'model', type: 'MODEL', link: id }] })),
        links: rows,
      });
      const files: Record<string, unknown> = {
        'ids.json': ui(-1, 1e9, 'toString', 'hasOwnProperty', ''),
        'wide.json': text(ui(77)).replace('77', '18446744073709551616'),
        'api.json': { toString: { class_type: 'valueOf', inputs: { hasOwnProperty: 1, valueOf: ['toString', 0] } } },
        'missing.json': links([1, 99, 0, 1, 0, 'MODEL']),
        'slot.json': links([1, 2, 999, 1, 0, 'MODEL'], [2, 1, -1, 2, 7, 'MODEL']),
        'self.json': links([1, 1, 0, 1, 0, 'MODEL']),
        'cycle.json': links([1, 2, 0, 1, 0, 'MODEL'], [2, 1, 0, 2, 0, 'MODEL']),
      };
      for (const [file, content] of Object.entries(files)) it.write(file, content);
      it.done('commit', '-m', 'strange');
      for (const file of Object.keys(files)) {
        it.done('blame', file);
        it.done('show', `HEAD:${file}`);
        const { code } = it.run(['set', file, 'toString.constructor', '1']);
        expect(code, file).toBe(5);
      }
      it.done('show', 'HEAD');
      it.done('set', 'api.json', 'toString.hasOwnProperty', '2');
      it.refused(['set', 'missing.json', '1.model', '1'], 3, ['1.model', 'node 99', 'not there']);
      it.done('revert', 'HEAD');
      it.done('revert', 'HEAD~2');
      expect(it.done('fsck')).toContain('sound');
    }));

  it('[C3-29] 100,000 nodes are committed, compared and shown', () =>
    victim((it) => {
      const many = (x: number): unknown =>
        Object.fromEntries(Array.from({ length: 100_000 }, (_, id) => [id, { class_type: 'A', inputs: { x } }]));
      it.write('many.json', many(1));
      it.done('commit', '-m', 'many');
      it.write('many.json', many(2));
      expect(it.done('diff', '--stat')).toContain('100000 edits');
    }));

  it('[C3-30] [C3-31] texts that a terminal or a page would obey are stored as they are and shown inert', () =>
    victim((it) => {
      const evil = '\u001b[2J\u202eabc\0\r\n<img src=x onerror=alert(1)>';
      it.write('ok.json', apiWith('6', 'text', evil));
      const shown = [it.done('diff'), it.done('commit'), it.done('show'), it.done('blame', 'ok.json')];
      for (const out of shown) expect(out.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u202e]/);
      expect(JSON.parse(it.git('show', 'HEAD:ok.json'))[6].inputs.text).toBe(evil);
    }));
});

it('[BI-2] of 2,000 files the three broken ones are named and the rest is committed', () =>
  victim((it) => {
    for (let i = 0; i < 2000; i++)
      it.write(`d${i % 20}/w${i}.json`, { 3: { class_type: 'KSampler', inputs: { seed: i, steps: 20 } } });
    it.write('d3/w3.json', '{');
    it.write('d7/w7.json', Buffer.from([0x7b, 0xff]));
    it.write('d11/w11.json', '{"3":{"class_type":"K","inputs":{"__proto__":1}}}');
    const { code, stdout, stderr } = it.run(['commit', '-m', 'all']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('1997 workflows')]);
    expect(stderr.trimEnd().split('\n')).toEqual([
      'left out: d11/w11.json:1:34: key __proto__ is not allowed (at /3/inputs)',
      'left out: d3/w3.json:1:2: not valid JSON: expected a key in double quotes, found the end of the text',
      'left out: d7/w7.json: not valid UTF-8 at byte 1',
    ]);
    const tracked = it.git('ls-files').split('\n');
    expect(tracked).toHaveLength(1998);
    for (const file of ['d3/w3.json', 'd7/w7.json', 'd11/w11.json']) expect(tracked).not.toContain(file);
    expect(it.read('d3/w3.json')).toBe('{');
    expect(gitIsContent(it)).toBe(true);
    it.write('d3/w3.json', apiGraph());
    expect(it.done('commit', '-m', 'mended')).toContain('+ d3/w3.json');
  }));
