import { CwfError } from '../base/errors.ts';
import type { Catalog } from '../core/catalog/catalog.ts';
import { defaultCatalog } from '../core/catalog/catalog.ts';
import { nodeLabel } from '../core/edit/describe.ts';
import { connectPlan, type ProposedWire } from '../core/transform/connect-plan.ts';
import { makeWires } from '../core/transform/run-transform.ts';
import { outputSlots } from '../core/transform/slots.ts';
import { own } from '../core/workflow/names.ts';
import { readWorkflow } from '../core/workflow/read.ts';
import { scopeAt } from '../core/workflow/scopes.ts';
import type { Workflow } from '../core/workflow/types.ts';
import { type DocumentWorld, readCandidates } from './document.ts';
import { type RecordedEdit, type RecordOptions, recordEdit } from './record-edit.ts';
import { defineVerb } from './verb.ts';

/** For which open inputs links are looked for, and which of the links are made. */
export interface ConnectInput extends RecordOptions {
  /** Inputs that may stay open as well. */
  readonly optional?: boolean;
  /** Links at least this sure are made, 0 to 1. */
  readonly apply: number;
}

/** A proposed link, told. */
export interface ToldWire extends ProposedWire {
  /** `KSampler "portrait" (3)`, behind the name of its subgraph. */
  readonly place: string;
  /** `CheckpointLoaderSimple (4) MODEL`. */
  readonly source: string;
}

/** What was proposed and what was made of it. */
export interface ConnectOutput extends RecordedEdit {
  readonly made: readonly ToldWire[];
  /** Not sure enough. */
  readonly left: readonly ToldWire[];
}

/**
 * `cwf connect --apply`: links for open inputs that are sure enough, in one commit. Throws NOTHING_TO_COMMIT where none is,
 * and what `recordEdit` throws. [TE-22]
 */
export const connect = defineVerb<ConnectInput, ConnectOutput>({
  name: 'connect',
  summary: 'Link open inputs and commit',
  mutates: true,
  scope: 'propose',
  async run(ctx, input) {
    const { catalog } = ctx;
    const { apply, optional } = input;
    const { made, recorded } = await recordEdit(ctx, 'connect', input, (before, source) => {
      const told = toldPlan(before, catalog, optional);
      const sure = told.filter(({ confidence }) => confidence >= apply);
      if (sure.length === 0) throw new CwfError('NOTHING_TO_COMMIT', { why: whyNone(told, apply) }, { hint: HINT });
      const { after } = makeWires(before, sure, { catalog, source });
      return { after, sure, left: told.filter(({ confidence }) => confidence < apply) };
    });
    return { ...recorded, made: made.sure, left: made.left };
  },
});

/** The links that `connect` would choose from, surest first; of a document wherever it lies. Throws what reading throws. */
export async function planLinks(
  { file, optional }: Pick<ConnectInput, 'file' | 'optional'>,
  world: DocumentWorld,
): Promise<{ readonly file: string; readonly proposals: readonly ToldWire[] }> {
  const catalog = defaultCatalog();
  const candidates = await readCandidates(file, world);
  const { name, source, json } = candidates.find(({ part }) => part === 'workflow') ?? candidates[0]!;
  return { file: name, proposals: toldPlan(readWorkflow(json(), { catalog, source }), catalog, optional) };
}

const HINT = 'See `cwf connect --plan <file>`; --optional looks at inputs that may stay open as well.';

function whyNone(told: readonly ToldWire[], apply: number): string {
  const [best] = told;
  if (!best) return 'nothing fits an open input';
  return `the surest link has a confidence of ${best.confidence.toFixed(2)}, below ${apply}`;
}

function toldPlan(workflow: Workflow, catalog: Catalog, optional = false): ToldWire[] {
  return connectPlan(workflow, catalog, { optional }).map((wire) => {
    const { scope, node, from, slot } = wire;
    const within = scope === undefined ? '' : `${own(workflow.subgraphs, scope)?.name || scope} > `;
    const label = (id: string): string => {
      const found = own(scopeAt(workflow, scope)?.nodes, id);
      return found ? nodeLabel(id, found, workflow) : 'input of the subgraph';
    };
    const slots = outputSlots(workflow, { ...(scope === undefined ? {} : { scope }), node: from }, catalog);
    const output = slots?.find((one) => one.slot === slot)?.name || String(slot);
    // As it is shown, so that a number that was read off can be asked for.
    const confidence = Math.round(wire.confidence * 100) / 100;
    return { ...wire, confidence, place: `${within}${label(node)}`, source: `${label(from)} ${output}` };
  });
}
