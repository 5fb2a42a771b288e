import type { Json } from '../base/json.ts';
import type { Catalog } from '../core/catalog/catalog.ts';

/** Kinds of values as a message names them. */
export type ValueKind = 'a number' | 'a text' | 'true or false' | 'a list' | 'an object' | 'empty';

const KINDS: Readonly<Record<string, ValueKind>> = {
  INT: 'a number',
  FLOAT: 'a number',
  STRING: 'a text',
  BOOLEAN: 'true or false',
};

/** Which kind a value is of. */
export function kindOfValue(value: Json): ValueKind {
  if (value === null) return 'empty';
  if (typeof value === 'string') return 'a text';
  if (typeof value === 'boolean') return 'true or false';
  if (typeof value === 'number' || typeof value === 'bigint') return 'a number';
  return Array.isArray(value) ? 'a list' : 'an object';
}

/** The kind an input takes: as the catalog says, else as the value that stands there; undefined when neither tells. */
export function expectedKind(catalog: Catalog, classType: string, input: string, old: Json): ValueKind | undefined {
  const type = catalog.node(classType)?.inputs.find(({ name }) => name === input)?.type;
  const known = type === undefined ? undefined : KINDS[type];
  return known ?? (old === null ? undefined : kindOfValue(old));
}
