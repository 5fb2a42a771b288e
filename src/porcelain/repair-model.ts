import { type CwfError, isCwfError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import type { InputPlace } from '../core/workflow/effective.ts';
import { nodeAt } from '../core/workflow/scopes.ts';
import type { Workflow } from '../core/workflow/types.ts';
import type { Agent } from '../plan/agents/agent.ts';
import { faultKey } from '../plan/agents/faults.ts';
import { modelAgent, refusalText } from '../plan/agents/model-agent.ts';
import { keyOf, scopePart } from '../plan/agents/model-places.ts';
import type { Proposal } from '../plan/agents/proposal.ts';
import type { Context } from './context.ts';
import { type Exchange, type LanguageModel, openLanguageModel } from './language-model.ts';
import { findSecrets, withoutSecrets } from './secrets.ts';

/** What the language model did in one repair. */
export interface ModelReport {
  readonly model: string;
  readonly questions: number;
  readonly tokens: number;
  /** What was refused of its answers, in words. */
  readonly refused: readonly string[];
  /** Why it was asked no further: no budget, no answer. */
  readonly stopped?: { readonly code: string; readonly message: string; readonly hint: string };
}

/** The model as an agent for the repair of one workflow, and what came of it. */
export interface RepairModel {
  readonly agent: Agent;
  /** What was asked and answered so far. */
  readonly exchanges: readonly Exchange[];
  /** The exchange that a proposal came from; all of them where that cannot be told. */
  exchangesFor(proposal: Proposal): readonly Exchange[];
  report(): ModelReport;
  /** The error that ended it; a repair that changed nothing ends with it too. */
  failure(): CwfError | undefined;
}

/** The configured language model, for the repairs of one command: they share its budget. Throws as `openLanguageModel`. */
export async function openRepairModel(ctx: Context): Promise<(workflow: Workflow) => RepairModel> {
  const model = await openLanguageModel(ctx);
  return (workflow) => repairModel(ctx, model, workflow);
}

function repairModel(ctx: Context, model: LanguageModel, workflow: Workflow): RepairModel {
  const exchanges: Exchange[] = [];
  const refused: string[] = [];
  let failure: CwfError | undefined;
  const before = model.spent();
  const { isHidden, secrets } = secretsOf(workflow);
  const origins = new Map<string, Exchange>();
  const asking = modelAgent({
    isHidden,
    redact: (text) => withoutSecrets(text, secrets),
    onRefused: (refusals) => void refused.push(...refusals.map(refusalText)),
    complete: async ({ system, user, schema }) => {
      ctx.log(`asking ${model.name} about what is left`);
      try {
        const exchange = await model.ask({ system, user, schema, secrets });
        exchanges.push(exchange);
        if (exchange.answer.finish === 'length')
          ctx.log('the answer was cut off: raise llm.max_tokens in .cwfrc if this goes on');
        return exchange.answer.text;
      } catch (error) {
        // What the rules have repaired is worth keeping, whatever became of the model.
        if (!isCwfError(error) || error.kind === 'bug') throw error;
        failure = error;
        return undefined;
      }
    },
  });
  const agent: Agent = {
    ...asking,
    propose: async (input) => {
      const proposals = await asking.propose(input);
      const last = exchanges.at(-1);
      if (last) for (const one of proposals) origins.set(originKey(one), last);
      return proposals;
    },
  };
  return {
    agent,
    exchanges,
    exchangesFor: (proposal) => {
      const origin = origins.get(originKey(proposal));
      return origin ? [origin] : exchanges;
    },
    failure: () => failure,
    report: () => ({
      model: model.name,
      questions: exchanges.length,
      tokens: model.spent() - before,
      refused,
      ...(failure ? { stopped: { code: failure.code, message: failure.message, hint: failure.hint } } : {}),
    }),
  };
}

/** A proposal by the findings it is for: these stay when the coordinator adds to its edits. */
function originKey({ evidence }: Proposal): string {
  return evidence.map(faultKey).join('\n');
}

/** Inputs that hold what looks like a key, and the texts they hold. */
function secretsOf(workflow: Workflow): { isHidden(place: InputPlace): boolean; readonly secrets: readonly string[] } {
  const hidden = new Set<string>();
  const secrets: string[] = [];
  for (const { scope, node, input } of findSecrets('', workflow)) {
    const place = { ...scopePart(scope), node };
    hidden.add(keyOf({ ...place, input }));
    const holder = nodeAt(workflow, place);
    for (const part of [holder?.widgets, holder?.positional])
      secrets.push(...textsIn(part && Object.hasOwn(part, input) ? part[input] : undefined));
  }
  return { secrets, isHidden: ({ scope, node, input }) => hidden.has(keyOf({ ...scopePart(scope), node, input })) };
}

function textsIn(value: Json | undefined): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
