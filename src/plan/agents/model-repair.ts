import type { Json } from '../../base/json.ts';
import { jsonEqual } from '../../base/json-text.ts';
import { visibleText } from '../../base/visible-text.ts';
import type { Catalog, InputDefinition } from '../../core/catalog/catalog.ts';
import { checkValue, isLinkOnly } from '../../core/catalog/check-value.ts';
import { diffByIds } from '../../core/edit/diff.ts';
import { linkFits } from '../../core/transform/checks.ts';
import { addNode, removeNode } from '../../core/transform/nodes.ts';
import { replaceClass } from '../../core/transform/replace-class.ts';
import { inputSlot, outputSlots } from '../../core/transform/slots.ts';
import { connect, disconnect, setInput } from '../../core/transform/wiring.ts';
import type { InputPlace } from '../../core/workflow/effective.ts';
import { own } from '../../core/workflow/names.ts';
import { type NodePlace, nodeAt } from '../../core/workflow/scopes.ts';
import type { Workflow } from '../../core/workflow/types.ts';
import {
  type Operation,
  type ReadAnswer,
  type Refusal,
  type RefusalCode,
  type Repair,
  readAnswer,
} from './model-answer.ts';
import { isOfferable } from './model-classes.ts';
import { graphOnly, staysInside } from './model-inside.ts';
import { Places, scopePart } from './model-places.ts';
import type { Reach } from './model-reach.ts';
import type { Proposal } from './proposal.ts';

/** What became of an answer: proposals for the rule of acceptance, and what was refused before it. */
export interface ModelAnswer {
  readonly proposals: readonly Proposal[];
  readonly refused: readonly Refusal[];
}

/** What else decides what a model may do. */
export interface AnswerOptions {
  /** Inputs whose value was not told, and must not be written over either. */
  readonly isHidden?: (place: InputPlace) => boolean;
}

/** How likely a model's edits are what the author meant: less than any rule's. */
const CONFIDENCE = 0.3;
const MOST_ADDED = 4;
/** Inputs of these names hold places of files or addresses, whatever their type. */
const NAMES_A_PLACE = /(file|path|dir|folder|url|uri|prefix|name)/i;
/** Characters that no text of a prompt needs: controls other than line ends and tabs. */
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

/**
 * The proposals that an answer makes, and a reason for everything else in it. Nothing outside of `reach` is changed,
 * whatever the answer says: each edit is checked before it is made, and each repair by what it changed. [LM-12]
 */
export function readModelAnswer(
  text: string,
  workflow: Workflow,
  catalog: Catalog,
  reach: Reach,
  options: AnswerOptions = {},
): ModelAnswer {
  const answer: ReadAnswer = readAnswer(text);
  const proposals: Proposal[] = [];
  const refused: Refusal[] = [...answer.refused];
  for (const [number, repair] of answer.repairs) {
    const made = new RepairRun(workflow, catalog, reach, options).propose(repair);
    if ('code' in made) refused.push({ ...made, repair: number });
    else proposals.push(made);
  }
  return { proposals, refused };
}

/** One repair as it is made, edit by edit, on a workflow of its own. */
class RepairRun {
  private readonly before: Workflow;
  private readonly catalog: Catalog;
  private readonly reach: Reach;
  private readonly options: AnswerOptions;
  /** Nodes by the names this repair may use: those of the reach, and those it added. */
  private readonly nodes: Map<string, NodePlace>;
  /** Nodes that this repair added or gave another class: all of their inputs may change. */
  private readonly mine = new Places();
  private readonly added: NodePlace[] = [];
  private workflow: Workflow;
  private scope: string | undefined;

  constructor(workflow: Workflow, catalog: Catalog, reach: Reach, options: AnswerOptions) {
    this.before = workflow;
    this.workflow = workflow;
    this.catalog = catalog;
    this.reach = reach;
    this.options = options;
    this.nodes = new Map(reach.nodes);
  }

  propose({ cures, edits }: Repair): Proposal | Refusal {
    const cured = this.reach.findings.filter(({ name }) => cures.includes(name)).map(({ finding }) => finding);
    if (cured.length === 0 || cures.length !== cured.length) return { code: 'OUT_OF_SCOPE' };
    this.scope = cured[0]!.scope;
    for (const [i, edit] of edits.entries()) {
      const code = this.apply(edit);
      if (code !== undefined) return { code, edit: i + 1 };
    }
    if (!staysInside(this.before, this.workflow, this.reach, this.added)) return { code: 'OUT_OF_SCOPE' };
    const after = graphOnly(this.before, this.workflow, (place) => this.mine.has(place));
    const made = diffByIds(this.before, after);
    if (made.length === 0) return { code: 'NO_CHANGE' };
    // A prompt without nodes is no workflow any more: nothing could be read of it again.
    if (Object.keys(after.nodes).length === 0) return { code: 'OUT_OF_SCOPE' };
    const codes = [...new Set(cured.map(({ code }) => code))].join(', ');
    return {
      agent: 'model',
      edits: made,
      reason: `proposed by a language model for ${codes}`,
      evidence: cured,
      confidence: CONFIDENCE,
    };
  }

  /** Makes one edit; gives the reason when it does not. */
  private apply(edit: Operation): RefusalCode | undefined {
    switch (edit.op) {
      case 'set':
        return this.set(edit);
      case 'connect':
        return this.connect(edit);
      case 'disconnect':
        return this.disconnect(edit);
      case 'add-node':
        return this.addNode(edit);
      case 'remove-node':
        return this.removeNode(edit);
      case 'replace-class':
        return this.replaceClass(edit);
    }
  }

  private set({ node, input, value }: Operation & { op: 'set' }): RefusalCode | undefined {
    const at = this.nodes.get(node);
    if (!at) return 'OUT_OF_SCOPE';
    const place = { ...at, input };
    const isAsked = this.reach.values.has(place);
    if (!(isAsked || this.mine.has(at)) || this.options.isHidden?.(place)) return 'OUT_OF_SCOPE';
    const declared = inputSlot(this.workflow, place, this.catalog)?.declared;
    if (!declared) return 'INPUT_UNKNOWN';
    // A text is written only where a finding is about this very input.
    const refused = this.refuseValue(declared, value, isAsked && !this.mine.has(at));
    if (refused) return refused;
    this.workflow = setInput(this.workflow, place, value, this.catalog);
    return undefined;
  }

  private refuseValue(declared: InputDefinition, value: Json, mayBeText: boolean): RefusalCode | undefined {
    // Which file is meant is for the user to say, whatever files there are.
    if (declared.options.files !== undefined) return 'FILE_REFUSED';
    if (isLinkOnly(declared) || checkValue(declared, value).length > 0) return 'VALUE_REFUSED';
    const { type, options } = declared;
    const isChoice = type === 'COMFY_DYNAMICCOMBO_V3' || (type === 'COMBO' && Array.isArray(options.options));
    const isStated = jsonEqual(options.default, value);
    if (typeof value !== 'string' || isChoice || isStated || value === '') return undefined;
    // A list that nobody states takes any text, and so may name a file.
    const isText = type === 'STRING' && mayBeText && !NAMES_A_PLACE.test(declared.name) && !CONTROL.test(value);
    return isText && visibleText(value, '\n\r\t') === value ? undefined : 'TEXT_REFUSED';
  }

  private connect({ node, input, from, output }: Operation & { op: 'connect' }): RefusalCode | undefined {
    const [at, source] = [this.nodes.get(node), this.nodes.get(from)];
    if (!at || !source || at.scope !== source.scope) return 'OUT_OF_SCOPE';
    const place = { ...at, input };
    if (!this.mayLink(place)) return 'OUT_OF_SCOPE';
    const slot = inputSlot(this.workflow, place, this.catalog);
    const given = outputSlots(this.workflow, source, this.catalog)?.find((one) => one.slot === output);
    // What only the file knows of is what it always was: a link there is nothing to add to.
    if (!given || !slot || !(slot.declared || own(this.workflow.subgraphs, this.classOf(at)))) return 'INPUT_UNKNOWN';
    if (at.node === source.node || !linkFits(given.type, slot.type)) return 'TYPE_REFUSED';
    this.workflow = connect(this.workflow, { ...place, from: source.node, slot: output }, this.catalog);
    return undefined;
  }

  private disconnect({ node, input }: Operation & { op: 'disconnect' }): RefusalCode | undefined {
    const at = this.nodes.get(node);
    if (!at || !this.mayLink({ ...at, input })) return 'OUT_OF_SCOPE';
    if (!own(nodeAt(this.workflow, at)?.links, input)) return 'INPUT_UNKNOWN';
    this.workflow = disconnect(this.workflow, { ...at, input }, this.catalog);
    return undefined;
  }

  private addNode({ as, class: name }: Operation & { op: 'add-node' }): RefusalCode | undefined {
    if (this.added.length >= MOST_ADDED) return 'TOO_MANY';
    if (this.nodes.has(as)) return 'OUT_OF_SCOPE';
    if (!this.isUsable(name)) return 'CLASS_REFUSED';
    const { workflow, id } = addNode(this.workflow, { ...scopePart(this.scope), class_type: name }, this.catalog);
    const place = { ...scopePart(this.scope), node: id };
    this.workflow = workflow;
    this.added.push(place);
    this.nodes.set(as, place);
    this.mine.add(place);
    return undefined;
  }

  private removeNode({ node }: Operation & { op: 'remove-node' }): RefusalCode | undefined {
    const at = this.nodes.get(node);
    if (!at || !this.reach.unknown.has(at)) return 'OUT_OF_SCOPE';
    if (!nodeAt(this.workflow, at)) return 'NO_CHANGE';
    this.workflow = removeNode(this.workflow, at, this.catalog);
    return undefined;
  }

  private replaceClass({ node, class: name }: Operation & { op: 'replace-class' }): RefusalCode | undefined {
    const at = this.nodes.get(node);
    if (!at || !this.reach.unknown.has(at)) return 'OUT_OF_SCOPE';
    if (!this.isUsable(name)) return 'CLASS_REFUSED';
    if (!nodeAt(this.workflow, at)) return 'NOT_POSSIBLE';
    this.workflow = replaceClass(this.workflow, at, name, this.catalog).workflow;
    this.mine.add(at);
    return undefined;
  }

  private mayLink(place: InputPlace): boolean {
    const { scope, node } = place;
    return this.reach.links.has(place) || this.mine.has({ ...scopePart(scope), node });
  }

  private isUsable(name: string): boolean {
    const definition = this.catalog.node(name);
    return definition !== undefined && isOfferable(definition);
  }

  private classOf(place: NodePlace): string {
    return nodeAt(this.workflow, place)?.class_type ?? '';
  }
}
