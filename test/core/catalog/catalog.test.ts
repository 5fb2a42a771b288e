import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/base/hash.ts';
import { canonicalJson } from '../../../src/base/json-text.ts';
import { type Catalog, catalogFromJson, defaultCatalog, EMPTY_CATALOG } from '../../../src/core/catalog/catalog.ts';
import { catalogOfEngine, shippedEngines } from '../../../src/core/catalog/engines.ts';

describe('the shipped catalog', () => {
  const catalog = defaultCatalog();

  it('is one object, of one engine version, whose stated hash is that of its canonical text', () => {
    expect(defaultCatalog()).toBe(catalog);
    expect(catalog.engine).toBe('0.33.0');
    expect(catalog.hash).toBe(sha256(canonicalJson(catalog.toJson())));
  });

  it('knows the sampler: inputs in order, exact limits, outputs', () => {
    const sampler = catalog.node('KSampler');
    expect(sampler?.inputs.map(({ name }) => name)).toEqual([
      'model',
      'seed',
      'steps',
      'cfg',
      'sampler_name',
      'scheduler',
      'positive',
      'negative',
      'latent_image',
      'denoise',
    ]);
    expect(sampler?.inputs[1]?.options).toEqual({
      control_after_generate: true,
      default: 0,
      max: 18446744073709551615n,
      min: 0,
    });
    expect(sampler?.outputs).toEqual([{ name: 'LATENT', type: 'LATENT', isList: false }]);
  });

  it('knows output nodes, lists of files, sockets that are forced, matched types and grown inputs', () => {
    expect(catalog.node('SaveImage')?.flags).toContain('output_node');
    expect(catalog.node('LoadImage')?.inputs[0]).toMatchObject({ type: 'COMBO', options: { files: 'input' } });
    expect(catalog.node('ComfySwitchNode')?.inputs[1]).toMatchObject({
      type: 'COMFY_MATCHTYPE_V3',
      options: { lazy: true },
    });
    expect(catalog.node('BatchImagesNode')?.inputs[0]).toMatchObject({
      type: 'COMFY_AUTOGROW_V3',
      options: { template: { min: 1, max: 50, prefix: 'image' } },
    });
  });

  it('knows no class by a name of the prototype', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) expect(catalog.node(name)).toBeUndefined();
  });

  it('names all classes in order, each of which it knows', () => {
    const names = catalog.classes();
    expect(names).toEqual([...names].sort());
    expect(names).toEqual(Object.keys((catalog.toJson() as { nodes: object }).nodes).sort());
    expect(names.filter((name) => catalog.node(name) === undefined)).toEqual([]);
    expect(EMPTY_CATALOG.classes()).toEqual([]);
  });

  it('is the same when read back from its JSON', () => {
    const again = catalogFromJson(catalog.toJson());
    expect(again.hash).toBe(catalog.hash);
    expect(again.classes()).toEqual(catalog.classes());
    expect(again.node('KSampler')).toEqual(catalog.node('KSampler'));
  });
});

describe('the catalogs of the engines that are shipped', () => {
  it('are asked for by version, one object each', async () => {
    expect(shippedEngines()).toEqual(['0.33.0', '0.3.64']);
    expect(await catalogOfEngine('v0.33.0')).toBe(defaultCatalog());
    expect(await catalogOfEngine('0.3.64')).toBe(await catalogOfEngine('0.3.64'));
  });

  it('have the engine and the hash they state', async () => {
    for (const engine of shippedEngines()) {
      const catalog = await catalogOfEngine(engine);
      expect(catalog.engine).toBe(engine);
      expect(catalog.hash).toBe(sha256(canonicalJson(catalog.toJson())));
    }
  });

  it('an engine that is not shipped is refused, with those that are', async () => {
    await expect(catalogOfEngine('0.1.0')).rejects.toMatchObject({
      code: 'ENGINE_UNKNOWN',
      hint: expect.stringContaining('0.33.0, 0.3.64'),
    });
  });

  it('know which combos are lists of V1, lists of files too', async () => {
    const listed = (catalog: Catalog, classType: string, name: string) =>
      catalog.node(classType)?.inputs.find((input) => input.name === name)?.listed;
    const older = await catalogOfEngine('0.3.64');
    expect(listed(defaultCatalog(), 'KSampler', 'sampler_name')).toBe(true);
    expect(listed(defaultCatalog(), 'CheckpointLoaderSimple', 'ckpt_name')).toBe(true);
    expect(listed(defaultCatalog(), 'KSamplerSelect', 'sampler_name')).toBeUndefined();
    expect(listed(older, 'LoadVideo', 'file')).toBeUndefined();
    expect(listed(older, 'OpenAIInputFiles', 'file')).toBeUndefined();
  });
});

describe('other catalogs', () => {
  it('the empty one knows nothing and is a catalog all the same', () => {
    expect(EMPTY_CATALOG.node('KSampler')).toBeUndefined();
    expect(catalogFromJson(EMPTY_CATALOG.toJson()).hash).toBe(EMPTY_CATALOG.hash);
  });

  it.each([[null], [[]], [{ engine: 1, nodes: {} }], [{ engine: 'x' }]])('%j is refused', (json) => {
    expect(() => catalogFromJson(json)).toThrow(expect.objectContaining({ code: 'CATALOG_INVALID' }));
  });
});
