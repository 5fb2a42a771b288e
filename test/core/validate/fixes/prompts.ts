import type { Json, JsonObject } from '../../../../src/base/json.ts';
import { defaultCatalog } from '../../../../src/core/catalog/catalog.ts';
import type { FileLists } from '../../../../src/core/catalog/check-value.ts';
import { applyEdits } from '../../../../src/core/edit/compile.ts';
import type { Diagnostic, DiagnosticCode } from '../../../../src/core/validate/diagnostic.ts';
import { withFixes } from '../../../../src/core/validate/fixes/with-fixes.ts';
import { readPrompt } from '../../../../src/core/validate/read-prompt.ts';
import { validateWorkflow } from '../../../../src/core/validate/validate.ts';
import { writeWorkflow } from '../../../../src/core/workflow/write.ts';

/** A prompt without a fault: text to image with one LoRA. */
export function portrait(): Record<string, { class_type: string; inputs: Record<string, Json>; _meta?: Json }> {
  return {
    '1': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sd15.safetensors' } },
    '2': { class_type: 'CLIPTextEncode', inputs: { text: 'a portrait', clip: ['1', 1] } },
    '3': { class_type: 'CLIPTextEncode', inputs: { text: 'blurry', clip: ['1', 1] } },
    '4': { class_type: 'EmptyLatentImage', inputs: { width: 512, height: 512, batch_size: 1 } },
    '5': {
      class_type: 'KSampler',
      inputs: {
        model: ['1', 0],
        positive: ['2', 0],
        negative: ['3', 0],
        latent_image: ['4', 0],
        seed: 7,
        steps: 20,
        cfg: 8,
        sampler_name: 'euler',
        scheduler: 'normal',
        denoise: 1,
      },
    },
    '6': { class_type: 'VAEDecode', inputs: { samples: ['5', 0], vae: ['1', 2] } },
    '7': { class_type: 'SaveImage', inputs: { images: ['6', 0], filename_prefix: 'ComfyUI' } },
  };
}

/** What is found in a prompt, with fixes and advice. */
export function findingsOf(prompt: JsonObject, files?: FileLists): Diagnostic[] {
  const catalog = defaultCatalog();
  const { workflow } = readPrompt(prompt, { catalog, source: 'test' });
  const known = files ? { files } : {};
  return withFixes(validateWorkflow(workflow, catalog, known).diagnostics, workflow, catalog, known);
}

/** The finding of a code; fails where there is none. */
export function findingOf(prompt: JsonObject, code: DiagnosticCode, files?: FileLists): Diagnostic {
  const found = findingsOf(prompt, files);
  const one = found.find((each) => each.code === code);
  if (!one) throw new Error(`no ${code} among ${found.map((each) => each.code).join(', ')}`);
  return one;
}

/** The prompt after the best fix of a finding. */
export function afterBest(prompt: JsonObject, { fixes }: Diagnostic): JsonObject {
  const { workflow } = readPrompt(prompt, { catalog: defaultCatalog(), source: 'test' });
  return writeWorkflow(applyEdits(workflow, fixes?.[0]?.edits ?? [])) as JsonObject;
}
