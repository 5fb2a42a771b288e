import { useState } from 'preact/hooks';
import type { Problem } from '../api.ts';
import { type Action, ActionDialog } from '../parts/action-dialog.tsx';
import { Trouble } from '../parts/shown.tsx';
import { givingUp } from './give-up.tsx';

/** Something waits for decisions, but HEAD is on another branch now: it can be given up, or HEAD brought back. */
export function Elsewhere({ problem, onGone }: { readonly problem: Problem; readonly onGone: () => void }) {
  const [action, setAction] = useState<Action<unknown>>();
  const { op, rev } = problem.details;
  return (
    <>
      <Trouble error={problem} />
      {typeof op === 'string' && (
        <button type="button" onClick={() => setAction(givingUp(op, String(rev), onGone))}>
          Give it up…
        </button>
      )}
      <ActionDialog action={action} onClose={() => setAction(undefined)} />
    </>
  );
}
