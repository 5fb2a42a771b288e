import type { Json, JsonObject } from '../../../../base/json.ts';
import type { Catalog, NodeDefinition } from '../../../../core/catalog/catalog.ts';
import { OPERATIONS } from '../registry.ts';

/** What `/object_info` tells of one class, or of all that the embedded engine runs. `images`: files of the input folder. */
export function objectInfo(catalog: Catalog, images: readonly string[], classType?: string): JsonObject {
  const names = OPERATIONS.map((operation) => operation.classType);
  const wanted = names.filter((name) => classType === undefined || name === classType);
  return Object.fromEntries(wanted.map((name) => [name, infoOf(name, catalog.node(name)!, images)]));
}

function infoOf(name: string, definition: NodeDefinition, images: readonly string[]): JsonObject {
  const input: { [section: string]: JsonObject } = {};
  const order: { [section: string]: Json[] } = {};
  for (const { name: key, section, type, options, listed } of definition.inputs) {
    const isFile = options.files !== undefined || options.image_upload === true;
    const { options: choices, ...rest } = options;
    let told: Json = [type, options];
    if (section === 'hidden') told = type;
    else if (isFile) told = [[...images], { image_upload: true }];
    else if (listed && Array.isArray(choices)) told = [choices, rest];
    input[section] = { ...input[section], [key]: told };
    order[section] = [...(order[section] ?? []), key];
  }
  return {
    input,
    input_order: order,
    is_input_list: definition.flags.includes('is_input_list'),
    output: definition.outputs.map(({ type }) => type),
    output_is_list: definition.outputs.map(({ isList }) => isList),
    output_name: definition.outputs.map(({ name }) => name),
    name,
    display_name: name,
    description: '',
    python_module: 'nodes',
    category: 'embedded',
    output_node: definition.flags.includes('output_node'),
    ...(definition.flags.includes('deprecated') ? { deprecated: true } : {}),
    ...(definition.flags.includes('experimental') ? { experimental: true } : {}),
  };
}
