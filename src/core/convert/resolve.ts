import type { Json } from '../../base/json.ts';
import type { InputPlace } from '../workflow/effective.ts';
import { INPUT_SIDE } from '../workflow/read-links.ts';
import type { LinkSource } from '../workflow/types.ts';
import type { FileIds, Lost } from './origins.ts';
import { BYPASSED, MUTED, type Page, type PageInput, type PageNode, type PageScope, widgetOf } from './page.ts';
import type { Remarks } from './remarks.ts';

/** A scope as it stands at one place of the expanded graph: the ids of the instances that lead to it, outermost first. */
export interface Frame {
  readonly scope: PageScope;
  readonly path: readonly string[];
  readonly host?: { readonly frame: Frame; readonly node: PageNode };
}

/** What an input gets in the end: the output of a node that is sent, or the value of an instance's widget. */
export type Resolved =
  | { readonly id: string; readonly slot: number }
  | { readonly value: Json | undefined; readonly place: InputPlace };

/** The id of a node in the prompt: `instance:inner`, `a:b:c` where instances nest. [CV-1] */
export function promptId({ path }: Frame, { id }: PageNode): string {
  return path.length === 0 ? id : `${path.join(':')}:${id}`;
}

/** The frame of the nodes that an instance stands for. */
export function innerFrame(page: Page, frame: Frame, node: PageNode): Frame {
  const scope = page.definitions.get(node.classType)!;
  return { scope, path: [...frame.path, node.id], host: { frame, node } };
}

/** Steps of one link through nodes that only pass on [LIM]. */
const MOST_STEPS = 1000;

/** Follows links through reroutes, bypassed nodes and the borders of subgraphs. Source: `ExecutableNodeDTO`. */
export class Resolver {
  private readonly page: Page;
  private readonly remarks: Remarks;
  private readonly ids: FileIds;
  /** Why the last way that was followed led to nothing. */
  lost: Lost | undefined;

  constructor(page: Page, remarks: Remarks, ids: FileIds) {
    this.page = page;
    this.remarks = remarks;
    this.ids = ids;
  }

  private lose(reason: Lost['reason'], { scope }: Frame, node: PageNode, input?: string): undefined {
    this.lost = { reason, place: { ...this.ids.place(scope, node), ...(input === undefined ? {} : { input }) } };
    return undefined;
  }

  /** What feeds an input; undefined where nothing does. `type`: of the input it is for, where that is another one. */
  input(frame: Frame, node: PageNode, input: PageInput, type?: string, seen = new Set<string>()): Resolved | undefined {
    if (!input.link || this.isRound(frame, node, `I ${input.name}`, seen)) return undefined;
    return this.follow(frame, { node, input }, input.link, type ?? input.type, seen);
  }

  private follow(
    frame: Frame,
    end: { readonly node: PageNode; readonly input?: PageInput },
    link: LinkSource,
    type: string,
    seen: Set<string>,
  ): Resolved | undefined {
    if (link.from === INPUT_SIDE && frame.host) return this.outside(frame, frame.host, link, seen);
    const origin = frame.scope.nodes.get(link.from);
    if (origin) return this.output(frame, origin, Number(link.slot), type, seen);
    const subject = { scope: frame.scope, node: end.node, input: end.input?.name };
    this.remarks.add('LINK_DANGLING', subject, `it is linked to node ${link.from}, which is not there`);
    return this.lose('broken', frame, end.node, end.input?.name);
  }

  /** A link that comes in from outside: what feeds the instance's input, else the value its widget has. [CV-7] */
  private outside(
    frame: Frame,
    host: NonNullable<Frame['host']>,
    link: LinkSource,
    seen: Set<string>,
  ): Resolved | undefined {
    const at = frame.scope.inputs.findIndex(({ key }) => key === link.slot);
    const input = host.node.inputs[at];
    if (!input) return this.lose('broken', host.frame, host.node);
    if (input.link) return this.input(host.frame, host.node, input, undefined, seen);
    const widget = widgetOf(host.node, input);
    if (!widget) return this.lose('open', host.frame, host.node, input.name);
    const place = widget.giver ?? host.node;
    const name = widget.giver ? 'value' : widget.name;
    return { value: widget.value, place: { ...this.ids.place(host.frame.scope, place), input: name } };
  }

  private output(frame: Frame, node: PageNode, slot: number, type: string, seen: Set<string>): Resolved | undefined {
    if (this.isRound(frame, node, `O ${slot}`, seen)) return undefined;
    if (node.mode === MUTED) return this.lose('muted', frame, node);
    if (node.mode === BYPASSED) {
      const input = bypassInput(node, slot, type);
      return input?.link ? this.input(frame, node, input, undefined, seen) : this.lose('blocked', frame, node);
    }
    switch (node.role) {
      case 'real':
        return { id: promptId(frame, node), slot };
      case 'reroute': {
        const input = node.inputs[slot];
        return input?.link ? this.input(frame, node, input, type, seen) : this.lose('broken', frame, node);
      }
      case 'getter': {
        const found = setterOf(frame, node);
        const input = found?.node.inputs[slot];
        return found && input?.link
          ? this.input(found.frame, found.node, input, type, seen)
          : this.lose('broken', frame, node);
      }
      case 'instance': {
        const inner = innerFrame(this.page, frame, node);
        const link = inner.scope.outputs[slot]?.link;
        return link ? this.follow(inner, { node }, link, type, seen) : this.lose('broken', frame, node);
      }
      default:
        // Primitives have given their value to the widgets already; notes have no outputs.
        return this.lose('broken', frame, node);
    }
  }

  /** Whether a way leads back to where it has been: one that does leads nowhere. */
  private isRound(frame: Frame, node: PageNode, side: string, seen: Set<string>): boolean {
    const key = `${promptId(frame, node)} ${side}`;
    if (seen.size >= MOST_STEPS) {
      this.remarks.add('TOO_LARGE', { scope: frame.scope, node }, `a link leads on through over ${MOST_STEPS} nodes`);
      return true;
    }
    if (seen.has(key)) {
      this.remarks.add(
        'LINK_CYCLE',
        { scope: frame.scope, node },
        'its links lead back to itself through nodes that only pass on',
      );
      return true;
    }
    seen.add(key);
    return false;
  }
}

/** The setter of a getter's name, in its own scope or one around it. */
function setterOf(frame: Frame, getter: PageNode): { readonly frame: Frame; readonly node: PageNode } | undefined {
  const name = getter.widgets[0]?.value;
  for (let at: Frame | undefined = frame; at; at = at.host?.frame) {
    const nodes = [...at.scope.nodes.values()];
    const node = nodes.find(({ role, widgets }) => role === 'setter' && widgets[0]?.value === name);
    if (node) return { frame: at, node };
  }
  return undefined;
}

/** The input that a bypassed node passes on in place of an output. [CV-5] */
export function bypassInput({ inputs, outputs }: PageNode, slot: number, type: string): PageInput | undefined {
  if (type === '*' || type === '') return inputs[slot] ?? inputs[0];
  const own = outputs[slot]?.type ?? '*';
  const fits = (input: PageInput) => areCompatible(input.type, own) && areCompatible(input.type, type);
  const opposite = inputs[slot];
  if (opposite && fits(opposite)) return opposite;
  return inputs.find((input) => input.type === type) ?? inputs.find(fits);
}

/** Whether slots of two types can be linked. Source: LiteGraph `isValidConnection`. */
export function areCompatible(a: string, b: string): boolean {
  if (a === '' || a === '*' || b === '' || b === '*') return true;
  const right = new Set(b.toLowerCase().split(','));
  return (
    a
      .toLowerCase()
      .split(',')
      .some((one) => right.has(one) || one === '' || one === '*') ||
    right.has('*') ||
    right.has('')
  );
}
