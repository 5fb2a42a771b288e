import { CwfError } from '../../base/errors.ts';
import { type Complete, estimatePrompt } from './completion.ts';

/** A completion function that spends from a budget. */
export interface Budgeted {
  readonly complete: Complete;
  /** Tokens of questions and answers so far. */
  spent(): number;
}

/**
 * Stops asking before `limit` tokens are passed: a question is not sent when it and the longest answer it allows would
 * not fit in what is left. A failed question counts as what it may have cost. The function throws LLM_BUDGET.
 */
export function withBudget(complete: Complete, limit: number): Budgeted {
  let spent = 0;
  return {
    spent: () => spent,
    complete: async (request) => {
      const most = estimatePrompt(request) + request.max_tokens;
      if (spent + most > limit) throw new CwfError('LLM_BUDGET', { limit, spent, needed: most });
      // Taken first, so that questions asked at once cannot share what is left.
      spent += most;
      const answer = await complete(request);
      spent += answer.usage.prompt_tokens + answer.usage.completion_tokens - most;
      return answer;
    },
  };
}
