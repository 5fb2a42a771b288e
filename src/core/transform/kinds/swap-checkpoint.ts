import { nodeAt } from '../../workflow/scopes.ts';
import { fileInput, findInScope, gives, takes, theOne } from '../find.ts';
import { putValue } from '../put-value.ts';
import { defineTransform, refuse } from '../transform.ts';

/** Folders of whole models: checkpoints, and diffusion models under both of their names. */
const FOLDERS = ['checkpoints', 'diffusion_models', 'unet'];

/** Another model file in the loader that the graph begins with. */
export const swapCheckpoint = defineTransform({
  name: 'swap-checkpoint',
  summary: 'Load another checkpoint or diffusion model',
  args: {
    file: { type: 'text', required: true, at: 1, description: 'name of the file, as the server lists it' },
    node: { type: 'node', description: 'the loader, where there are several' },
    subgraph: { type: 'subgraph', description: 'subgraph to look into' },
  },
  plan(workflow, { file, node, subgraph }, setting) {
    const { catalog } = setting;
    const inputOf = (class_type: string) => {
      const isLoader = gives(catalog, class_type, 'MODEL') && !takes(catalog, class_type, 'MODEL');
      return isLoader ? fileInput(catalog, class_type, FOLDERS) : undefined;
    };
    const transform = 'swap-checkpoint';
    const loaders = findInScope(workflow, node?.scope ?? subgraph, {
      transform,
      what: 'node that loads a model',
      remedy: 'Add a loader first (`add-node CheckpointLoaderSimple`).',
      find: (place) => (inputOf(nodeAt(workflow, place)!.class_type) ? place : undefined),
    });
    if (node && !loaders.some((one) => one.node === node.node)) {
      const remedy = `Loaders are: ${loaders.map((one) => one.node).join(', ')}.`;
      throw refuse(transform, `node ${node.node} loads no model`, remedy);
    }
    const place = node ?? theOne(workflow, loaders, transform, 'nodes that load a model');
    const input = inputOf(nodeAt(workflow, place)!.class_type)!.name;
    const { after } = putValue(workflow, { ...place, input }, { json: file }, setting);
    return { after, notes: [`node ${place.node} loads ${file}`] };
  },
});
