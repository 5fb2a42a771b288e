import type { InputPlace } from '../../core/workflow/effective.ts';
import type { Agent, AgentInput } from './agent.ts';
import { REFUSALS, type Refusal } from './model-answer.ts';
import { askModel, type ModelQuestion } from './model-question.ts';
import { readModelAnswer } from './model-repair.ts';
import type { Proposal } from './proposal.ts';

/** What a model agent needs, and how far it goes. */
export interface ModelAgentOptions {
  /** Puts a question and gives the text of the answer; undefined when no further question may be put. */
  readonly complete: (question: ModelQuestion) => Promise<string | undefined>;
  /** Whether the value of an input must be kept from the model (it looks like a key). */
  readonly isHidden?: (place: InputPlace) => boolean;
  /** Takes keys and passwords out of a text. */
  readonly redact?: (text: string) => string;
  /** The most questions. Default 4. */
  readonly maxQuestions?: number;
  /** Told of everything in an answer that was refused before the rule of acceptance saw it. */
  readonly onRefused?: (refusals: readonly Refusal[]) => void;
}

const MAX_QUESTIONS = 4;
/** Questions about one state of a workflow: the first, and one with what was refused of its answer. */
const MAX_TRIES = 2;

/**
 * One more agent: asks a language model about the errors that are left, so it belongs behind the rules. It puts no
 * question twice and only so many. What the model says goes through the same rule of acceptance as all proposals. [LM-13]
 */
export function modelAgent(options: ModelAgentOptions): Agent {
  const { complete, isHidden, redact, maxQuestions = MAX_QUESTIONS } = options;
  const asked = new Set<string>();
  let isDone = false;
  return {
    name: 'model',
    propose: async ({ workflow, catalog, diagnostics }: AgentInput): Promise<Proposal[]> => {
      // A warning is no reason to have a file changed by somebody who guesses.
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      let refused: readonly string[] = [];
      for (let tries = 0; tries < MAX_TRIES && !isDone && asked.size < maxQuestions; tries++) {
        const told = { refused, ...(isHidden ? { isHidden } : {}), ...(redact ? { redact } : {}) };
        const question = askModel(workflow, catalog, errors, told);
        if (!question || asked.has(question.user)) return [];
        asked.add(question.user);
        const text = await complete(question);
        isDone = text === undefined;
        if (text === undefined) return [];
        const answer = readModelAnswer(text, workflow, catalog, question.reach, told);
        options.onRefused?.(answer.refused);
        if (answer.proposals.length > 0 || answer.refused.length === 0) return [...answer.proposals];
        refused = answer.refused.map(refusalText);
      }
      return [];
    },
  };
}

/** A refusal in our words: nothing of the answer is repeated. */
export function refusalText({ code, repair, edit }: Refusal): string {
  const place = [
    ...(repair === undefined ? ['the answer'] : [`repair ${repair}`]),
    ...(edit === undefined ? [] : [`edit ${edit}`]),
  ];
  return `${place.join(', ')}: ${REFUSALS[code]}`;
}
