import type { Json, JsonObject } from '../../base/json.ts';
import type { InputDefinition, NodeDefinition } from '../catalog/catalog.ts';
import type { PageWidget } from './page.ts';

type Options = Readonly<JsonObject>;
type Default = (options: Options) => Json | undefined;

/** What a widget holds before a file says anything, by the type of its input. Source: the page's widget constructors. */
const DEFAULTS: Readonly<Record<string, Default>> = {
  INT: ({ default: value }) => value ?? 0,
  FLOAT: ({ default: value }) => value ?? 0,
  BOOLEAN: ({ default: value }) => value ?? false,
  STRING: ({ default: value }) => value ?? '',
  COMBO: ({ default: value, options }) => value || (Array.isArray(options) ? options[0] : undefined),
  COLOR: ({ default: value }) => value ?? '#000000',
  COLORS: ({ default: value }) => value ?? [],
  CURVE: ({ default: value }) => value ?? { points: [[0, 0], [1, 1]], interpolation: 'monotone_cubic' }, // biome-ignore format: a pair of points
  RANGE: ({ default: value }) => value ?? { min: 0, max: 1 },
  BOUNDING_BOX: ({ default: value }) => value ?? { x: 0, y: 0, width: 512, height: 512 },
  BOUNDING_BOXES: ({ default: value }) => value ?? [],
  IMAGECOMPARE: () => ['', ''],
  PREVIEW_3D: () => '',
};

/** Types of which the page keeps nothing in the file. */
const UNSAVED = new Set(['AUDIO_UI', 'IMAGECOMPARE', 'RESOLUTION_PREVIEW', 'CAMERA_INFO_STATE', 'TEXT_PREVIEW']);
/** Types that are buttons and views: the prompt knows nothing of them. */
const UNSENT = new Set([
  'AUDIO_UI',
  'UPLOAD',
  'RESOLUTION_PREVIEW',
  'CAMERA_INFO_STATE',
  'CAMERA_ANGLE_VIEW',
  'TEXT_PREVIEW',
]);
/** Buttons beside a list of 3D models: their names, and what the page sends for them. */
export const MODEL_BUTTONS = [
  ['upload 3d model', 'upload3dmodel'],
  ['upload extra resources', 'uploadExtraResources'],
  ['clear', 'clear'],
] as const;

/** Types whose value the page makes only when it sends: a picture that it draws or takes. */
const MADE_BY_PAGE = new Set(['LOAD_3D', 'LOAD_3D_ADVANCED', 'WEBCAM']);

/** Whether a value of this type exists only in a browser. */
export function isMadeByPage(kind: string): boolean {
  return MADE_BY_PAGE.has(kind);
}

/** The widgets that the page draws for one input: its own, then the ones that belong to it. [CV-11] */
export function drawInput(input: InputDefinition, name: string): PageWidget[] {
  const { options } = input;
  const kind = typeof options.widgetType === 'string' ? options.widgetType : input.type;
  const own: PageWidget = {
    name,
    kind,
    options,
    saved: !UNSAVED.has(kind),
    sent: !UNSENT.has(kind),
    value: DEFAULTS[kind]?.(options) ?? (kind in DEFAULTS ? undefined : options.default),
  };
  return [own, ...besides(own)];
}

/** A control behind a number or list, the numbers of a box. */
function besides({ name, kind, options, value }: PageWidget): PageWidget[] {
  if (kind === 'BOUNDING_BOX') {
    const box = value as JsonObject;
    return ['x', 'y', 'width', 'height'].map((field) => beside(field, 'INT', box[field]));
  }
  // The button that records has the name of the sound.
  if (kind === 'AUDIO_RECORD') return [beside(name, 'BUTTON', '')];
  const flag = options.control_after_generate;
  const isSeed = kind === 'INT' && (name === 'seed' || name === 'noise_seed');
  const hasControl = ['INT', 'FLOAT', 'COMBO'].includes(kind) && (flag === undefined ? isSeed : Boolean(flag));
  if (!hasControl) return [];
  const control = beside(controlName(flag), 'COMBO', 'randomize');
  return kind === 'COMBO' ? [control, beside('control_filter_list', 'STRING', '')] : [control];
}

const MODES = new Set<Json>(['fixed', 'increment', 'decrement', 'randomize', 'increment-wrap']);

/** A text that is no mode is the name of the control; a mode is what it starts with. */
function controlName(flag: Json | undefined): string {
  return typeof flag === 'string' && flag.trim() !== '' && !MODES.has(flag) ? flag : 'control_after_generate';
}

function beside(name: string, kind: string, value: Json | undefined): PageWidget {
  return { name, kind, options: {}, saved: true, sent: false, value };
}

const PLAYERS = new Set([
  'LoadAudio',
  'SaveAudio',
  'PreviewAudio',
  'SaveAudioMP3',
  'SaveAudioOpus',
  'SaveAudioAdvanced',
]);
const VIEWERS = new Set(['SaveGLB', 'Preview3D']);
const TEXT_VIEWERS = new Set(['PreviewAny', 'SaveText']);

/** Inputs that scripts of the page add behind those of the server's definition. [CV-11] */
export function addedInputs(classType: string, { inputs }: NodeDefinition): InputDefinition[] {
  const added: InputDefinition[] = [];
  const add = (name: string, type: string) => added.push({ name, section: 'required', type, options: {} });
  if (PLAYERS.has(classType)) add('audioUI', 'AUDIO_UI');
  if (inputs.some(isUpload)) add('upload', 'UPLOAD');
  if (VIEWERS.has(classType)) add('image', 'PREVIEW_3D');
  return added;
}

/** Widgets that scripts of the page add without an input. */
export function addedWidgets(classType: string): PageWidget[] {
  if (classType === 'CustomCombo') {
    // What is chosen as a number; then one option for each that was ever typed, and an empty one. [CV-15]
    const index: PageWidget = { name: 'index', kind: 'INDEX', options: {}, saved: true, sent: true, value: -1 };
    return [index, optionWidget(1)];
  }
  if (!TEXT_VIEWERS.has(classType)) return [];
  return ['preview_text', 'preview_mode'].map((name) => ({
    ...beside(name, 'TEXT_PREVIEW', undefined),
    saved: false,
  }));
}

/** One option of a CustomCombo. */
export function optionWidget(count: number): PageWidget {
  return { name: `option${count}`, kind: 'OPTION', options: {}, saved: true, sent: true, value: '' };
}

/** A list of files that has a button for another one. */
function isUpload({ section, type, options }: InputDefinition): boolean {
  if (section !== 'required' || type !== 'COMBO') return false;
  const flags = ['image_upload', 'video_upload', 'animated_image_upload', 'audio_upload'];
  return options.files === 'input' || flags.some((flag) => options[flag] === true);
}

/** Whether the page sends a value under this name that the class does not declare: a widget that a script of it adds. */
export function isSentBeside(classType: string, name: string): boolean {
  if (classType === 'CustomCombo') return name === 'index' || /^option\d+$/.test(name);
  if (VIEWERS.has(classType)) return name === 'image';
  return MODEL_BUTTONS.some(([button]) => button === name);
}
