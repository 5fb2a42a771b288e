import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { PageNode } from './page.ts';

/** Where the page puts its camera before anyone moves it. */
const POSITION = { x: 10, y: 10, z: 10.000000000000002 };
const QUATERNION = { w: 0.8804762392171493, x: -0.2798481423331213, y: 0.3647051996310008, z: 0.11591689595929511 };
const HALF_HEIGHT = 5;

/**
 * The state of a 3D view as the page sends it: the camera that the file remembers with the model it showed, else the
 * one a view starts with. Pictures are not drawn for these classes. [CV-16] Source: ComfyUI_frontend,
 * `load3dPreviewExtensions`; the numbers of the first camera are what it sends.
 */
export function viewportState(node: PageNode): JsonObject {
  const { properties } = node;
  const config = isObject(properties['Camera Config']) ? properties['Camera Config'] : {};
  const remembered = properties['Last Time Model File'] ? config.state : undefined;
  const camera: Json = isObject(remembered) ? remembered : firstCamera(node);
  return { image: '', mask: '', normal: '', camera_info: camera, recording: '', model_3d_info: [] };
}

function firstCamera({ widgets }: PageNode): JsonObject {
  const size = (name: string) => Number(widgets.find((one) => one.name === name)?.value) || 1;
  const aspect = size('width') / size('height');
  const half = HALF_HEIGHT * aspect;
  return {
    position: POSITION,
    target: { x: 0, y: 0, z: 0 },
    zoom: 1,
    cameraType: 'perspective',
    quaternion: QUATERNION,
    fov: 35,
    aspect,
    near: 0.01,
    far: 10000,
    frustum: { left: -half, right: half, top: HALF_HEIGHT, bottom: -HALF_HEIGHT },
  };
}
