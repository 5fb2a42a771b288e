import type { Catalog } from '../core/catalog/catalog.ts';
import type { ClassSlots } from '../core/picture/slots.ts';

/** The slots of classes by the definitions of a catalog. */
export function slotsIn(catalog: Catalog): ClassSlots {
  return (classType) => {
    const found = catalog.node(classType);
    if (found === undefined) return undefined;
    return {
      inputs: found.inputs.map(({ name, type }) => ({ key: name, name, type })),
      outputs: found.outputs.map(({ name, type }, at) => ({
        key: String(at),
        name,
        ...(typeof type === 'string' ? { type } : {}),
      })),
    };
  };
}
