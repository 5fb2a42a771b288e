import { type ErrorRow, row } from './error-row.ts';

/** Errors of the optional language model: part of the one table of errors. */
export const LLM_ERRORS = {
  LLM_NOT_CONFIGURED: row(
    'config',
    () => 'no language model is configured',
    () => 'Say which one under "llm" in .cwfrc; .cwfrc.example shows how.',
  ),
  LLM_UNTRUSTED: row(
    'config',
    (d) => `.cwfrc came with the repository, and would send parts of workflows to ${d.url}`,
    (d) => `If that is where you want them to go, set the environment variable CWF_LLM_URL to ${d.url}.`,
  ),
  LLM_KEY_MISSING: row(
    'auth',
    (d) => `the environment variable ${d.variable} holds no key for ${d.host}`,
    (d) => `Put the key into ${d.variable}, or take key_env out of .cwfrc if that server wants none.`,
  ),
  LLM_DENIED: row(
    'auth',
    (d) => `${d.host}: the key was refused (${d.status})`,
    () => 'Check the key in the variable that llm.key_env of .cwfrc names.',
  ),
  LLM_UNREACHABLE: row(
    'remote',
    (d) => `${d.host}: no answer: ${d.reason}`,
    () => 'Check llm.url in .cwfrc and that the server runs; llm.timeout_s says how long to wait.',
  ),
  LLM_RATE_LIMITED: row(
    'remote',
    (d) => `${d.host}: too many questions, or no credit left: ${d.reason}`,
    () => 'Wait and run the command again, or look at your account there.',
  ),
  LLM_REFUSED: row(
    'remote',
    (d) => `${d.host}: the question was refused: ${d.reason}`,
    () => 'Check llm.url and llm.model in .cwfrc.',
  ),
  LLM_ANSWER_INVALID: row(
    'remote',
    (d) => `${d.host}: this is no answer of a language model: ${d.reason}`,
    () => 'llm.url in .cwfrc must be the base of an OpenAI-compatible API, e.g. http://127.0.0.1:11434/v1.',
  ),
  LLM_BUDGET: row(
    'budget',
    (d) => `the next question may need ${d.needed} tokens, and ${d.spent} of ${d.limit} are spent`,
    () => 'Raise llm.budget_tokens in .cwfrc, or lower llm.max_tokens.',
  ),
  LLM_RECORDING: row(
    'failed',
    (d) => `${d.file}: ${d.reason}`,
    () => 'Record it with CWF_LLM_RECORD=<folder> and without CWF_LLM_REPLAY.',
  ),
} as const satisfies Record<string, ErrorRow>;
