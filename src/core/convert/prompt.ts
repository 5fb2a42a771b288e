import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { InputPlace } from '../workflow/effective.ts';
import type { FileIds, Lost, Origin } from './origins.ts';
import { BYPASSED, MOST_NESTED, MUTED, type Page, type PageNode, type PageWidget } from './page.ts';
import type { Remarks } from './remarks.ts';
import { type Frame, innerFrame, promptId, Resolver } from './resolve.ts';
import { SAVING, type Texts } from './texts.ts';
import { viewportState } from './viewport.ts';
import { isMadeByPage } from './widgets.ts';

/** One node of a prompt, as `POST /prompt` takes it. */
export interface PromptNode {
  readonly inputs: JsonObject;
  readonly class_type: string;
  readonly _meta: JsonObject;
}

/** What ComfyUI's page sends: nodes by prompt id. */
export type Prompt = Record<string, PromptNode>;

/** Nodes of one prompt [LIM]: instances of instances can stand for more than any server runs. */
const MOST_NODES = 100_000;

/** Writes the prompt of a page whose values are settled. Source: ComfyUI_frontend, `graphToPrompt`. */
export class PromptWriter {
  private readonly page: Page;
  private readonly texts: Texts;
  private readonly remarks: Remarks;
  private readonly resolver: Resolver;
  private readonly ids: FileIds;
  private readonly prompt: Prompt = {};
  private readonly origins = new Map<string, Origin>();
  private count = 0;

  constructor(page: Page, texts: Texts, remarks: Remarks, ids: FileIds) {
    this.page = page;
    this.texts = texts;
    this.remarks = remarks;
    this.ids = ids;
    this.resolver = new Resolver(page, remarks, ids);
  }

  write(): { readonly prompt: Prompt; readonly origins: ReadonlyMap<string, Origin> } {
    this.writeScope({ scope: this.page.root, path: [] });
    this.dropDeadLinks();
    return { prompt: this.prompt, origins: this.origins };
  }

  /** Instances in the root that are off are not expanded; inside another one they are, whatever their mode. [CV-4] */
  private writeScope(frame: Frame): void {
    if (frame.path.length > MOST_NESTED || this.count > MOST_NODES) {
      const message = `over ${MOST_NODES} nodes, or instances more than ${MOST_NESTED} levels deep`;
      this.remarks.add('TOO_LARGE', { scope: this.page.root }, message);
      return;
    }
    this.count += frame.scope.nodes.size;
    for (const node of frame.scope.nodes.values()) {
      const isOff = node.mode === MUTED || node.mode === BYPASSED;
      if (node.role === 'instance' && (frame.host || !isOff)) this.writeScope(innerFrame(this.page, frame, node));
      if (node.role === 'real' && !isOff) this.writeNode(promptId(frame, node), frame, node);
    }
  }

  private writeNode(id: string, frame: Frame, node: PageNode): void {
    const inputs: JsonObject = {};
    const values = new Map<string, InputPlace>();
    const lost = new Map<string, Lost>();
    const defaulted = new Set<string>();
    for (const widget of node.widgets) {
      if (!widget.sent || widget.name === '') continue;
      const value = this.sentValue(frame, node, widget);
      if (value !== undefined) inputs[widget.name] = wrapped(widget, value);
      if (!widget.given && !widget.giver && widget.saved) defaulted.add(widget.name);
      if (widget.giver) values.set(widget.name, { ...this.ids.place(frame.scope, widget.giver), input: 'value' });
    }
    for (const input of node.inputs) {
      if (!input.link) continue;
      this.resolver.lost = undefined;
      const found = this.resolver.input(frame, node, input);
      if (!found) {
        if (this.resolver.lost) lost.set(input.name, this.resolver.lost);
        continue;
      }
      values.delete(input.name);
      defaulted.delete(input.name);
      if ('id' in found) inputs[input.name] = [found.id, found.slot];
      else {
        values.set(input.name, found.place);
        if (found.value === undefined) delete inputs[input.name];
        else inputs[input.name] = wrapped(undefined, this.plain(frame, node, input.name, found.value));
      }
    }
    this.prompt[id] = { inputs, class_type: node.classType, _meta: metaOf(node) };
    this.origins.set(id, { place: this.ids.place(frame.scope, node), values, defaulted, lost });
  }

  private sentValue(frame: Frame, node: PageNode, widget: PageWidget): Json | undefined {
    const { name, kind, options, value } = widget;
    const subject = { scope: frame.scope, node, input: name };
    if (kind === 'LOAD_3D' && name === 'viewport_state') return viewportState(node);
    // Without a browser nothing was recorded, which is what the page says then.
    if (kind === 'AUDIO_RECORD') return '';
    if (isMadeByPage(kind)) {
      this.remarks.add('BROWSER_VALUE', subject, 'only the page can make its value: it is left out');
      return undefined;
    }
    if (kind === 'INDEX') return this.chosenIndex(frame, node);
    // Widgets below a dynamic combo come too late for the script that wraps them.
    if (typeof value === 'string' && options.dynamicPrompts === true && !name.includes('.')) {
      const { text, hadChoice } = this.texts.chosen(value);
      if (hadChoice)
        this.remarks.add('CHOICE_BY_CHANCE', subject, 'the page chooses among {a|b} by chance when it sends');
      return text;
    }
    if (typeof value === 'string' && name === 'filename_prefix' && SAVING.has(node.classType)) {
      return this.texts.replaced(value);
    }
    if (value === undefined && options.files !== undefined) {
      this.remarks.add(
        'VALUE_MISSING',
        subject,
        "the file says nothing, and the page would take the server's first file",
      );
    }
    return value === undefined ? undefined : this.plain(frame, node, name, value);
  }

  /** Which of a CustomCombo's options is chosen; where an instance shows the choice, what it says. [CV-15] */
  private chosenIndex(frame: Frame, node: PageNode): number {
    const [choice] = node.widgets;
    const input = node.inputs.find(({ widget }) => widget === choice!.name);
    const found = input && this.resolver.input(frame, node, input);
    const chosen = found && 'value' in found ? found.value : choice!.value;
    return node.widgets.slice(2).findIndex(({ value }) => value === chosen);
  }

  /** Numbers as the page's JavaScript holds them: a double. [CV-18] */
  private plain(frame: Frame, node: PageNode, input: string, value: Json): Json {
    if (typeof value === 'bigint') {
      const message = `${value} becomes ${Number(value)}: the page's numbers are doubles`;
      this.remarks.add('NUMBER_ROUNDED', { scope: frame.scope, node, input }, message);
      return Number(value);
    }
    if (Array.isArray(value)) return value.map((one) => this.plain(frame, node, input, one));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, this.plain(frame, node, input, one)]));
  }

  /** Links to nodes that are not sent go last, so that a required input may be missing. [CV-3] */
  private dropDeadLinks(): void {
    for (const { inputs } of Object.values(this.prompt)) {
      for (const [name, value] of Object.entries(inputs)) {
        if (Array.isArray(value) && !Object.hasOwn(this.prompt, String(value[0]))) delete inputs[name];
      }
    }
  }
}

/** A list is a link to the server unless it is wrapped. [CV-9] */
function wrapped(widget: PageWidget | undefined, value: Json): Json {
  if (widget?.kind === 'CURVE' && value !== null) return { __type__: 'CURVE', __value__: value };
  return Array.isArray(value) ? { __value__: value } : value;
}

function metaOf({ title, properties }: PageNode): JsonObject {
  const meta: JsonObject = { title };
  for (const key of ['cnr_id', 'aux_id', 'ver']) {
    const value = properties[key];
    if (typeof value === 'string' && value !== '') meta[key] = value;
  }
  return meta;
}
