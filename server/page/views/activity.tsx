import { useMemo, useState } from 'preact/hooks';
import type { LoggedOperation } from '../../../src/porcelain/op.ts';
import type { UndoOutput } from '../../../src/porcelain/undo.ts';
import { redoing, undoing } from '../activity/actions.tsx';
import { OperationDetails } from '../activity/operation-details.tsx';
import { useOperations } from '../activity/use-operations.ts';
import { touched } from '../activity/words.ts';
import { post } from '../api.ts';
import { type Action, ActionDialog } from '../parts/action-dialog.tsx';
import { ActorBadge } from '../parts/actor.tsx';
import { useKeys } from '../parts/keys.tsx';
import { Trouble } from '../parts/shown.tsx';
import { Ago } from '../parts/time.tsx';
import { useChosen } from '../parts/use-chosen.ts';
import { VirtualList } from '../parts/virtual-list.tsx';
import { go, type Route, toRoute } from '../route.ts';
import './activity.css';

/** Pixels of a row. */
const ROW = 28;
/** Names that fit into a row. */
const NAMES = 4;

/** Everything that changed the repository, newest first, and the way back from each. */
export function View({ route }: { readonly route: Route }) {
  const { items, error, isWhole, isLoading, more, reload } = useOperations();
  const [action, setAction] = useState<Action<never>>();
  const [trouble, setTrouble] = useState<unknown>();
  const ids = useMemo(() => items.map(({ id }) => id), [items]);
  const at = useChosen(route.query.get('at'), ids);
  const current = at === null ? -1 : ids.indexOf(at);
  const choose = (id: string | undefined, isStep = false): void =>
    go(toRoute('activity', [], id === undefined ? {} : { at: id }), !isStep);

  /** Asks first which operation it would be: that one is undone then, and no later one. */
  const ask = async (verb: 'undo' | 'redo'): Promise<void> => {
    setTrouble(undefined);
    try {
      const { operation } = await post<UndoOutput>(verb, { dryRun: true });
      setAction((verb === 'undo' ? undoing(operation) : redoing(operation)) as Action<never>);
    } catch (thrown) {
      setTrouble(thrown);
    }
  };
  useKeys({
    u: { label: 'Undo the last change', run: () => void ask('undo') },
    r: { label: 'Redo what was undone last', run: () => void ask('redo') },
  });
  return (
    <div class="activity">
      <h1 class="hidden">Activity</h1>
      <div class="row">
        <button type="button" onClick={() => void ask('undo')}>
          Undo last
        </button>
        <button type="button" onClick={() => void ask('redo')}>
          Redo
        </button>
        <span class="quiet">
          {items.length}
          {isWhole ? '' : '+'} operations{isLoading ? '…' : ''}
        </span>
      </div>
      {error !== undefined && <Trouble error={error} again={reload} />}
      {trouble !== undefined && <Trouble error={trouble} />}
      <VirtualList
        label="Operations"
        count={items.length}
        rowHeight={ROW}
        current={current}
        onChoose={(row) => choose(items[row]?.id)}
        onNearEnd={more}
        keyOf={(row) => items[row]?.id ?? ''}
        head={
          <div class="heads" aria-hidden="true">
            <span class="command">Command</span>
            <span class="subject">Changed</span>
            <span class="actor">Made by</span>
            <span class="time">When</span>
          </div>
        }
      >
        {(row) => <Row operation={items[row]!} />}
      </VirtualList>
      <OperationDetails
        operation={items[current]}
        isNewest={current === 0}
        onAction={setAction}
        onChoose={(id) => choose(id, true)}
      />
      <ActionDialog action={action} onClose={() => setAction(undefined)} />
    </div>
  );
}

function Row({ operation }: { readonly operation: LoggedOperation }) {
  const { command, actor, time, undone, undoes, redoes } = operation;
  const names = touched(operation);
  const about = (undoes ?? redoes)?.slice(0, 8);
  const rest = names.length > NAMES ? ` and ${names.length - NAMES} more` : '';
  return (
    <>
      <span class={undone ? 'command is-undone' : 'command'}>{command}</span>
      <span class="subject" title={names.join(', ')}>
        {undone && <span class="badge">taken back</span>}
        {about !== undefined && <code>{about} </code>}
        {names.slice(0, NAMES).join(', ')}
        {rest}
      </span>
      <ActorBadge actor={actor} />
      <Ago seconds={time / 1000} />
    </>
  );
}
