import { useEffect, useState } from 'preact/hooks';
import type { ReviewShowOutput } from '../../../src/porcelain/review.ts';
import { addressOf, Problem, post } from '../api.ts';
import { listen } from '../events.ts';
import { AbSlider } from '../parts/ab-slider.tsx';
import { say } from '../parts/say.tsx';
import { Trouble } from '../parts/shown.tsx';
import { DataTable } from '../parts/table.tsx';
import { toRoute } from '../route.ts';
import { digits, stateOf } from '../runs/words.ts';

type FileRuns = NonNullable<ReviewShowOutput['checks']['results'][number]['runs']>[number];

const SIGNS = {
  better: ['▲', 'added'],
  worse: ['▼', 'removed'],
  same: ['=', 'quiet'],
  changed: ['~', 'changed'],
} as const;

/** What both versions of one workflow left: pictures on each other, and numbers beside each other. */
export function RunsOfCheck({ of: { file, before, after, numbers, outputs } }: { readonly of: FileRuns }) {
  return (
    <div class="smoke">
      <p class="row">
        <strong>{file}</strong>
        {before && <Side name="before" side={before} />}
        <Side name="after" side={after} />
      </p>
      {outputs.map(({ node, at, before: was, after: is, isSame }) => (
        <div key={`${node} ${at}`}>
          <p class="quiet">
            Node {node}
            {at === 0 ? '' : `, output ${at + 1}`}
            {isSame === true ? ': the same pixels' : isSame === false ? ': other pixels' : ''}
          </p>
          {isPicture(was) && isPicture(is) ? (
            <AbSlider before={addressOf(`outputs/${was.id}`)} after={addressOf(`outputs/${is.id}`)} />
          ) : (
            <p class="row">
              <Single name="before" output={was} />
              <Single name="after" output={is} />
            </p>
          )}
        </div>
      ))}
      {numbers.length > 0 && (
        <DataTable<FileRuns['numbers'][number]>
          caption="Numbers before and after"
          rows={numbers}
          keyOf={({ metric }) => metric}
          columns={[
            { name: 'metric', cell: ({ metric }) => metric, value: ({ metric }) => metric },
            {
              name: 'before',
              cell: ({ before: value }) => value !== undefined && digits(value),
              value: ({ before: value }) => value,
              isNumber: true,
            },
            {
              name: 'after',
              cell: ({ after: value }) => value !== undefined && digits(value),
              value: ({ after: value }) => value,
              isNumber: true,
            },
            {
              name: 'verdict',
              cell: ({ verdict }) =>
                verdict && (
                  <span class={SIGNS[verdict][1]}>
                    {SIGNS[verdict][0]} {verdict}
                  </span>
                ),
              value: ({ verdict }) => verdict,
            },
          ]}
        />
      )}
    </div>
  );
}

function Side({ name, side }: { readonly name: string; readonly side: FileRuns['after'] }) {
  const { kind, reason, commit, run, gates = [] } = side;
  const { sign, tone } = stateOf(kind);
  return (
    <span>
      {name}{' '}
      <span class={`badge ${tone}`}>
        {sign} {kind}
      </span>{' '}
      {reason} {gates.join(', ')} {run !== undefined && <a href={toRoute('runs', [commit, run])}>run {name}</a>}
    </span>
  );
}

type Output = NonNullable<FileRuns['outputs'][number]['before']>;

function isPicture(output: Output | undefined): output is Output {
  return output?.type.startsWith('image/') === true;
}

function Single({ name, output }: { readonly name: string; readonly output: Output | undefined }) {
  if (!output) return <span class="quiet">{name}: nothing</span>;
  const { id, filename } = output;
  const address = addressOf(`outputs/${id}`);
  return isPicture(output) ? (
    <img class="smoke-one" src={address} alt={`${name}: ${filename}`} />
  ) : (
    <a href={address}>
      {name}: {filename}
    </a>
  );
}

/** The button that runs what a proposal changes, before and after, and how that goes. */
export function Smoke({
  id,
  wasRun,
  onEnd,
}: {
  readonly id: string;
  readonly wasRun: boolean;
  readonly onEnd: () => void;
}) {
  const [task, setTask] = useState<string>();
  const [steps, setSteps] = useState(0);
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    if (task === undefined) return;
    return listen(addressOf(`tasks/${task}/events`), ['step', 'done', 'failed'], (kind, data) => {
      if (kind === 'step') return setSteps((n) => n + 1);
      setTask(undefined);
      if (kind === 'failed') setError(new Problem(0, (data as { readonly error: Record<string, unknown> }).error));
      else say('Both versions were run.');
      onEnd();
    });
  }, [task]);
  const begin = async (): Promise<void> => {
    setError(undefined);
    setSteps(0);
    try {
      const body = { proposal: id, run: true };
      setTask((await post<{ readonly task: string }>('review/checks', body, { background: true })).task);
    } catch (thrown) {
      setError(thrown);
    }
  };
  return (
    <>
      <p class="row">
        <button type="button" disabled={task !== undefined} onClick={() => void begin()}>
          {task !== undefined ? 'Running both versions…' : wasRun ? 'Run both versions again' : 'Run both versions'}
        </button>
        <span class="quiet">
          {task === undefined
            ? 'On the embedded engine: pictures and numbers before and after.'
            : steps === 0
              ? 'Beginning…'
              : `${steps} steps so far`}
        </span>
      </p>
      {error !== undefined && <Trouble error={error} />}
    </>
  );
}
