import type { JsonObject } from '../../../../src/base/json.ts';

/** A plain text to image of SDXL's shape, as a prompt; `model` and `sampler` stand in for what it has. */
export function portrait(model = 'sd_xl_base_1.0.safetensors', sampler: JsonObject = {}): JsonObject {
  const node = (class_type: string, inputs: JsonObject): JsonObject => ({ class_type, inputs });
  return {
    '3': node('KSampler', {
      seed: 5,
      steps: 20,
      cfg: 7,
      sampler_name: 'euler',
      scheduler: 'normal',
      denoise: 1,
      model: ['4', 0],
      positive: ['6', 0],
      negative: ['7', 0],
      latent_image: ['5', 0],
      ...sampler,
    }),
    '4': node('CheckpointLoaderSimple', { ckpt_name: model }),
    '5': node('EmptyLatentImage', { width: 512, height: 512, batch_size: 1 }),
    '6': node('CLIPTextEncode', { text: 'a portrait', clip: ['4', 1] }),
    '7': node('CLIPTextEncode', { text: 'blurry', clip: ['4', 1] }),
    '8': node('VAEDecode', { samples: ['3', 0], vae: ['4', 2] }),
    '9': node('SaveImage', { filename_prefix: 'portrait', images: ['8', 0] }),
  };
}
