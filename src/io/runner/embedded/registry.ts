import type { Operation } from './operation.ts';
import {
  batchImages,
  batchMasks,
  imageBatch,
  imageFromBatch,
  rebatchImages,
  repeatImageBatch,
} from './operations/batch.ts';
import { imageBlend } from './operations/blend.ts';
import { imageBlur, imageSharpen } from './operations/blur.ts';
import { canny } from './operations/canny.ts';
import { imageRgbToYuv, imageYuvToRgb } from './operations/colour.ts';
import { imageCompositeMasked, joinImageWithAlpha, splitImageWithAlpha } from './operations/composite.ts';
import { cropMask, imageCrop } from './operations/crop.ts';
import { emptyImage, solidMask } from './operations/empty.ts';
import { imageInvert, invertMask, thresholdMask } from './operations/invert.ts';
import { loadImage, loadImageMask } from './operations/load-image.ts';
import { comfyAnd, comfyNot, comfyNumberConvert, comfyOr, comfySwitch, customCombo } from './operations/logic.ts';
import { imageColorToMask, imageToMask, maskToImage } from './operations/mask-convert.ts';
import { featherMask, growMask, maskComposite } from './operations/masks.ts';
import { comfyMathExpression } from './operations/math-expression.ts';
import { morphology } from './operations/morphology.ts';
import { imagePadForOutpaint } from './operations/pad.ts';
import { porterDuffImageComposite } from './operations/porter-duff.ts';
import { getImageSize, PRIMITIVES, previewAny, primitiveBoundingBox, seed } from './operations/primitives.ts';
import { imageQuantize } from './operations/quantize.ts';
import { resizeImageMask } from './operations/resize-image-mask.ts';
import { maskPreview, previewImage, saveImage, saveImageWebsocket } from './operations/save-image.ts';
import {
  imageScale,
  imageScaleBy,
  imageScaleToMaxDimension,
  imageScaleToTotalPixels,
  resizeAndPadImage,
} from './operations/scale.ts';
import { imageStitch } from './operations/stitch.ts';
import {
  caseConverter,
  stringCompare,
  stringConcatenate,
  stringContains,
  stringLength,
  stringReplace,
  stringSubstring,
  stringTrim,
} from './operations/text.ts';
import { imageMergeTileList, splitImageToTileList } from './operations/tiles.ts';
import { imageFlip, imageRotate } from './operations/turn.ts';

/** Every node class that the embedded engine runs; a test holds the folder of operations against it. */
export const OPERATIONS: readonly Operation[] = [
  loadImage,
  loadImageMask,
  saveImage,
  previewImage,
  maskPreview,
  saveImageWebsocket,
  emptyImage,
  solidMask,
  imageScale,
  imageScaleBy,
  imageScaleToTotalPixels,
  imageScaleToMaxDimension,
  resizeAndPadImage,
  resizeImageMask,
  imageCrop,
  cropMask,
  imagePadForOutpaint,
  imageFlip,
  imageRotate,
  imageInvert,
  invertMask,
  thresholdMask,
  imageBlur,
  imageSharpen,
  imageQuantize,
  imageBlend,
  imageBatch,
  batchImages,
  batchMasks,
  imageFromBatch,
  repeatImageBatch,
  rebatchImages,
  imageStitch,
  splitImageToTileList,
  imageMergeTileList,
  imageRgbToYuv,
  imageYuvToRgb,
  imageCompositeMasked,
  joinImageWithAlpha,
  splitImageWithAlpha,
  porterDuffImageComposite,
  imageToMask,
  maskToImage,
  imageColorToMask,
  maskComposite,
  featherMask,
  growMask,
  morphology,
  canny,
  getImageSize,
  previewAny,
  ...PRIMITIVES,
  seed,
  primitiveBoundingBox,
  comfySwitch,
  comfyNot,
  comfyAnd,
  comfyOr,
  customCombo,
  comfyNumberConvert,
  comfyMathExpression,
  stringConcatenate,
  stringSubstring,
  stringLength,
  caseConverter,
  stringTrim,
  stringReplace,
  stringContains,
  stringCompare,
];

let byClass: ReadonlyMap<string, Operation> | undefined;

/** The operation of a class; undefined for one that the embedded engine does not run. */
export function operationOf(classType: string): Operation | undefined {
  byClass ??= new Map(OPERATIONS.map((operation) => [operation.classType, operation]));
  return byClass.get(classType);
}
