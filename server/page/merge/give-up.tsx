import type { Action } from '../parts/action-dialog.tsx';

/** Giving up what waits: only its decisions are lost. */
export function givingUp(op: string, rev: string, onDone: () => void): Action<unknown> {
  return {
    title: `Give up the ${op} of ${rev}`,
    path: 'merge/abort',
    body: { op },
    button: 'Give it up',
    canPreview: false,
    preview: () => <p>The decisions made so far are forgotten. No file and no branch has been changed.</p>,
    done: () => `The ${op} was given up. All is as it was.`,
    onDone,
  };
}
