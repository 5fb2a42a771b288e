import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Json } from '../../../src/base/json.ts';
import { parseJson } from '../../../src/base/json-parse.ts';
import { jsonEqual } from '../../../src/base/json-text.ts';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { convertToApi } from '../../../src/core/convert/convert.ts';
import { applyEdits, invertEdits } from '../../../src/core/edit/compile.ts';
import { runTransforms } from '../../../src/core/transform/run-transform.ts';
import { inputSlots, outputSlots } from '../../../src/core/transform/slots.ts';
import type { TransformCall } from '../../../src/core/transform/transform.ts';
import { detectFormat, readWorkflow } from '../../../src/core/workflow/read.ts';
import type { Workflow } from '../../../src/core/workflow/types.ts';
import { writeWorkflow } from '../../../src/core/workflow/write.ts';
import { withCorpus } from '../../corpus.ts';

const catalog = defaultCatalog();

function read(json: Json): Workflow {
  return readWorkflow(json, { catalog, source: 'x.json' });
}

function promptOf(workflow: Workflow): Workflow | undefined {
  const { prompt, diagnostics } = convertToApi(workflow, catalog, { now: new Date(0), choose: () => 0 });
  const isBroken = diagnostics.some(({ severity }) => severity === 'error');
  return isBroken || Object.keys(prompt).length === 0 ? undefined : read(prompt as never);
}

/** The nodes of a prompt by id, without what is only shown. */
function graphOf({ nodes }: Workflow): Json {
  return Object.fromEntries(
    Object.entries(nodes).map(([id, { class_type, widgets, links }]) => [id, { class_type, widgets, links }]),
  ) as never;
}

/** Transforms of a whole graph: the same where both have the same nodes, and so the same free id. */
const WHOLE: TransformCall[] = [
  { op: 'insert-lora', args: { file: 'x.safetensors' } },
  { op: 'insert-upscale', args: { kind: 'model', file: 'x.pth' } },
  { op: 'insert-upscale', args: { kind: 'hires' } },
  { op: 'insert-controlnet', args: { file: 'x.safetensors', image: 'a.png', preprocessor: 'Canny' } },
  { op: 'change-scheduler', args: { sampler: 'dpmpp_2m', scheduler: 'karras' } },
  { op: 'convert-loader', args: { to: 'parts', model: 'm', clip: ['c'], type: 'stable_diffusion', vae: 'v' } },
  { op: 'convert-loader', args: { to: 'checkpoint', checkpoint: 'x.safetensors' } },
  { op: 'replace-deprecated', args: {} },
];

/** Transforms that mean the same in the file and in the prompt of it: at nodes of the root that both have as they are. */
function callsFor(ui: Workflow, api: Workflow): TransformCall[] {
  const shared = Object.keys(ui.nodes).filter((id) => {
    const node = api.nodes[id];
    return node !== undefined && node.class_type === ui.nodes[id]!.class_type && catalog.node(node.class_type);
  });
  const isPlain = shared.length === Object.keys(ui.nodes).length;
  const single = shared.flatMap((id): TransformCall[] => {
    const node = ui.nodes[id]!;
    const slots = inputSlots(api, { node: id }, catalog);
    const out: TransformCall[] = [];
    const number = slots.find(
      ({ declared, name }) => declared?.type === 'INT' && !(name in node.links) && name in node.widgets,
    );
    if (number) {
      const { min, max } = number.declared!.options;
      const value = api.nodes[id]!.widgets[number.name] === min ? max! : (min ?? 0);
      // The page's numbers are doubles.
      if (typeof value === 'number') out.push({ op: 'set', args: { input: `${id}.${number.name}`, value } });
    }
    const same = slots.filter(
      ({ name }) => jsonEqual(node.links[name] as never, api.nodes[id]!.links[name] as never) && name in node.links,
    );
    for (const { name, type } of same) {
      out.push({ op: 'disconnect', args: { input: `${id}.${name}` } });
      const other = shared.find((one) => one < id && outputSlots(ui, { node: one }, catalog)?.[0]?.type === type);
      if (other !== undefined) out.push({ op: 'connect', args: { from: `${other}.0`, to: `${id}.${name}` } });
    }
    out.push({ op: 'rename-node', args: { node: id, title: 'renamed' } });
    if (isPlain) out.push({ op: 'remove', args: { node: id } });
    return out;
  });
  return isPlain ? [...WHOLE, ...single] : single;
}

withCorpus('templates', (folder) => {
  const cases = readdirSync(folder).flatMap((file, at) => {
    if (at % 3 !== 0) return [];
    const json = parseJson(readFileSync(join(folder, file)), { source: file });
    if (detectFormat(json) !== 'ui') return [];
    const ui = read(json);
    const api = promptOf(ui);
    return api ? [{ file, ui, api, transforms: callsFor(ui, api) }] : [];
  });

  test('a transform does the same to a file of the page and to the prompt of it [TE-30]', () => {
    const wrong: string[] = [];
    let count = 0;
    let whole = 0;
    for (const { file, ui, api, transforms } of cases) {
      for (const [at, transform] of transforms.entries()) {
        if (at % 5 !== 0 && transform.op !== 'remove' && !WHOLE.includes(transform)) continue;
        const run = (workflow: Workflow): Workflow | string => {
          try {
            return runTransforms(workflow, [transform], { catalog, source: file }).after;
          } catch (error) {
            return (error as { code: string }).code;
          }
        };
        const [inUi, inApi] = [run(ui), run(api)];
        count++;
        if (typeof inUi === 'string' || typeof inApi === 'string') {
          if (inUi !== inApi) wrong.push(`${file} ${JSON.stringify(transform)}: ${String(inUi)} / ${String(inApi)}`);
          continue;
        }
        if (WHOLE.includes(transform)) whole++;
        const converted = promptOf(inUi);
        if (!converted || !jsonEqual(graphOf(converted), graphOf(inApi)))
          wrong.push(`${file} ${JSON.stringify(transform)}`);
      }
    }
    expect(count).toBeGreaterThan(400);
    expect(whole).toBeGreaterThan(5);
    expect(wrong.slice(0, 40)).toEqual([]);
  });

  test('what a transform makes is what its file reads as, and its edits lead there and back [TE-31]', () => {
    for (const { file, ui, transforms } of cases) {
      for (const transform of transforms.slice(0, 6)) {
        let done: ReturnType<typeof runTransforms>;
        try {
          done = runTransforms(ui, [transform], { catalog, source: file });
        } catch {
          continue;
        }
        const again = read(writeWorkflow(done.after));
        expect(jsonEqual(again as never, done.after as never)).toBe(true);
        expect(jsonEqual(applyEdits(ui, done.edits) as never, done.after as never)).toBe(true);
        expect(jsonEqual(applyEdits(done.after, invertEdits(done.edits)) as never, ui as never)).toBe(true);
      }
    }
  });
});
