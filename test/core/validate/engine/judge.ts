import type { Json, JsonObject } from '../../../../src/base/json.ts';
import type { Catalog } from '../../../../src/core/catalog/catalog.ts';
import { catalogOfEngine } from '../../../../src/core/catalog/engines.ts';
import { catalogFromObjectInfo } from '../../../../src/core/catalog/object-info.ts';
import { parsePythonJson } from '../../../../src/core/validate/engine/python-json.ts';
import type { PyDict } from '../../../../src/core/validate/engine/python-value.ts';
import { validatePython } from '../../../../src/core/validate/engine/validate-as-engine.ts';
import type { EngineVerdict } from '../../../../src/core/validate/engine/verdict.ts';

/** The two engines that are shipped. */
export const NEW = await catalogOfEngine('0.33.0');
export const OLD = await catalogOfEngine('0.3.64');

/** Files of a small server. */
export const FILES: ReadonlyMap<string, readonly string[]> = new Map([
  ['input', ['a.png', 'sub/b.png', 'note.txt', '3d/cube.glb', 'c.latent']],
  ['output', ['out.png', 'd/e.png']],
  ['temp', ['t.png']],
  ['vae', ['ae.safetensors']],
  ['vae_approx', ['taesd_encoder.pth', 'taesd_decoder.pth', 'taef1_encoder.pth', 'taehv.pth']],
  ['clip', ['old.safetensors']],
]);

/** A node of a prompt. */
export function node(class_type: Json, inputs: Json = {}, more: JsonObject = {}): JsonObject {
  return { class_type, inputs, _meta: { title: 'Title' }, ...more };
}

/** A catalog of definitions in the form of `/object_info`, for engine 0.33.0 unless another is named. */
export function catalog(classes: { readonly [name: string]: Json }, engine = '0.33.0'): Catalog {
  return catalogFromObjectInfo(classes as JsonObject, engine);
}

/** The answer to a prompt that is written as JSON text, so that `1.0` is no integer. */
export function judgeText(prompt: string, by: Catalog = NEW, targets?: string): EngineVerdict {
  const targetsText = targets === undefined ? '' : `,"targets":${targets}`;
  const line = parsePythonJson(`{"prompt":${prompt}${targetsText}}`) as PyDict;
  return validatePython({ prompt: line.get('prompt'), partialExecutionTargets: line.get('targets') }, by, {
    files: FILES,
  });
}

/** The same for a prompt of a program. */
export function judge(prompt: Json, by: Catalog = NEW): EngineVerdict {
  return judgeText(JSON.stringify(prompt), by);
}

/** Types of the errors of each node, with the input they name: `{"3": ["required_input_missing image"]}`. */
export function told(verdict: EngineVerdict): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(verdict.node_errors).map(([id, { errors }]) => [
      id,
      errors.map(({ type, extra_info }) =>
        [type, ...('input_name' in extra_info ? [extra_info.input_name] : [])].join(' '),
      ),
    ]),
  );
}
