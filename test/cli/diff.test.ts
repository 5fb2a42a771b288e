import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/base/json.ts';
import { chain, renamed } from '../core/edit/renumbered.ts';
import { elementsOf, parseXml, textOf } from '../core/picture/xml.ts';
import { png, text as pngText } from '../io/media/images.ts';
import { apiGraph, apiWith, text, uiGraph } from '../porcelain/samples.ts';
import { cwf, inTemp, type Result } from './cwf.ts';

type Run = (args: readonly string[], input?: string) => Result;

/** A folder that is no repository, with two versions of a workflow. */
function pair(a: unknown, b: unknown, use: (run: Run, dir: string) => void): Promise<void> {
  return inTemp((dir) => {
    writeFileSync(join(dir, 'a.json'), text(a));
    writeFileSync(join(dir, 'b.json'), text(b));
    use((args, input) => cwf(dir, ['diff', ...args], {}, input), dir);
  });
}

/** A repository with two commits of one workflow. */
function history(a: unknown, b: unknown, use: (run: Run, dir: string) => void): Promise<void> {
  return inTemp((dir) => {
    expect(cwf(dir, ['init']).code).toBe(0);
    for (const [i, value] of [a, b].entries()) {
      writeFileSync(join(dir, 'a.json'), text(value));
      expect(cwf(dir, ['commit', '-m', `version ${i}`]).code).toBe(0);
    }
    use((args, input) => cwf(dir, ['diff', ...args], {}, input), dir);
  });
}

const moved = (): Json => {
  const graph = uiGraph();
  for (const node of graph.nodes) node['pos'] = [7, 9];
  graph.nodes.reverse();
  return graph;
};
const plus100 = (id: string): string => String(Number(id) + 100);

/** What was done to a workflow, and whether its graph changed. */
const CASES: readonly [string, () => unknown, () => unknown, number][] = [
  ['nothing', apiGraph, apiGraph, 0],
  ['a value', apiGraph, () => apiWith('3', 'steps', 30), 1],
  ['a link', apiGraph, () => apiWith('3', 'positive', ['7', 0]), 1],
  ['new ids', apiGraph, () => renamed(apiGraph(), plus100), 0],
  ['new ids and a value', apiGraph, () => renamed(apiWith('3', 'cfg', 2), plus100), 1],
  ['another order of nodes and keys', apiGraph, () => reordered(apiGraph() as Json), 0],
  ['places', uiGraph, moved, 0],
  ['a title', apiGraph, () => ({ ...apiGraph(), '3': { ...apiGraph()['3'], _meta: { title: 'other' } } }), 0],
  ['a wrap', () => chain(false), () => chain(true), 1],
];

/** What leaves nothing to commit. */
const UNCOMMITTED = ['nothing', 'another order of nodes and keys'];

function reordered(value: Json): Json {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, one]) => [key, reordered(one)]),
  );
}

describe('[DF-3] --exit-code', () => {
  const FORMATS = [
    [],
    ['--json'],
    ['--patch'],
    ['--stat'],
    ['--format', 'svg'],
    ['--format', 'html'],
    ['--format', 'edits'],
  ];

  it.each(CASES)('of two documents: %s', async (_, a, b, code) => {
    await pair(a(), b(), (run) => {
      for (const format of FORMATS) {
        expect(run(['--exit-code', 'a.json', 'b.json', ...format]).code, format.join(' ')).toBe(code);
        expect(run(['a.json', 'b.json', ...format]).code).toBe(0);
      }
    });
  });

  it.each(CASES.filter(([name]) => !UNCOMMITTED.includes(name)))(
    'of two commits and of the working tree: %s',
    async (_, a, b, code) => {
      await history(a(), b(), (run, dir) => {
        for (const format of FORMATS) expect(run(['--exit-code', 'HEAD~1', 'HEAD', ...format]).code).toBe(code);
        expect(run(['--exit-code', 'HEAD~1:a.json', 'HEAD:a.json']).code).toBe(code);
        expect(run(['--exit-code']).code).toBe(0);
        writeFileSync(join(dir, 'a.json'), text(a()));
        expect(run(['--exit-code']).code).toBe(code);
        expect(run(['--exit-code', '--', 'a.json']).code).toBe(code);
      });
    },
  );

  it('is 1 for a workflow that came or went, 0 for one under another name, and an error keeps its own', async () => {
    await history(apiGraph(), apiWith('3', 'steps', 30), (run, dir) => {
      writeFileSync(join(dir, 'more.json'), text(uiGraph()));
      expect(run(['--exit-code']).code).toBe(1);
      expect(cwf(dir, ['commit', '-m', 'more']).code).toBe(0);
      renameSync(join(dir, 'more.json'), join(dir, 'other.json'));
      expect(run(['--exit-code'])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('more.json -> other.json'),
      });
      rmSync(join(dir, 'other.json'));
      expect(run(['--exit-code']).code).toBe(1);
      expect(run(['--exit-code', 'gone.json', 'a.json']).code).toBe(5);
    });
  });
});

describe('[DF-1] cwf diff on two files', () => {
  it('compares them with each other, and after -- limits the comparison to them', async () => {
    await history(apiGraph(), apiWith('3', 'steps', 30), (run, dir) => {
      writeFileSync(join(dir, 'b.json'), text(apiWith('3', 'steps', 40)));
      expect(run(['a.json', 'b.json']).stdout).toBe(
        '  ~ b.json  1 edit\n    KSampler "portrait" (3): steps 30 -> 40\n',
      );
      expect(run(['--', 'a.json', 'b.json']).stdout).toBe('  + b.json  new\n');
      expect(run(['HEAD~1', 'a.json']).stdout).toContain('~ a.json  1 edit');
      expect(run(['-C', dir, 'HEAD~1:a.json', '-'], text(apiWith('3', 'steps', 50))).stdout).toContain('20 -> 50');
    });
  });

  it('needs no repository, and says which side is at fault', async () => {
    await pair(apiGraph(), apiWith('3', 'steps', 30), (run, dir) => {
      expect(run(['a.json', 'b.json']).stdout).toContain('steps 20 -> 30');
      writeFileSync(join(dir, 'shot.png'), png(pngText('prompt', JSON.stringify(apiGraph()))));
      expect(run(['shot.png', 'b.json']).stdout).toContain('steps 20 -> 30');
      const gone = run(['a.json', 'gone.json']);
      expect([gone.code, gone.stdout]).toEqual([5, '']);
      expect(gone.stderr).toMatch(/^error: gone\.json: no such file\nhint: .*second of the two documents/);
      const asJson = JSON.parse(run(['a.json', 'gone.json', '--json']).stdout);
      expect(asJson.error).toMatchObject({ code: 'FILE_NOT_FOUND', details: { file: 'gone.json', side: 'b' } });
      expect(JSON.parse(run(['a.json', 'gone.json', '--format', 'json']).stdout)).toEqual(asJson);
      expect(run(['HEAD:a.json', 'b.json']).stderr).toContain('not in a repository');
      mkdirSync(join(dir, 'x.json'));
      expect(run(['x.json', 'b.json']).stderr).toMatch(/^error: x\.json: is a folder/);
    });
  });

  it('[DF-2] says on stderr what a conversion has to say', async () => {
    const graph = uiGraph();
    graph.nodes[0]!['widgets_values'] = ['a.safetensors', 'one too many'];
    await pair(graph, apiGraph(), (run) => {
      const { code, stdout, stderr } = run(['a.json', 'b.json', '--format', 'patch']);
      expect(code).toBe(0);
      expect(Array.isArray(JSON.parse(stdout))).toBe(true);
      expect(stderr).toMatch(/^warning: a\.json: /m);
      const { a } = JSON.parse(run(['a.json', 'b.json', '--json']).stdout);
      expect(a.remarks.length).toBeGreaterThan(0);
    });
  });
});

describe('[DF-4] --format', () => {
  it('gives every form, and the short forms are the same', async () => {
    await pair(apiGraph(), apiWith('3', 'steps', 30), (run) => {
      const out = (...args: string[]): string => {
        const result = run(['a.json', 'b.json', ...args]);
        expect(result.stderr).toBe('');
        return result.stdout;
      };
      expect(out('--format', 'text')).toBe(out());
      expect(out('--format', 'json')).toBe(out('--json'));
      expect(out('--format', 'patch')).toBe(out('-p'));
      expect(JSON.parse(out('--format', 'patch'))).toEqual([
        { op: 'test', path: '/nodes/3/widgets/steps', value: 20 },
        { op: 'replace', path: '/nodes/3/widgets/steps', value: 30 },
      ]);
      expect(JSON.parse(out('--format', 'edits'))).toEqual([
        { kind: 'set-input', path: ['nodes', '3', 'widgets', 'steps'], from: 20, to: 30 },
      ]);
      const { schema, files } = JSON.parse(out('--json', '--patch'));
      expect([schema, files[0].patch.length]).toEqual(['cwf.diff/1', 2]);
      expect(textOf(parseXml(out('--format', 'svg')))).toContain('steps 20 → 30');
      expect(textOf(parseXml(out('--format', 'html')))).toContain('steps 20 → 30');
      // A line of the page leads to the box of its node.
      const page = elementsOf(parseXml(out('--format', 'html')));
      const [line] = page.filter(({ name }) => name === 'a');
      expect(line!.text).toBe('KSampler "portrait" (3): steps 20 -> 30');
      const box = page.find(({ attributes }) => `#${attributes['id']}` === line!.attributes['href']);
      expect(textOf(box!)).toContain('~ portrait');
      for (const args of [
        ['--json', '--format', 'svg'],
        ['--patch', '--format', 'html'],
        ['--format', 'pdf'],
      ])
        expect(run(['a.json', 'b.json', ...args]).code).toBe(2);
    });
  });

  it('gives them for commits too, one object or picture part for each file', async () => {
    await history(apiGraph(), apiWith('3', 'steps', 30), (run, dir) => {
      writeFileSync(join(dir, 'new.json'), text(uiGraph()));
      expect(JSON.parse(run(['HEAD~1', 'HEAD', '--format', 'edits']).stdout)).toMatchObject({
        file: 'a.json',
        edits: [{ kind: 'set-input' }],
      });
      for (const format of ['svg', 'html']) {
        const shown = textOf(parseXml(run(['HEAD~1', '--format', format]).stdout));
        expect(shown).toContain('steps 20 → 30');
        expect(shown).toContain('new.json');
        expect(textOf(parseXml(run(['--format', format, 'HEAD', 'HEAD']).stdout))).toContain('Nothing changed');
      }
    });
  });

  it('[DF-6] steers no terminal and no browser with what a file says', async () => {
    const title = '</script><script>alert(1)</script>\u202e\u001b[31m';
    const hostile = {
      ...apiGraph(),
      '3': { ...apiGraph()['3'], _meta: { title } },
      '20': { class_type: title, inputs: {} },
    };
    await pair(apiGraph(), hostile, (run) => {
      for (const format of ['text', 'json', 'html', 'svg', 'patch', 'edits']) {
        const { stdout } = run(['a.json', 'b.json', '--format', format]);
        expect(stdout).not.toMatch(/[\u001b\u202e]/);
        if (format === 'html' || format === 'svg') {
          expect(stdout).not.toContain('<script');
          expect(textOf(parseXml(stdout))).toContain('</script><script>');
        }
      }
    });
  });
});
