import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/base/hash.ts';
import { canonicalJson } from '../../../src/base/json-text.ts';
import { catalogFromJson, defaultCatalog, EMPTY_CATALOG } from '../../../src/core/catalog/catalog.ts';

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

describe('other catalogs', () => {
  it('the empty one knows nothing and is a catalog all the same', () => {
    expect(EMPTY_CATALOG.node('KSampler')).toBeUndefined();
    expect(catalogFromJson(EMPTY_CATALOG.toJson()).hash).toBe(EMPTY_CATALOG.hash);
  });

  it.each([[null], [[]], [{ engine: 1, nodes: {} }], [{ engine: 'x' }]])('%j is refused', (json) => {
    expect(() => catalogFromJson(json)).toThrow(expect.objectContaining({ code: 'CATALOG_INVALID' }));
  });
});
