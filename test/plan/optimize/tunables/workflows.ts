import type { JsonObject } from '../../../../src/base/json.ts';

/** A node of a prompt. */
export function node(class_type: string, inputs: JsonObject): JsonObject {
  return { class_type, inputs };
}

/** A plain text to image of SDXL's shape, as a prompt; `model` and `sampler` stand in for what it has. */
export function portrait(model = 'sd_xl_base_1.0.safetensors', sampler: JsonObject = {}): JsonObject {
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

/** Base and refiner, which share one schedule: the second goes on where the first ends. */
export function experts(): JsonObject {
  const sampler = (inputs: JsonObject): JsonObject =>
    node('KSamplerAdvanced', {
      noise_seed: 1,
      steps: 25,
      cfg: 7,
      sampler_name: 'euler',
      scheduler: 'normal',
      positive: ['6', 0],
      negative: ['7', 0],
      ...inputs,
    });
  return {
    ...portrait(),
    '3': sampler({
      add_noise: 'enable',
      start_at_step: 0,
      end_at_step: 20,
      return_with_leftover_noise: 'enable',
      model: ['4', 0],
      latent_image: ['5', 0],
    }),
    '10': sampler({
      add_noise: 'disable',
      start_at_step: 20,
      end_at_step: 10000,
      return_with_leftover_noise: 'disable',
      model: ['11', 0],
      latent_image: ['3', 0],
    }),
    '11': node('CheckpointLoaderSimple', { ckpt_name: 'sd_xl_refiner_1.0.safetensors' }),
    '8': node('VAEDecode', { samples: ['10', 0], vae: ['4', 2] }),
  };
}

/** Two settings of one model behind one boolean: without and with a LoRA for few steps. */
export function turbo(): JsonObject {
  const pick = (on_true: JsonObject[string], on_false: JsonObject[string]): JsonObject =>
    node('ComfySwitchNode', { switch: ['20', 0], on_true, on_false });
  return {
    ...portrait('sd_xl_base_1.0.safetensors', { model: ['21', 0], steps: ['22', 0], cfg: ['23', 0] }),
    '20': node('PrimitiveBoolean', { value: false }),
    '21': pick(['24', 0], ['4', 0]),
    '22': pick(['25', 0], ['26', 0]),
    '23': pick(['27', 0], ['28', 0]),
    '24': node('LoraLoaderModelOnly', {
      lora_name: 'lightning_8steps.safetensors',
      strength_model: 1,
      model: ['4', 0],
    }),
    '25': node('PrimitiveInt', { value: 8 }),
    '26': node('PrimitiveInt', { value: 20 }),
    '27': node('PrimitiveFloat', { value: 1 }),
    '28': node('PrimitiveFloat', { value: 7 }),
  };
}
