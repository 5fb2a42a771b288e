import type { Json } from '../../../../src/base/json.ts';
import { linkOf } from '../../../../src/core/workflow/read-api.ts';
import { type Draft, type DraftNode, isOutput, linkSites, type Mutation, nodesOf, shown } from './draft.ts';

/** Faults of whole nodes, by the name of the mutation. */
export const NODE_MUTATIONS: Readonly<Record<string, Mutation>> = {
  class_list: (draft) => member(draft, 'class_type', [{}, ['KSampler']]),
  class_missing: (draft) =>
    node(draft, nodesOf(draft), ({ id, node }) => {
      delete node.class_type;
      return id;
    }),
  class_null: (draft) => member(draft, 'class_type', [5, null]),
  unknown_class: (draft) =>
    node(draft, nodesOf(draft), ({ id, node }) => {
      const name = node.class_type as string;
      const wrong = draft.random.pick([
        '',
        'ksampler',
        'KSamplerX',
        'NoSuchNode',
        `${name} `,
        name.toLowerCase(),
        `${name.slice(1)}`,
      ]);
      node.class_type = wrong;
      return `${id} '${wrong}'`;
    }),
  unknown_class_no_meta: (draft) =>
    node(draft, nodesOf(draft), ({ id, node }) => {
      node.class_type = 'NoSuchNode';
      delete node._meta;
      return id;
    }),
  swap_class: (draft) =>
    node(draft, nodesOf(draft), ({ id, node }) => {
      const from = node.class_type as string;
      const others = draft.classes.filter((one) => one !== from);
      if (others.length === 0) return undefined;
      node.class_type = draft.random.pick(others);
      return `${id} ${from}->${node.class_type}`;
    }),
  inputs_bad: (draft) => member(draft, 'inputs', ['x', {}, [], null]),
  inputs_missing: (draft) =>
    node(draft, nodesOf(draft), ({ id, node }) => {
      delete node.inputs;
      return id;
    }),
  meta_missing: (draft) =>
    node(draft, nodesOf(draft), ({ id, node }) => {
      delete node._meta;
      return id;
    }),
  meta_null: (draft) => member(draft, '_meta', [null]),
  node_not_dict: (draft) =>
    node(draft, nodesOf(draft), ({ id }) => {
      const value = draft.random.pick<Json>([null, ['class_type'], 'KSampler', 7, 'class_type', []]);
      draft.prompt[id] = value;
      return `${id}=${shown(value)}`;
    }),
  delete_all_outputs(draft) {
    const outputs = nodesOf(draft).filter(isOutput);
    for (const { id } of outputs) delete draft.prompt[id];
    return outputs.length === 0 ? undefined : outputs.map(({ id }) => id).join(',');
  },
  delete_leaf_output(draft) {
    const read = new Set(linkSites(draft).map(({ value }) => linkOf(value)!.from));
    const outputs = nodesOf(draft).filter(isOutput);
    const leaves = outputs.length < 2 ? [] : outputs.filter(({ id }) => !read.has(id));
    return node(draft, leaves, ({ id }) => remove(draft, id));
  },
  delete_upstream(draft) {
    const read = new Set(linkSites(draft).map(({ value }) => linkOf(value)!.from));
    return node(
      draft,
      nodesOf(draft).filter(({ id }) => read.has(id)),
      ({ id }) => remove(draft, id),
    );
  },
  extra_input: (draft) => extra(draft, draft.random.pick<Json>([[], 'x', 1])),
  extra_input_dangling_link: (draft) => extra(draft, ['424242', 0]),
  orphan_bad_input: (draft) => orphan(draft, 'orphan', 'KSampler', { steps: 'abc' }),
  orphan_output_bad: (draft) => orphan(draft, 'orphan', 'PreviewImage', {}),
  orphan_unknown_class: (draft) => orphan(draft, 'orphan', 'NoSuchNode', {}),
  replaced_class: (draft) => orphan(draft, 'old', 'T2IAdapterLoader', { t2i_adapter_name: 'none.safetensors' }),
  replaced_class_no_meta(draft) {
    draft.prompt.old = { class_type: 'Load3DAnimation', inputs: {} };
    return 'old Load3DAnimation without _meta';
  },
};

function node(
  draft: Draft,
  nodes: readonly DraftNode[],
  change: (node: DraftNode) => string | undefined,
): string | undefined {
  return nodes.length === 0 ? undefined : change(draft.random.pick(nodes));
}

function member(draft: Draft, key: string, values: readonly Json[]): string | undefined {
  return node(draft, nodesOf(draft), ({ id, node }) => {
    const value = structuredClone(draft.random.pick(values));
    node[key] = value;
    return `${id}=${shown(value)}`;
  });
}

function remove({ prompt }: Draft, id: string): string {
  delete prompt[id];
  return id;
}

function extra(draft: Draft, value: Json): string | undefined {
  return node(draft, nodesOf(draft), ({ id, inputs }) => {
    inputs.zz_extra = structuredClone(value);
    return id;
  });
}

function orphan({ prompt }: Draft, id: string, class_type: string, inputs: { [name: string]: Json }): string {
  prompt[id] = { class_type, inputs, _meta: { title: id } };
  return `${id} ${class_type}`;
}
