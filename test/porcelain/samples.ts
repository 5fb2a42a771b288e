import type { Json, JsonObject } from '../../src/base/json.ts';

/** A text-to-image graph in API format. */
export function apiGraph(): Record<string, JsonObject> {
  return {
    '3': {
      class_type: 'KSampler',
      inputs: {
        seed: 42,
        steps: 20,
        cfg: 8,
        sampler_name: 'euler',
        scheduler: 'normal',
        denoise: 1,
        model: ['4', 0],
        positive: ['6', 0],
        negative: ['7', 0],
        latent_image: ['5', 0],
      },
      _meta: { title: 'portrait' },
    },
    '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'a.safetensors' } },
    '5': { class_type: 'EmptyLatentImage', inputs: { width: 512, height: 512, batch_size: 1 } },
    '6': { class_type: 'CLIPTextEncode', inputs: { text: 'a cat', clip: ['4', 1] } },
    '7': { class_type: 'CLIPTextEncode', inputs: { text: 'blurry', clip: ['4', 1] } },
    '8': { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
    '9': { class_type: 'SaveImage', inputs: { filename_prefix: 'out', images: ['8', 0] } },
  };
}

/** The same graph in API format with one input changed. */
export function apiWith(node: string, input: string, value: Json): Record<string, JsonObject> {
  const graph = apiGraph();
  (graph[node]!['inputs'] as JsonObject)[input] = value;
  return graph;
}

/** A small graph as the page saves it, with one subgraph. */
export function uiGraph(): { nodes: JsonObject[]; links: Json[][]; [key: string]: Json } {
  const uuid = '11111111-2222-4333-8444-555555555555';
  return {
    id: '00000000-0000-4000-8000-000000000001',
    revision: 0,
    last_node_id: 3,
    last_link_id: 2,
    nodes: [
      {
        id: 1,
        type: 'CheckpointLoaderSimple',
        pos: [0, 0],
        size: [300, 100],
        flags: {},
        order: 0,
        mode: 0,
        inputs: [],
        outputs: [
          { name: 'MODEL', type: 'MODEL', links: [1] },
          { name: 'CLIP', type: 'CLIP', links: [2] },
          { name: 'VAE', type: 'VAE', links: null },
        ],
        properties: { 'Node name for S&R': 'CheckpointLoaderSimple' },
        widgets_values: ['a.safetensors'],
      },
      {
        id: 2,
        type: 'CLIPTextEncode',
        title: 'positive',
        pos: [400, 0],
        size: [300, 200],
        flags: {},
        order: 1,
        mode: 0,
        inputs: [{ name: 'clip', type: 'CLIP', link: 2 }],
        outputs: [{ name: 'CONDITIONING', type: 'CONDITIONING', links: [] }],
        properties: {},
        widgets_values: ['a photo of a cat'],
      },
      {
        id: 3,
        type: uuid,
        pos: [800, 0],
        size: [300, 200],
        flags: {},
        order: 2,
        mode: 0,
        inputs: [{ name: 'model', type: 'MODEL', link: 1 }],
        outputs: [],
        properties: {},
        widgets_values: [],
      },
    ],
    links: [
      [1, 1, 0, 3, 0, 'MODEL'],
      [2, 1, 1, 2, 0, 'CLIP'],
    ],
    groups: [],
    definitions: {
      subgraphs: [
        {
          id: uuid,
          version: 1,
          state: { lastGroupId: 0, lastNodeId: 5, lastLinkId: 1, lastRerouteId: 0 },
          revision: 0,
          config: {},
          name: 'Shift',
          inputNode: { id: -10, bounding: [0, 0, 100, 100] },
          outputNode: { id: -20, bounding: [400, 0, 100, 100] },
          inputs: [
            { id: 'aaaaaaaa-0000-4000-8000-000000000001', name: 'model', type: 'MODEL', linkIds: [1], pos: [0, 0] },
          ],
          outputs: [],
          widgets: [],
          nodes: [
            {
              id: 5,
              type: 'ModelSamplingAuraFlow',
              pos: [200, 0],
              size: [300, 100],
              flags: {},
              order: 0,
              mode: 0,
              inputs: [{ name: 'model', type: 'MODEL', link: 1 }],
              outputs: [{ name: 'MODEL', type: 'MODEL', links: [] }],
              properties: {},
              widgets_values: [3],
            },
          ],
          groups: [],
          links: [{ id: 1, origin_id: -10, origin_slot: 0, target_id: 5, target_slot: 0, type: 'MODEL' }],
          extra: {},
        },
      ],
    },
    config: {},
    extra: { ds: { scale: 1, offset: [0, 0] } },
    version: 0.4,
  };
}

/** That UI workflow whose definition shows the shift of its node outside, where the instance holds none. */
export function shownByInstance(shift: number): ReturnType<typeof uiGraph> {
  const graph = uiGraph();
  const [definition] = (graph.definitions as JsonObject).subgraphs as JsonObject[];
  const [node] = definition!.nodes as JsonObject[];
  (node!.inputs as Json[]).push({ name: 'shift', type: 'FLOAT', widget: { name: 'shift' }, link: 2 });
  node!.widgets_values = [shift];
  (definition!.inputs as Json[]).push({
    id: 'aaaaaaaa-0000-4000-8000-000000000002',
    name: 'shift',
    type: 'FLOAT',
    linkIds: [2],
    pos: [0, 20],
  });
  (definition!.links as Json[]).push({
    id: 2,
    origin_id: -10,
    origin_slot: 1,
    target_id: 5,
    target_slot: 1,
    type: 'FLOAT',
  });
  graph.nodes[2]!.properties = { proxyWidgets: [['5', 'shift']] };
  return graph;
}

/** JSON text as a program would save it, not in canonical form. */
export function text(value: unknown): string {
  return JSON.stringify(value, null, 1);
}

/** The same JSON with keys in reverse order at every level and, in a UI graph, nodes and links too. */
export function shuffled(value: Json): Json {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  const out: JsonObject = {};
  for (const key of Object.keys(value).reverse()) {
    const inner = shuffled(value[key]!);
    out[key] =
      (key === 'nodes' || key === 'links') && Array.isArray(inner) && inner.every((i) => typeof i === 'object')
        ? inner.reverse()
        : inner;
  }
  return out;
}
