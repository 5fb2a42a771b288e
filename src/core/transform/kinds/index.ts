import type { AnyTransform } from '../transform.ts';
import { addNode } from './add-node.ts';
import { changeScheduler } from './change-scheduler.ts';
import { connect } from './connect.ts';
import { convertLoader } from './convert-loader.ts';
import { disconnect } from './disconnect.ts';
import { insertControlnet } from './insert-controlnet.ts';
import { insertLora } from './insert-lora.ts';
import { insertUpscale } from './insert-upscale.ts';
import { remove } from './remove.ts';
import { renameNode } from './rename-node.ts';
import { renameParam } from './rename-param.ts';
import { replace } from './replace.ts';
import { replaceDeprecated } from './replace-deprecated.ts';
import { set } from './set.ts';
import { setMode } from './set-mode.ts';
import { swapCheckpoint } from './swap-checkpoint.ts';

/** Every transform by name; one file of this folder each. */
export const TRANSFORMS: Readonly<Record<string, AnyTransform>> = {
  'add-node': addNode,
  'change-scheduler': changeScheduler,
  connect,
  'convert-loader': convertLoader,
  disconnect,
  'insert-controlnet': insertControlnet,
  'insert-lora': insertLora,
  'insert-upscale': insertUpscale,
  remove,
  'rename-node': renameNode,
  'rename-param': renameParam,
  replace,
  'replace-deprecated': replaceDeprecated,
  set,
  'set-mode': setMode,
  'swap-checkpoint': swapCheckpoint,
};
