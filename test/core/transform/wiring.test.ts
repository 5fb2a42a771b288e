import { describe, expect, test } from 'vitest';
import { jsonEqual } from '../../../src/base/json-text.ts';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { convertToUi } from '../../../src/core/convert/to-ui.ts';
import { diffByIds } from '../../../src/core/edit/diff.ts';
import { addNode, nextId, removeNode } from '../../../src/core/transform/nodes.ts';
import { replaceClass } from '../../../src/core/transform/replace-class.ts';
import { connect, disconnect, setInput } from '../../../src/core/transform/wiring.ts';
import { readWorkflow } from '../../../src/core/workflow/read.ts';
import type { Workflow } from '../../../src/core/workflow/types.ts';
import { writeWorkflow } from '../../../src/core/workflow/write.ts';
import { apiGraph, shownByInstance, uiGraph } from '../../porcelain/samples.ts';

const catalog = defaultCatalog();

function read(json: Parameters<typeof readWorkflow>[0]): Workflow {
  return readWorkflow(json, { catalog, source: 'x.json' });
}

/** The text-to-image graph in both formats. */
const API = read(apiGraph());
const UI = read(convertToUi(API, catalog).document);

function isStable(workflow: Workflow): boolean {
  return jsonEqual(read(writeWorkflow(workflow)) as never, workflow as never);
}

describe.each([
  ['api', API],
  ['ui', UI],
])('wiring of an %s file', (_format, start) => {
  test('a new node has defaults, an id after all others and a place of its own [TE-1] [TE-2] [TE-3]', () => {
    const { workflow, id } = addNode(
      start,
      { class_type: 'KSampler', widgets: { steps: 7 }, title: 'x', before: ['8'] },
      catalog,
    );
    expect(id).toBe('10');
    expect(nextId(workflow)).toBe('11');
    const node = workflow.nodes[id]!;
    expect(node.widgets).toMatchObject({ seed: 0, steps: 7, cfg: 8, sampler_name: 'euler', denoise: 1 });
    expect(node.ui.title).toBe('x');
    expect(isStable(workflow)).toBe(true);
  });

  test('a link takes the place of the one that was there', () => {
    const after = connect(start, { node: '3', input: 'positive', from: '7', slot: 0 }, catalog);
    expect(after.nodes['3']!.links.positive).toEqual({ from: '7', slot: 0 });
    expect(isStable(after)).toBe(true);
  });

  test('a link into a widget, and back: what counted stays [TE-5]', () => {
    const { workflow, id } = addNode(start, { class_type: 'PrimitiveInt', widgets: { value: 33 } }, catalog);
    const linked = connect(workflow, { node: '3', input: 'steps', from: id, slot: 0 }, catalog);
    expect(isStable(linked)).toBe(true);
    const free = disconnect(linked, { node: '3', input: 'steps' }, catalog);
    expect(free.nodes['3']!.widgets.steps).toBe(33);
    expect(isStable(free)).toBe(true);
  });

  test('a node that goes hands on what it takes [TE-6]', () => {
    const links = { model: { from: '4', slot: 0 }, clip: { from: '4', slot: 1 } };
    const { workflow, id } = addNode(start, { class_type: 'LoraLoader', links }, catalog);
    const used = connect(workflow, { node: '3', input: 'model', from: id, slot: 0 }, catalog);
    const both = connect(used, { node: '6', input: 'clip', from: id, slot: 1 }, catalog);
    expect(isStable(both)).toBe(true);
    const gone = removeNode(both, { node: id }, catalog);
    expect(gone.nodes['3']!.links.model).toEqual({ from: '4', slot: 0 });
    expect(gone.nodes['6']!.links.clip).toEqual({ from: '4', slot: 1 });
    expect(isStable(gone)).toBe(true);
    const cut = removeNode(both, { node: id }, catalog, { rewire: false });
    expect(cut.nodes['3']!.links.model).toBeUndefined();
  });

  test('another class keeps what fits and tells what does not [TE-7]', () => {
    const { workflow, lost } = replaceClass(start, { node: '3' }, 'KSamplerAdvanced', catalog);
    expect([...lost].sort()).toEqual(['denoise', 'seed']);
    expect(workflow.nodes['3']!.widgets).toMatchObject({ steps: 20, cfg: 8, noise_seed: 0 });
    expect(workflow.nodes['8']!.links.samples).toEqual({ from: '3', slot: 0 });
    expect(isStable(workflow)).toBe(true);
  });

  test('a value in the place of a link, and the key of a dynamic combo', () => {
    const { workflow, id } = addNode(start, { class_type: 'ResizeImageMaskNode' }, catalog);
    const after = setInput(workflow, { node: id, input: 'resize_type' }, 'scale by multiplier', catalog);
    const names = Object.keys(after.nodes[id]!.widgets).filter((name) => name.startsWith('resize_type.'));
    expect(names).toEqual(['resize_type.multiplier']);
    expect(isStable(after)).toBe(true);
  });

  test('an input that grows', () => {
    const { workflow, id } = addNode(start, { class_type: 'BatchImagesNode' }, catalog);
    const one = connect(workflow, { node: id, input: 'images.image0', from: '8', slot: 0 }, catalog);
    const two = connect(one, { node: id, input: 'images.image1', from: '8', slot: 0 }, catalog);
    expect(Object.keys(two.nodes[id]!.links)).toEqual(['images.image0', 'images.image1']);
    expect(isStable(two)).toBe(true);
  });
});

test('a definition: its sides, and instances that showed a node that is gone', () => {
  const start = read(uiGraph());
  const scope = Object.keys(start.subgraphs)[0]!;
  const { workflow, id } = addNode(start, { class_type: 'ModelSamplingAuraFlow', scope, after: ['5'] }, catalog);
  const key = start.subgraphs[scope]!.input_order[0]!;
  const after = connect(workflow, { scope, node: id, input: 'model', from: '-10', slot: key }, catalog);
  expect(after.subgraphs[scope]!.nodes[id]!.links.model).toEqual({ from: '-10', slot: key });
  expect(isStable(after)).toBe(true);
});

test('the key of a dynamic combo names the values that stand behind it', () => {
  const { workflow, id } = addNode(UI, { class_type: 'SaveImageAdvanced' }, catalog);
  const document = structuredClone(writeWorkflow(workflow)) as unknown as { nodes: Record<string, unknown>[] };
  const node = document.nodes.find((one) => String(one.id) === id)!;
  // As older pages save it: no sockets of widgets, no names.
  node.inputs = [{ name: 'images', type: 'IMAGE', link: null }];
  node.widgets_values = ['ComfyUI', '', '16-bit', 'sRGB'];
  for (const one of document.nodes) delete one.widgets_values_named;
  const broken = read(document as never);
  expect(Object.keys(broken.nodes[id]!.widgets)).toContain('#2');
  const after = setInput(broken, { node: id, input: 'format' }, 'png', catalog);
  expect(after.nodes[id]!.widgets).toMatchObject({ 'format.bit_depth': '16-bit', 'format.input_color_space': 'sRGB' });
  expect(isStable(after)).toBe(true);
});

test('a node without widgets has no order of them', () => {
  const { workflow, id } = addNode(UI, { class_type: 'BatchImagesNode' }, catalog);
  const document = structuredClone(writeWorkflow(workflow)) as unknown as {
    nodes: { id: unknown; widgets_values?: unknown[] }[];
  };
  document.nodes.find((one) => String(one.id) === id)!.widgets_values = [];
  const after = connect(read(document as never), { node: id, input: 'images.image0', from: '8', slot: 0 }, catalog);
  expect(isStable(after)).toBe(true);
});

test('a widget that an instance shows keeps the link by which it does', () => {
  const workflow = read(shownByInstance(3));
  const [scope] = Object.keys(workflow.subgraphs);
  const after = setInput(workflow, { scope: scope!, node: '5', input: 'shift' }, 2, catalog);
  expect(diffByIds(workflow, after).map(({ kind, to }) => [kind, to])).toEqual([['set-input', 2]]);
});
