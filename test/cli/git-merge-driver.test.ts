import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { defaultCatalog } from '../../src/core/catalog/catalog.ts';
import { violationsOf } from '../../src/core/edit/violations.ts';
import { parseWorkflow } from '../../src/core/workflow/read.ts';
import { formatWorkflow } from '../../src/core/workflow/write.ts';
import { apiGraph, apiWith, shuffled } from '../porcelain/samples.ts';
import { ROOT } from './cwf.ts';
import { type GitFolder, inGit, inputsOf } from './git-folder.ts';

const read = (text: string) => parseWorkflow(text, { catalog: defaultCatalog(), source: 'w.json' });
const isCanonical = (text: string): boolean => formatWorkflow(read(text)) === text;

/** Makes `main` with one change and `side` with another of the same file, and stands on main. */
function fork(folder: GitFolder, base: unknown, ours: unknown, theirs: unknown): void {
  folder.commit('base', { 'w.json': base });
  folder.git('switch', '-q', '-c', 'side');
  folder.commit('theirs', { 'w.json': theirs });
  folder.git('switch', '-q', 'main');
  folder.commit('ours', { 'w.json': ours });
}

/** Two edits that lines cannot merge: neighbours in one node. */
const STEPS = apiWith('3', 'steps', 30);
const SEED = apiWith('3', 'seed', 7);

describe('git merges workflows node by node', () => {
  it('[GD-5] git merge: two edits of one node, canonical text, a clean status', async () => {
    await inGit([], (folder) => {
      fork(folder, apiGraph(), STEPS, SEED);
      folder.git('merge', 'side', '-m', 'both');
      expect(inputsOf(folder.read('w.json'), '3')).toMatchObject({ steps: 30, seed: 7, cfg: 8 });
      expect(isCanonical(folder.read('w.json'))).toBe(true);
      expect(folder.git('status', '--porcelain')).toBe('');
      expect(folder.git('log', '-1', '--format=%P').trim().split(' ')).toHaveLength(2);
    });
  });

  it('[GD-5] the same two edits conflict where the drivers are not installed', async () => {
    await inGit(undefined, (folder) => {
      fork(folder, apiGraph(), STEPS, SEED);
      expect(folder.tryGit(['merge', 'side']).code).toBe(1);
    });
  });

  it('[GD-5] git rebase, cherry-pick, revert and stash pop', async () => {
    await inGit([], (folder) => {
      fork(folder, apiGraph(), STEPS, SEED);
      folder.git('cherry-pick', 'side');
      expect(inputsOf(folder.read('w.json'), '3')).toMatchObject({ steps: 30, seed: 7 });
      folder.git('reset', '-q', '--hard', 'HEAD~1');
      folder.git('switch', '-q', 'side');
      folder.git('rebase', '-q', 'main');
      expect(inputsOf(folder.read('w.json'), '3')).toMatchObject({ steps: 30, seed: 7 });
      expect(folder.git('log', '--format=%s').trim().split('\n')).toEqual(['theirs', 'ours', 'base']);
      folder.git('revert', '--no-edit', 'HEAD~1');
      expect(inputsOf(folder.read('w.json'), '3')).toMatchObject({ steps: 20, seed: 7 });
      folder.git('reset', '-q', '--hard', 'HEAD~2');
      folder.git('checkout', '-q', 'main~1');
      folder.write('w.json', apiWith('3', 'seed', 99));
      folder.git('stash');
      folder.commit('meanwhile', { 'w.json': apiWith('3', 'steps', 40) });
      folder.git('stash', 'pop');
      expect(inputsOf(folder.read('w.json'), '3')).toMatchObject({ steps: 40, seed: 99 });
    });
  });

  it('[GD-5] git rebase --apply reaches the driver, too', async () => {
    await inGit([], (folder) => {
      fork(folder, apiGraph(), STEPS, SEED);
      folder.git('switch', '-q', 'side');
      folder.git('rebase', '-q', '--apply', 'main');
      expect(inputsOf(folder.read('w.json'), '3')).toMatchObject({ steps: 30, seed: 7 });
    });
  });

  it('[GD-5] the two small edits of one UI file: both nodes, both parameters, every link whole', async () => {
    const { base, ours, theirs } = smallEdits();
    await inGit(undefined, (folder) => {
      fork(folder, base, ours, theirs);
      const { code, stdout } = folder.tryGit(['merge', 'side']);
      expect([code, stdout]).toEqual([1, expect.stringContaining('CONFLICT')]);
      expect(folder.read('w.json').match(/^<{7} /gm)!.length).toBeGreaterThan(1);
    });
    await inGit([], (folder) => {
      fork(folder, base, ours, theirs);
      folder.git('merge', 'side', '-m', 'both');
      const merged = JSON.parse(folder.read('w.json')) as { nodes: JsonObject[]; links: number[][] };
      const node = (id: number) => merged.nodes.find((one) => one['id'] === id);
      expect(node(394)!['widgets_values']).toEqual([41, 40, 40, 7]);
      const fresh = merged.nodes.filter(({ title }) => title === 'ours' || title === 'theirs');
      expect(fresh.map(({ title, type }) => [title, type]).sort()).toEqual([
        ['ours', 'PreviewImage'],
        ['theirs', 'ImageInvert'],
      ]);
      expect(new Set(fresh.map(({ id }) => id)).size).toBe(2);
      const output = (node(1)!['outputs'] as { links: number[] }[])[0]!;
      for (const { id, inputs } of fresh) {
        const { link } = (inputs as { link: number }[])[0]!;
        expect(output.links).toContain(link);
        expect(merged.links.find(([one]) => one === link)!.slice(1, 5)).toEqual([1, 0, id, 0]);
      }
      expect(new Set(merged.links.map(([id]) => id)).size).toBe(merged.links.length);
      expect(violationsOf(read(folder.read('w.json')))).toEqual(violationsOf(read(JSON.stringify(base))));
      expect(isCanonical(folder.read('w.json'))).toBe(true);
    });
  });

  it('[GD-5] histories of before the installation, in any layout and order', async () => {
    await inGit(undefined, (folder) => {
      fork(folder, apiGraph(), JSON.stringify(shuffled(STEPS as Json)), SEED);
      folder.cwf('git', 'install');
      folder.git('merge', 'side', '-m', 'both');
      expect(inputsOf(folder.read('w.json'), '3')).toMatchObject({ steps: 30, seed: 7 });
    });
  });

  it('[GD-5] a criss-cross history: the bases are one workflow, whatever they disagree on', async () => {
    await inGit([], (folder) => {
      fork(folder, apiGraph(), apiWith('3', 'steps', 30), apiWith('3', 'steps', 40));
      folder.tryGit(['merge', 'side']);
      folder.commit('one way', { 'w.json': apiWith('3', 'steps', 30) });
      folder.git('branch', 'one');
      folder.git('switch', '-q', 'side');
      folder.tryGit(['merge', 'main~1']);
      folder.commit('the other way', { 'w.json': apiWith('3', 'steps', 30) });
      expect(folder.git('merge-base', '--all', 'one', 'side').trim().split('\n')).toHaveLength(2);
      folder.commit('cfg', { 'w.json': with2('3', 'steps', 30, 'cfg', 6) });
      folder.git('switch', '-q', 'one');
      folder.commit('seed', { 'w.json': with2('3', 'steps', 30, 'seed', 7) });
      folder.git('merge', 'side', '-m', 'joined');
      expect(inputsOf(folder.read('w.json'), '3')).toMatchObject({ steps: 30, cfg: 6, seed: 7 });
    });
  });
});

describe('what a merge leaves open', () => {
  it('[GD-6] conflict markers at the open places alone, their names on stderr, and git knows', async () => {
    await inGit([], (folder) => {
      fork(folder, apiGraph(), with2('3', 'cfg', 5, 'seed', 1), with2('3', 'cfg', 6, 'steps', 40));
      const { code, stdout, stderr } = folder.tryGit(['merge', 'side']);
      expect([code, stdout]).toEqual([1, expect.stringContaining('CONFLICT (content): Merge conflict in w.json')]);
      expect(stderr + stdout).toContain('cwf: w.json: open: KSampler "portrait" (3): cfg: base 8, ours 5, theirs 6');
      const text = folder.read('w.json');
      expect(text.match(/^<{7} /gm)).toHaveLength(1);
      expect(text).toMatch(/<{7} .*\n {3}"cfg": 5,\n={7}\n {3}"cfg": 6,\n>{7} .*\n/);
      for (const [side, cfg] of [
        ['ours', 5],
        ['theirs', 6],
      ] as const) {
        expect(inputsOf(take(text, side), '3')).toMatchObject({ cfg, seed: 1, steps: 40 });
      }
      expect(folder.git('status', '--porcelain')).toBe('UU w.json\n');
      expect(folder.git('ls-files', '-u').trim().split('\n')).toHaveLength(3);
      folder.git('checkout', '-q', '--theirs', 'w.json');
      expect(inputsOf(folder.read('w.json'), '3')).toMatchObject({ cfg: 6, steps: 40, seed: 42 });
      folder.git('merge', '--abort');
      expect(folder.git('status', '--porcelain')).toBe('');
    });
  });

  it('[GD-6] a conflict of a rebase waits, is resolved by hand, and goes on', async () => {
    await inGit([], (folder) => {
      fork(folder, apiGraph(), apiWith('3', 'cfg', 5), apiWith('3', 'cfg', 6));
      folder.git('switch', '-q', 'side');
      expect(folder.tryGit(['rebase', 'main']).code).toBe(1);
      folder.write('w.json', take(folder.read('w.json'), 'theirs'));
      folder.git('add', 'w.json');
      folder.git('-c', 'core.editor=true', 'rebase', '--continue');
      expect(inputsOf(folder.read('w.json'), '3')).toMatchObject({ cfg: 6 });
    });
  });

  it('[GD-6] a removed node against a change of it, and a graph that would break, are marked', async () => {
    const without = (id: string): Record<string, JsonObject> => {
      const { [id]: _gone, ...rest } = apiGraph();
      return rest;
    };
    await inGit([], (folder) => {
      fork(folder, apiGraph(), without('9'), apiWith('9', 'filename_prefix', 'theirs'));
      expect(folder.tryGit(['merge', 'side']).code).toBe(1);
      const text = folder.read('w.json');
      expect(JSON.parse(take(text, 'ours'))['9']).toBeUndefined();
      expect(inputsOf(take(text, 'theirs'), '9')['filename_prefix']).toBe('theirs');
    });
    await inGit([], (folder) => {
      // Ours removes the unused node 10, theirs feeds an input from it: no place is changed by both.
      const spare = { class_type: 'CLIPTextEncode', inputs: { text: 'spare', clip: ['4', 1] } };
      const rewired = apiWith('3', 'negative', ['10', 0]);
      fork(folder, { ...apiGraph(), '10': spare }, apiGraph(), { ...rewired, '10': spare });
      const { code, stdout, stderr } = folder.tryGit(['merge', 'side']);
      expect(code).toBe(1);
      expect(stdout + stderr).toMatch(/cwf: w\.json: open: .*10/);
      const text = folder.read('w.json');
      expect(text).toMatch(/^<{7} /m);
      expect(text).toContain('["10", 0]');
      expect(text).toContain('"spare"');
      expect(text).toContain('["7", 0]');
    });
  });

  it('[GD-6] both added the file: equal ones are one, others are marked where they differ', async () => {
    const add = (folder: GitFolder, ours: unknown, theirs: unknown): void => {
      folder.commit('base', { 'readme.txt': 'x' });
      folder.git('switch', '-q', '-c', 'side');
      folder.commit('theirs', { 'w.json': theirs });
      folder.git('switch', '-q', 'main');
      folder.commit('ours', { 'w.json': ours });
    };
    await inGit(undefined, (folder) => {
      add(folder, apiGraph(), JSON.stringify(shuffled(apiGraph() as Json)));
      folder.cwf('git', 'install');
      folder.git('merge', 'side', '-m', 'same');
      expect(isCanonical(folder.read('w.json'))).toBe(true);
    });
    await inGit([], (folder) => {
      add(folder, apiWith('3', 'cfg', 5), apiWith('3', 'cfg', 6));
      const { code, stdout, stderr } = folder.tryGit(['merge', 'side']);
      expect(code).toBe(1);
      expect(stdout + stderr).toContain('the file as a whole: added by both');
      const text = folder.read('w.json');
      expect([inputsOf(take(text, 'ours'), '3')['cfg'], inputsOf(take(text, 'theirs'), '3')['cfg']]).toEqual([5, 6]);
    });
  });
});

describe('what is no workflow, and what cannot be read', () => {
  it('[GD-2] other JSON merges as git merges it, with and without a conflict', async () => {
    const lines = (a: number, z: number): string =>
      `{\n  "a": ${a},\n  "b": 1,\n  "c": 1,\n  "d": 1,\n  "z": ${z}\n}\n`;
    const results: string[] = [];
    for (const install of [undefined, []]) {
      await inGit(install, (folder) => {
        fork(folder, lines(1, 1), lines(2, 1), lines(1, 2));
        folder.git('merge', 'side', '-m', 'both');
        expect(folder.read('w.json')).toBe(lines(2, 2));
        folder.git('switch', '-q', '-c', 'left', 'side~1');
        folder.commit('left', { 'w.json': lines(3, 1) });
        folder.git('switch', '-q', '-c', 'right', 'side~1');
        folder.commit('right', { 'w.json': lines(4, 1) });
        const { code, stdout, stderr } = folder.tryGit(['merge', 'left']);
        expect([code, stderr]).toEqual([1, '']);
        expect(stdout).toContain('CONFLICT (content)');
        results.push(folder.read('w.json').replace(/^([<>|]{7}) .*$/gm, '$1'));
      });
    }
    expect(results[1]).toBe(results[0]);
  });

  it('[GD-2] a side with damaged JSON is merged by lines, and named', async () => {
    await inGit([], (folder) => {
      folder.commit('base', { 'w.json': apiGraph() });
      folder.git('switch', '-q', '-c', 'side');
      const damaged = folder.read('w.json').replace('"seed": 42,', '"seed": 42,,');
      folder.commit('theirs', { 'w.json': damaged });
      folder.git('switch', '-q', 'main');
      folder.commit('ours', { 'w.json': folder.read('w.json').replace('"out"', '"ours"') });
      const { stdout, stderr } = folder.tryGit(['merge', 'side', '-m', 'x']);
      expect(stdout + stderr).toMatch(/cwf: left to git: w\.json \(theirs\):\d+:\d+: not valid JSON/);
      const text = folder.read('w.json');
      expect(text).toContain('42,,');
      expect(text).toContain('"ours"');
    });
  });

  it('[GD-7] a program that is gone merges by lines, and git says so', async () => {
    await inGit([], (folder) => {
      fork(folder, apiGraph(), apiWith('3', 'cfg', 5), apiWith('3', 'cfg', 6));
      // Without its filter git takes a file in the user's own layout for changed, and merges nothing over it.
      rmSync(join(folder.dir, 'w.json'));
      folder.git('checkout', '--', 'w.json');
      const config = folder.read('.git/config');
      folder.write('.git/config', config.replaceAll(ROOT, `${ROOT}-gone`));
      const { code, stdout, stderr } = folder.tryGit(['merge', 'side']);
      expect([code, stdout + stderr]).toEqual([1, expect.stringContaining('cwf did not run: merged by lines')]);
      const text = folder.read('w.json');
      expect([inputsOf(take(text, 'ours'), '3')['cfg'], inputsOf(take(text, 'theirs'), '3')['cfg']]).toEqual([5, 6]);
      folder.git('merge', '--abort');
      folder.git('switch', '-q', '-c', 'far', 'main~1');
      folder.commit('far', { 'w.json': folder.read('w.json').replace('"out"', '"far"') });
      folder.git('merge', 'main', '-m', 'clean');
      expect(inputsOf(folder.read('w.json'), '9')['filename_prefix']).toBe('far');
    });
  });
});

function with2(node: string, a: string, x: Json, b: string, y: Json): Record<string, JsonObject> {
  const graph = apiWith(node, a, x);
  (graph[node]!['inputs'] as JsonObject)[b] = y;
  return graph;
}

/** A text with conflict markers, decided for one side everywhere. */
function take(text: string, side: 'ours' | 'theirs'): string {
  return text.replace(
    /^<{7}[^\n]*\n([\s\S]*?)(?:^\|{7}[^\n]*\n[\s\S]*?)?^={7}\n([\s\S]*?)^>{7}[^\n]*\n/gm,
    (_all, ours: string, theirs: string) => (side === 'ours' ? ours : theirs),
  );
}

/**
 * One file as ComfyUI's page saves it, and what two people make of it: each sets another value of one node, and adds a
 * node, which the page gives the same id, link id and place in the list.
 */
function smallEdits(): { base: JsonObject; ours: JsonObject; theirs: JsonObject } {
  const load = (): { nodes: JsonObject[]; links: Json[]; last_node_id: number; last_link_id: number } =>
    JSON.parse(readFileSync(join(ROOT, 'bench/fixtures/typical-ui-workflow.json'), 'utf8'));
  const edit = (at: number, value: number, type: string, title: string): JsonObject => {
    const graph = load();
    const find = (id: number) => graph.nodes.find((one) => one['id'] === id)!;
    (find(394)['widgets_values'] as number[])[at] = value;
    const [id, link] = [++graph.last_node_id, ++graph.last_link_id];
    (find(1)['outputs'] as { links: number[] }[])[0]!.links.push(link);
    const isPreview = type === 'PreviewImage';
    graph.nodes.push({
      id,
      type,
      title,
      pos: [at, at],
      size: [200, 100],
      flags: {},
      order: graph.nodes.length,
      mode: 0,
      inputs: [{ name: isPreview ? 'images' : 'image', type: 'IMAGE', link }],
      outputs: isPreview ? [] : [{ name: 'IMAGE', type: 'IMAGE', links: null }],
      properties: { 'Node name for S&R': type },
      widgets_values: [],
    });
    graph.links.push([link, 1, 0, id, 0, 'IMAGE']);
    return graph as unknown as JsonObject;
  };
  return {
    base: load() as unknown as JsonObject,
    ours: edit(0, 41, 'PreviewImage', 'ours'),
    theirs: edit(3, 7, 'ImageInvert', 'theirs'),
  };
}
