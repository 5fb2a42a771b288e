import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { InputDefinition, NodeDefinition } from '../catalog/catalog.ts';
import { isWidget, nestedInputs } from '../catalog/nested-inputs.ts';
import type { LinkSource } from '../workflow/types.ts';
import { arrangeByValues } from './arrange.ts';
import { type PageInput, type PageWidget, slotType } from './page.ts';
import { addedInputs, addedWidgets, drawInput, MODEL_BUTTONS, optionWidget } from './widgets.ts';

/** A socket as the file has it. */
export interface FileSocket {
  readonly name: string;
  readonly type: string;
  readonly widget: string | undefined;
  readonly link: LinkSource | undefined;
}

/** Inputs that grow: after the last one that is linked there is always one more. */
interface Growth {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[] | undefined;
  readonly prefix: string;
  readonly inputs: readonly InputDefinition[];
}

const DYNAMIC = 'COMFY_DYNAMICCOMBO_V3';
const GROWING = 'COMFY_AUTOGROW_V3';
const MATCHING = 'COMFY_MATCHTYPE_V3';
const CONTROLS = new Set(['control_after_generate', 'control_filter_list']);

/**
 * The inputs and widgets of one node of a known class, drawn as the page draws them: first from the definition, then
 * changed by what the file says, since a dynamic combo chooses what stands below it and growing inputs follow their
 * links. [CV-11] [CV-12] [CV-13]
 */
export class NodeDrawing {
  readonly inputs: PageInput[] = [];
  readonly widgets: PageWidget[] = [];
  /** The first dynamic combo of which neither the definition nor the values say in which order its widgets stand. */
  unordered: string | undefined;
  /** Dynamic combos with an option that the definition does not have, and that option. */
  readonly unknownOptions = new Map<string, Json>();
  private readonly combos = new Map<string, InputDefinition>();
  private readonly growths = new Map<string, Growth>();
  private readonly grown = new Set<string>();
  /** Dynamic combos whose definition has lost the order of the widgets below. */
  private readonly disordered = new Set<string>();
  private readonly shown: readonly string[];

  /** `shown`: names of the widgets among the file's own sockets, in their order. */
  constructor(classType: string, definition: NodeDefinition, shown: readonly string[]) {
    this.shown = shown;
    const inputs = [
      ...definition.inputs.filter(({ section }) => section !== 'hidden'),
      ...addedInputs(classType, definition),
    ];
    for (const input of inputs) this.addSocket(input, input.name);
    for (const input of inputs) this.addWidgets(input, input.name);
    this.widgets.push(...addedWidgets(classType));
  }

  /** Takes over the file's sockets: links by name, unknown sockets behind the others. */
  attach(sockets: readonly FileSocket[]): void {
    for (const { name, type, widget, link } of sockets) {
      const input = this.inputs.find((one) => one.name === name);
      if (input) input.link ??= link;
      else this.inputs.push({ name, type, widget, link });
    }
    for (const input of [...this.inputs]) if (input.link) this.grow(input.name);
  }

  /** Gives the widgets the values that a file names; what it does not name stays. */
  restoreByName(named: Readonly<JsonObject>): void {
    this.restore(({ name }) => (Object.hasOwn(named, name) ? { value: named[name]! } : undefined));
  }

  /** Gives the widgets values by position. What a value adds or takes away behind it is part of that order. */
  restoreByPosition(positions: readonly Json[]): void {
    let next = 0;
    this.restore((widget) => {
      const at = next++;
      if (at >= positions.length) return undefined;
      return { value: positions[at]!, after: () => this.arrange(widget, positions.slice(next)) };
    });
  }

  private restore(saved: (widget: PageWidget) => { readonly value: Json; after?(): void } | undefined): void {
    for (let at = 0; at < this.widgets.length; at++) {
      const widget = this.widgets[at]!;
      const found = widget.saved ? saved(widget) : undefined;
      if (!found) continue;
      this.set(widget, found.value);
      found.after?.();
    }
  }

  /** Puts the widgets below a combo in order by the values that follow, where the definition has none. */
  private arrange(combo: PageWidget, values: readonly Json[]): void {
    if (!this.disordered.has(combo.name)) return;
    const from = this.widgets.indexOf(combo) + 1;
    const groups: PageWidget[][] = [];
    let end = from;
    for (; end < this.widgets.length; end++) {
      const widget = this.widgets[end]!;
      const isBelow = widget.name.startsWith(`${combo.name}.`);
      if (isBelow) groups.push([widget]);
      else if (widget.kind !== 'COMBO' || !CONTROLS.has(widget.name) || groups.length === 0) break;
      else groups.at(-1)!.push(widget);
    }
    const found = arrangeByValues(groups, values);
    if (found) this.widgets.splice(from, end - from, ...found.flat());
    else this.unordered ??= combo.name;
  }

  /** Sockets of widgets that are not there go: the page removes them when the graph is set up. [CV-14] */
  settle(): void {
    const names = new Set(this.widgets.map(({ name }) => name));
    const kept = this.inputs.filter(({ widget }) => widget === undefined || names.has(widget));
    this.inputs.splice(0, this.inputs.length, ...kept);
  }

  private set(widget: PageWidget, value: Json): void {
    widget.value = value;
    widget.given = true;
    const combo = this.combos.get(widget.name);
    if (combo) this.choose(combo, widget, value);
    if (widget.kind === 'OPTION' && widget === this.widgets.at(-1) && value) {
      this.widgets.push(optionWidget(this.widgets.length - 1));
    }
  }

  private addSocket(input: InputDefinition, name: string): void {
    if (input.type === GROWING) this.startGrowth(input, name);
    else if (input.type === MATCHING) this.inputs.push(socket(name, allowedTypes(input)));
    else if (!isDrawn(input)) this.inputs.push(socket(name, input.type));
  }

  private addWidgets(input: InputDefinition, name: string): void {
    if (!isDrawn(input)) return;
    if (input.type === 'LOAD_3D' && this.widgets.some((one) => one.name === 'model_file')) this.addModelButtons();
    const [widget, ...besides] = drawInput(input, name);
    if (input.type === DYNAMIC) this.addDynamic(input, { ...widget!, value: firstKey(input) });
    else {
      this.widgets.push(widget!, ...besides);
      if (input.options.socketless !== true) this.inputs.push(socket(name, input.type, name));
    }
  }

  private addModelButtons(): void {
    for (const [name, value] of MODEL_BUTTONS) {
      this.widgets.push({ name, kind: 'BUTTON', options: {}, saved: true, sent: true, value });
    }
  }

  private addDynamic(input: InputDefinition, widget: PageWidget): void {
    this.combos.set(widget.name, input);
    this.widgets.push(widget);
    this.inputs.push(socket(widget.name, 'COMBO', widget.name));
    this.choose(input, widget, widget.value);
  }

  /** Puts the inputs below one option in the place of those below another; links stay by name. */
  private choose(combo: InputDefinition, widget: PageWidget, key: Json | undefined): void {
    const below = `${widget.name}.`;
    const isBelow = ({ name }: { readonly name: string }) => name.startsWith(below);
    const before = takeOut(this.inputs, isBelow);
    takeOut(this.widgets, isBelow);
    for (const known of [this.combos, this.growths, this.grown, this.unknownOptions]) {
      for (const name of known.keys()) if (name.startsWith(below)) known.delete(name);
    }
    const nested = nestedInputs(combo, key);
    this.unknownOptions.delete(widget.name);
    if (!nested) {
      if (key !== undefined) this.unknownOptions.set(widget.name, key);
      return;
    }
    const inputs = this.ordered(nested.inputs, nested.order, widget.name);
    const [widgetCount, inputCount] = [this.widgets.length, this.inputs.length];
    for (const input of inputs) {
      this.addSocket(input, below + input.name);
      this.addWidgets(input, below + input.name);
    }
    const widgets = this.widgets.splice(widgetCount);
    this.widgets.splice(this.widgets.indexOf(widget) + 1, 0, ...widgets);
    const added = this.inputs.splice(inputCount);
    this.inputs.splice(this.inputs.findIndex(({ name }) => name === widget.name) + 1, 0, ...added);
    this.relink(before.filter(({ link }) => link !== undefined));
  }

  /** Widgets in the order in which the server has them, as far as it is known. */
  private ordered(
    inputs: readonly InputDefinition[],
    order: readonly string[] | undefined,
    combo: string,
  ): readonly InputDefinition[] {
    const names = inputs.filter(isWidget).map(({ name }) => name);
    const here = this.shown.flatMap((one) => (one.startsWith(`${combo}.`) ? [one.slice(combo.length + 1)] : []));
    const known = order ?? (names.every((name) => here.includes(name)) ? here : undefined);
    if (known) this.disordered.delete(combo);
    else this.disordered.add(combo);
    const rank = (name: string) => (known?.includes(name) ? known.indexOf(name) : inputs.length);
    return [...inputs].sort((a, b) => rank(a.name) - rank(b.name));
  }

  /** An input that is there only once others have grown gets its link when they have. */
  private relink(linked: PageInput[]): void {
    for (let left = linked; left.length > 0; ) {
      const waiting = left.filter(({ name, link }) => {
        const input = this.inputs.find((one) => one.name === name);
        if (!input) return true;
        input.link = link;
        this.grow(name);
        return false;
      });
      if (waiting.length === left.length) return;
      left = waiting;
    }
  }

  private startGrowth(input: InputDefinition, name: string): void {
    const template = isObject(input.options.template) ? input.options.template : {};
    const sections = isObject(template.input) ? template.input : {};
    const inputs = (['required', 'optional'] as const).flatMap((section) =>
      Object.entries(isObject(sections[section]) ? sections[section] : {}).map(([key, spec]) =>
        asDefinition(key, section, spec),
      ),
    );
    const names = Array.isArray(template.names) ? template.names.map(String) : undefined;
    const growth: Growth = {
      min: typeof template.min === 'number' ? template.min : 1,
      max: names?.length ?? (typeof template.max === 'number' ? template.max : 100),
      names,
      prefix: typeof template.prefix === 'string' ? template.prefix : '',
      inputs,
    };
    this.growths.set(name, growth);
    for (let i = 0; i === 0 || i < growth.min + 1; i++) this.addGrown(name, growth, i);
  }

  private grow(name: string): void {
    const group = name.slice(0, Math.max(0, name.lastIndexOf('.')));
    const growth = this.growths.get(group);
    const ordinal = growth && ordinalOf(name.slice(group.length + 1), growth);
    if (growth && ordinal !== undefined) this.addGrown(group, growth, ordinal + 1);
  }

  private addGrown(group: string, growth: Growth, ordinal: number): void {
    const id = `${group}.#${ordinal}`;
    if (ordinal >= growth.max || this.grown.has(id)) return;
    this.grown.add(id);
    // One that the file itself brought, behind all others, moves to its place.
    const own = takeOut(this.inputs, (one) => isOf(one, group, growth, ordinal));
    const count = this.inputs.length;
    for (const input of growth.inputs) {
      const name = `${group}.${grownName(input.name, growth, ordinal)}`;
      this.addSocket(input, name);
      this.addWidgets(input, name);
    }
    const fresh = this.inputs.splice(count);
    for (const input of fresh) input.link = own.find(({ name }) => name === input.name)?.link;
    const previous = this.inputs.findLastIndex((one) => isOf(one, group, growth, ordinal - 1));
    this.inputs.splice(previous < 0 ? this.inputs.length : previous + 1, 0, ...fresh);
  }
}

function isOf({ name }: PageInput, group: string, growth: Growth, ordinal: number): boolean {
  return growth.inputs.some((input) => name === `${group}.${grownName(input.name, growth, ordinal)}`);
}

function grownName(key: string, { names, prefix, inputs }: Growth, ordinal: number): string {
  return names ? String(names[ordinal]) : `${inputs.length === 1 ? prefix : key}${ordinal}`;
}

function ordinalOf(name: string, { names }: Growth): number | undefined {
  if (names) return names.includes(name) ? names.indexOf(name) : undefined;
  const digits = /\d+$/.exec(name);
  return digits ? Number(digits[0]) : undefined;
}

/** Whether the page draws an input as a widget, its own additions included. */
export function isDrawn(input: InputDefinition): boolean {
  if (['AUDIO_UI', 'UPLOAD', 'PREVIEW_3D', 'LOAD_3D', 'IMAGECOMPARE', 'COLORS', 'RANGE'].includes(input.type))
    return true;
  return isWidget(input);
}

function socket(name: string, type: string, widget?: string): PageInput {
  return { name, type, widget, link: undefined };
}

function allowedTypes({ options }: InputDefinition): string {
  return slotType(isObject(options.template) ? options.template.allowed_types : undefined);
}

function firstKey({ options }: InputDefinition): Json | undefined {
  const [first] = Array.isArray(options.options) ? options.options : [];
  return isObject(first) ? first.key : undefined;
}

function asDefinition(name: string, section: 'required' | 'optional', spec: Json): InputDefinition {
  const [type, options] = Array.isArray(spec) ? spec : [spec];
  if (Array.isArray(type)) return { name, section, type: 'COMBO', options: { options: type } };
  return { name, section, type: String(type), options: isObject(options) ? (options as JsonObject) : {} };
}

function takeOut<T>(list: T[], isOut: (one: T) => boolean): T[] {
  const out = list.filter(isOut);
  const kept = list.filter((one) => !isOut(one));
  list.splice(0, list.length, ...kept);
  return out;
}
