import { CwfError } from '../base/errors.ts';
import type { RunNote } from './run-note.ts';

/** The error that a run ended with: node, cause and next step; undefined for one that finished with all its files. */
export function runFailure(note: RunNote, commit?: string): CwfError | undefined {
  const { runner, file: source, error, missing = [], lost = [] } = note;
  const reason = error?.message ?? '';
  const node = error?.classType ? `${error.classType} (${error.node})` : error?.node || 'a node';
  switch (note.kind) {
    case 'failed':
      return new CwfError('RUN_FAILED', { source, runner, node, reason, note: commit?.slice(0, 8) });
    case 'out-of-memory':
      return new CwfError('RUN_OUT_OF_MEMORY', { source, runner, node, reason });
    case 'interrupted':
      return new CwfError('RUN_STOPPED', { source, runner, reason });
    case 'lost':
      return new CwfError('RUN_LOST', { source, runner, reason });
    case 'partial':
      return new CwfError('RUN_PARTIAL', { source, runner, nodes: missing });
    case 'refused':
      return new CwfError('RUN_REFUSED', { source, runner, reason: withDetails(reason, error?.details) });
    case 'finished': {
      const [first] = lost;
      if (!first) return undefined;
      return new CwfError('RUN_OUTPUT_LOST', {
        source,
        runner,
        file: first.filename,
        node: first.node,
        reason: first.reason,
      });
    }
  }
}

function withDetails(message: string, details: string | undefined): string {
  return details === undefined || details === '' ? message : `${message}: ${details}`;
}
