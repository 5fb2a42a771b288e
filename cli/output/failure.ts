import { CwfError } from '../../src/base/errors.ts';
import { jsonText } from '../../src/base/json-out.ts';
import { safeLines } from './safe.ts';

/** How a failed command ends: exit code, text for stderr, and with --json or --jsonl the document for stdout. */
export interface Failure {
  readonly exit: number;
  readonly stderr: string;
  readonly stdout: string;
}

/** How the command line asked for its output. */
export type FailureMode = 'text' | 'json' | 'jsonl';

const LONGEST = 2_000;

/** Renders any thrown value. Unknown ones are bugs of ours: exit 70, the stack only with CWF_DEBUG=1. */
export function renderFailure(error: unknown, mode: FailureMode, env: NodeJS.ProcessEnv): Failure {
  const known = error instanceof CwfError ? error : new CwfError('BUG', { what: text(error) }, { cause: error });
  const lines = [`error: ${brief(known.message)}`, `hint: ${brief(known.hint)}`];
  if (known.kind === 'bug') {
    lines[0] = `error: this is a bug in cwf: ${brief(known.message.replace(/^broken invariant: /, ''))}`;
    const stack = error instanceof Error ? error.stack : undefined;
    if (env.CWF_DEBUG === '1' && stack) lines.push(safeLines(stack));
    else lines.push('      CWF_DEBUG=1 shows where it happened.');
  }
  const body = known.toJSON();
  if (mode === 'text') return { exit: known.exit, stderr: `${lines.join('\n')}\n`, stdout: '' };
  const document = { error: { ...body.error, message: known.message } };
  return { exit: known.exit, stderr: '', stdout: `${jsonText(document, mode === 'jsonl' ? 0 : 2)}\n` };
}

function text(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function brief(message: string): string {
  const shown = safeLines(message.slice(0, LONGEST));
  return message.length > LONGEST ? `${shown}…` : shown;
}
