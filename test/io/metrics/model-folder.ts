import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ModelKind } from '../../../src/io/metrics/metric.ts';
import { type ModelManifest, readManifests } from '../../../src/io/metrics/models/manifest.ts';
import { random } from './images.ts';
import { safetensors, textNetwork, tinyTokenizer, visionNetwork } from './tiny-onnx.ts';

/** Values between -1 and 1. */
export function values(seed: number, length: number): Float32Array {
  const next = random(seed);
  return Float32Array.from({ length }, () => 2 * next() - 1);
}

/** The files of a tiny model of the CLIP family with embeddings of 16 values. */
export function tinyFiles(): Readonly<Record<string, Buffer>> {
  const { json, config, vocab } = tinyTokenizer();
  return {
    'vision_model.onnx': visionNetwork(values(1, 384), values(2, 128)),
    'text_model.onnx': textNetwork(values(3, Object.keys(vocab).length * 8), values(4, 128)),
    'tokenizer.json': Buffer.from(JSON.stringify(json)),
    'tokenizer_config.json': Buffer.from(JSON.stringify(config)),
  };
}

/** A head of one layer over 16 values. */
export function tinyHead(): Buffer {
  return safetensors({ weight: { shape: [1, 16], values: [...values(5, 16)] }, bias: { shape: [1], values: [4.5] } });
}

/** Manifest as JSON of the given files, which lie below a folder of the id. */
export function manifestJson(
  id: string,
  kind: ModelKind,
  files: Readonly<Record<string, Buffer>>,
  more: object = {},
): object {
  return {
    id,
    kind,
    files: Object.entries(files).map(([name, bytes]) => ({
      path: `${id}/${name}`,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      size: bytes.length,
    })),
    preprocess: 'clip-224-pil-bicubic@1',
    licence: 'MIT',
    source: { hub: 'example.org', repo: 'tiny', revision: '0123456' },
    ...more,
  };
}

/** Writes the files into a folder of models and returns the manifest. */
export function install(
  folder: string,
  id: string,
  kind: ModelKind,
  files: Readonly<Record<string, Buffer>>,
  more: object = {},
): ModelManifest {
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(folder, id, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
  return readManifests(JSON.stringify(manifestJson(id, kind, files, more)), 'models.json')[0]!;
}
