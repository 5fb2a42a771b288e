import type { Json } from '../../base/json.ts';

/** Where one input of the new class has its value from: an input of the old node (`from`), or always the same `value`. */
export type ReplacedInput =
  | { readonly name: string; readonly from: string }
  | { readonly name: string; readonly value: Json };

/** What stands for a class that an engine no longer has. */
export interface Replacement {
  readonly to: string;
  /**
   * Inputs of the new class. Absent where the engine's own table gives none: the two classes then have the same inputs,
   * but the engine itself passes on none of them.
   */
  readonly inputs?: readonly ReplacedInput[];
  /** Output slots that moved; a slot that is not listed keeps its number. */
  readonly outputs?: readonly { readonly from: number; readonly to: number }[];
  /** Inputs of the old class that were widgets, in the order in which the page saved their values. */
  readonly widgets?: readonly string[];
}

const same = (to: string): Replacement => ({ to });

/**
 * The classes that ComfyUI itself replaces when it does not have them, by their old name. Source: the table of
 * ComfyUI 0.33.0 as `GET /node_replacements` sends it.
 */
export const REPLACEMENTS: ReadonlyMap<string, Replacement> = new Map<string, Replacement>([
  // The old name ends in a space.
  ['ConditioningAverage ', same('ConditioningAverage')],
  [
    'ImageBatch',
    {
      to: 'BatchImagesNode',
      inputs: [
        { name: 'images.image0', from: 'image1' },
        { name: 'images.image1', from: 'image2' },
      ],
    },
  ],
  [
    'ImageScaleBy',
    {
      to: 'ResizeImageMaskNode',
      inputs: [
        { name: 'input', from: 'image' },
        { name: 'resize_type', value: 'scale by multiplier' },
        { name: 'resize_type.multiplier', from: 'scale_by' },
        { name: 'scale_method', from: 'upscale_method' },
      ],
      widgets: ['upscale_method', 'scale_by'],
    },
  ],
  ['Load3DAnimation', same('Load3D')],
  ['Preview3DAnimation', same('Preview3D')],
  [
    'ResizeImagesByLongerEdge',
    {
      to: 'ImageScaleToMaxDimension',
      inputs: [
        { name: 'image', from: 'images' },
        { name: 'largest_size', from: 'longer_edge' },
        { name: 'upscale_method', value: 'lanczos' },
      ],
      outputs: [{ from: 0, to: 0 }],
      widgets: ['longer_edge'],
    },
  ],
  ['SDV_img2vid_Conditioning', same('SVD_img2vid_Conditioning')],
  ['T2IAdapterLoader', { to: 'ControlNetLoader', inputs: [{ name: 'control_net_name', from: 't2i_adapter_name' }] }],
]);
