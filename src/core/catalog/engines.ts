import { CwfError } from '../../base/errors.ts';
import { type Catalog, defaultCatalog, type ShippedData, shippedCatalog } from './catalog.ts';

/** Engines whose definitions are loaded when they are asked for, newest first. */
const OTHERS: ReadonlyMap<string, () => Promise<ShippedData>> = new Map([
  ['0.3.64', async () => (await import('./data/v0-3-64.ts')) as ShippedData],
]);

const loaded = new Map<string, Catalog>();

/** The versions of ComfyUI whose node definitions cwf ships, newest first; the first is that of `defaultCatalog`. */
export function shippedEngines(): readonly string[] {
  return [defaultCatalog().engine, ...OTHERS.keys()];
}

/** The node definitions of one version of ComfyUI, `0.33.0` or `v0.33.0`. Throws ENGINE_UNKNOWN. */
export async function catalogOfEngine(version: string): Promise<Catalog> {
  const engine = version.replace(/^v/, '');
  if (engine === defaultCatalog().engine) return defaultCatalog();
  const load = OTHERS.get(engine);
  if (!load) throw new CwfError('ENGINE_UNKNOWN', { engine: version, known: shippedEngines() });
  const catalog = loaded.get(engine) ?? shippedCatalog(await load());
  loaded.set(engine, catalog);
  return catalog;
}
