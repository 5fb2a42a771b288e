import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { defaultCatalog } from '../../src/core/catalog/catalog.ts';
import { convertToUi } from '../../src/core/convert/to-ui.ts';
import { readWorkflow } from '../../src/core/workflow/read.ts';
import { commit } from '../../src/porcelain/commit.ts';
import { connect, planLinks } from '../../src/porcelain/connect.ts';
import { edit } from '../../src/porcelain/edit.ts';
import { undo } from '../../src/porcelain/undo.ts';
import { inSubgraph } from '../core/transform/graphs.ts';
import { apiGraph } from './samples.ts';
import { failure, type Temp, tempRepo } from './temp.ts';

const catalog = defaultCatalog();
const UI = convertToUi(readWorkflow(apiGraph(), { catalog, source: 'x.json' }), catalog).document;

function planOf(t: Temp, optional = false) {
  const world = { cwd: t.dir, now: () => 0, stdin: () => process.stdin, open: async () => t.ctx };
  return planLinks({ file: 'a.json', optional }, world);
}

describe.each<[string, JsonObject, string]>([
  ['a prompt', apiGraph(), ''],
  ['a file of the page', UI, ''],
  ['a subgraph', inSubgraph(UI), 'Inner/'],
])('links for open inputs of %s [TE-22]', (_name, document, at) => {
  async function opened(): Promise<Temp> {
    const t = await tempRepo({ 'a.json': document });
    await commit.run(t.ctx, { message: 'start' });
    const calls = ['3.model', '3.positive', '8.vae'].map((input) => ({
      op: 'disconnect',
      args: { input: `${at}${input}` },
    }));
    await edit.run(t.ctx, { file: 'a.json', calls });
    return t;
  }

  it('are told with place, source, confidence and reason, surest first', async () => {
    const { proposals } = await planOf(await opened());
    expect(proposals).toHaveLength(3);
    const sure = proposals.map(({ confidence }) => confidence);
    expect(sure).toEqual([...sure].sort((a, b) => b - a));
    const model = proposals.find(({ input }) => input === 'model')!;
    expect(model.place).toMatch(/KSampler "portrait" \(3\)$/);
    expect(model.place.startsWith('Inner > ')).toBe(at !== '');
    expect(model.source).toBe('CheckpointLoaderSimple (4) MODEL');
    expect(model.reason).not.toBe('');
  });

  it('become one commit where they are sure enough, and undo takes it back', async () => {
    const t = await opened();
    const open = t.read('a.json');
    const { proposals } = await planOf(t);
    const apply = proposals[1]!.confidence;
    const dry = await connect.run(t.ctx, { file: 'a.json', apply, dryRun: true });
    expect(t.read('a.json')).toBe(open);
    const out = await connect.run(t.ctx, { file: 'a.json', apply });
    expect(out.made).toEqual(proposals.filter(({ confidence }) => confidence >= apply));
    expect(out.left).toEqual(proposals.filter(({ confidence }) => confidence < apply));
    expect({ ...out, oid: undefined }).toEqual({ ...dry, oid: undefined });
    expect(out.file.graph).toBe(out.made.length);
    expect(out.brought).toEqual([]);
    expect(t.git('log', '-1', '--format=%(trailers:key=Cwf-Op,valueonly)').trim()).toBe('edit');
    await undo.run(t.ctx, {});
    expect(t.read('a.json')).toBe(open);
    await connect.run(t.ctx, { file: 'a.json', apply: 0 });
    expect((await planOf(t)).proposals).toEqual([]);
  });

  it('none so sure is no commit', async () => {
    const t = await opened();
    const head = t.git('rev-parse', 'HEAD');
    const error = await failure('NOTHING_TO_COMMIT', connect.run(t.ctx, { file: 'a.json', apply: 1 }));
    expect(error.message).toMatch(/the surest link has a confidence of 0\.\d\d, below 1$/);
    expect(t.git('rev-parse', 'HEAD')).toBe(head);
  });
});
