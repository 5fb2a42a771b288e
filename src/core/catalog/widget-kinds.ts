import type { Json } from '../../base/json.ts';
import type { InputDefinition } from './catalog.ts';

/** What a widget of one kind saves: its positions (`''` is the input itself, else a widget beside it), and their type. */
export interface WidgetKind {
  readonly parts: readonly string[];
  readonly fits: (value: Json) => boolean;
}

const isNumber = (value: Json) => typeof value === 'number' || typeof value === 'bigint';
const isText = (value: Json) => typeof value === 'string';
const isComposed = (value: Json) => typeof value === 'object';

/** Input types the page draws as widgets, beside lists of options, as the official files show them. */
const KINDS: Readonly<Record<string, WidgetKind>> = {
  INT: { parts: [''], fits: isNumber },
  FLOAT: { parts: [''], fits: isNumber },
  STRING: { parts: [''], fits: isText },
  COLOR: { parts: [''], fits: isText },
  PAINTER: { parts: [''], fits: isText },
  BOOLEAN: { parts: [''], fits: (value) => typeof value === 'boolean' },
  CURVE: { parts: [''], fits: isComposed },
  COMPOSITOR: { parts: [''], fits: isComposed },
  BOUNDING_BOXES: { parts: [''], fits: isComposed },
  // Saves the box, then each of its numbers as a widget of its own.
  BOUNDING_BOX: { parts: ['', 'x', 'y', 'width', 'height'], fits: (value) => isNumber(value) || isComposed(value) },
  LOAD_3D: { parts: [''], fits: (value) => isText(value) || isComposed(value) },
};

/** Types whose script adds buttons that take positions too. */
const SCRIPTED = new Set(['AUDIO_RECORD', 'WEBCAM']);

/**
 * The kind of widget the page draws for an input: `none` for one that takes links only, undefined where a script of the
 * node decides, so that neither its own place nor what follows it is known.
 */
export function widgetKind({ name, type, options }: InputDefinition): WidgetKind | 'none' | undefined {
  const drawn = typeof options.widgetType === 'string' ? options.widgetType : type;
  // A box without `socketless` is one that a detector gives; a 3D view that is not the state of one is a loader's.
  if (drawn === 'BOUNDING_BOX' && options.socketless !== true) return 'none';
  if (SCRIPTED.has(drawn) || (drawn === 'LOAD_3D' && name !== 'viewport_state')) return undefined;
  if (Object.hasOwn(KINDS, drawn)) return KINDS[drawn];
  return options.socketless === true || options.widgetType !== undefined ? undefined : 'none';
}
