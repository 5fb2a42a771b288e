import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { post } from '../api.ts';
import { useHead } from '../events.ts';
import { Dialog } from './dialog.tsx';
import { say } from './say.tsx';
import { Trouble } from './shown.tsx';

/** Something that is changed only after whoever asked saw what it would do. */
export interface Action<T> {
  /** `Revert 1a2b3c4`. */
  readonly title: string;
  /** The route of the verb, without `/api/`. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Words that go along, and the field that they are. */
  readonly text?: { readonly field: string; readonly label: string };
  /** What the button says. */
  readonly button: string;
  /** Whether the verb can say beforehand what it would do. */
  readonly canPreview?: boolean;
  /** Whether it goes on after the answer: nobody waits for it. */
  readonly isLong?: boolean;
  /** What it would do, by what a dry run answered. */
  preview(answer: T): ComponentChildren;
  /** What is said when it was done. */
  done(answer: T): string;
  /** Called after that. */
  onDone?(answer: T): void;
}

/**
 * Shows what an action would do (the dry run of its verb), and does it on the head that was shown. Where HEAD moves
 * meanwhile, what it would do now is shown anew; where it moved unseen, nothing is done and that is said.
 */
export function ActionDialog<T>({
  action,
  onClose,
}: {
  readonly action: Action<T> | undefined;
  readonly onClose: () => void;
}) {
  return (
    <Dialog title={action?.title ?? ''} isOpen={action !== undefined} onClose={onClose}>
      {action && <Confirm key={action.title} action={action} onClose={onClose} />}
    </Dialog>
  );
}

function Confirm<T>({ action, onClose }: { readonly action: Action<T>; readonly onClose: () => void }) {
  const { path, body, text, button, canPreview = true, isLong = false } = action;
  const [words, setWords] = useState('');
  const head = useHead();
  const [hasMoved, setMoved] = useState(false);
  const [planned, setPlanned] = useState<T>();
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(canPreview);
  /** Of the head that the plan is for. */
  const shown = useRef(head);
  const isRunning = useRef(false);
  useEffect(() => {
    // Its own change moves the head, too.
    if (isRunning.current) return;
    if (shown.current !== head && shown.current !== undefined) setMoved(true);
    shown.current = head;
    if (!canPreview) return;
    let isGone = false;
    const told =
      <V,>(set: (value: V) => void) =>
      (value: V): void => {
        if (isGone) return;
        set(value);
        setBusy(false);
      };
    setBusy(true);
    setPlanned(undefined);
    setError(undefined);
    post<T>(path, { ...body, dryRun: true }, { head }).then(told(setPlanned), told(setError));
    return () => {
      isGone = true;
    };
  }, [head]);
  const run = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    isRunning.current = true;
    try {
      const said = text && words.trim() !== '' ? { [text.field]: words.trim() } : {};
      const answer = await post<T>(path, { ...body, ...said }, { head: shown.current, background: isLong });
      say(action.done(answer));
      onClose();
      action.onDone?.(answer);
    } catch (thrown) {
      setError(thrown);
      setBusy(false);
    } finally {
      isRunning.current = false;
    }
  };
  return (
    <>
      {hasMoved && (
        <p class="quiet" role="status">
          The branch moved meanwhile; this is what it would do now.
        </p>
      )}
      {error !== undefined && <Trouble error={error} />}
      {planned !== undefined && <div class="planned">{action.preview(planned)}</div>}
      {!canPreview && <div class="planned">{action.preview({} as T)}</div>}
      {text && (
        <label>
          {text.label}
          <textarea rows={3} value={words} onInput={(event) => setWords(event.currentTarget.value)} />
        </label>
      )}
      {isBusy && <p class="quiet">One moment…</p>}
      <p class="row">
        <button
          type="button"
          class="primary"
          disabled={isBusy || (canPreview && planned === undefined)}
          onClick={() => void run()}
        >
          {button}
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </p>
    </>
  );
}
