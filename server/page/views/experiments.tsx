import { useState } from 'preact/hooks';
import type { ListedStudy } from '../../../src/porcelain/exp.ts';
import { get } from '../api.ts';
import { longText } from '../charts/numbers.ts';
import { useLoad } from '../load.ts';
import { useKeys } from '../parts/keys.tsx';
import { Shown } from '../parts/shown.tsx';
import { type Column, DataTable } from '../parts/table.tsx';
import { Ago } from '../parts/time.tsx';
import { go, type Route, toRoute } from '../route.ts';
import { StartForm } from '../study/start-form.tsx';
import { StatusBadge } from '../study/status-badge.tsx';
import './study.css';

/** All studies, and the form that begins one: `#/experiments`, `#/experiments/new`. */
export function View({ route }: { readonly route: Route }) {
  const isNew = route.parts[0] === 'new';
  const loaded = useLoad((signal) => get<{ readonly studies: readonly ListedStudy[] }>('exp/ls', {}, signal), []);
  useKeys({ n: { label: 'Begin a study', run: () => go(toRoute('experiments', ['new'])) } });
  if (isNew) return <StartForm file={route.query.get('file') ?? undefined} />;
  return (
    <>
      <div class="row">
        <h1>Experiments</h1>
        <span class="grow" />
        <a class="button primary" href={toRoute('experiments', ['new'])}>
          New study
        </a>
        <a class="button" href={toRoute('rank')}>
          Rank by eye
        </a>
      </div>
      <Shown what="Studies" of={loaded}>
        {({ studies }) => (studies.length === 0 ? <Nothing /> : <Studies studies={studies} />)}
      </Shown>
    </>
  );
}

function Nothing() {
  return (
    <section class="figure is-wide empty">
      <h2>No study yet</h2>
      <p>
        A study searches the parameters of a committed workflow for better ones: steps, CFG, samplers, LoRA weights,
        whatever the workflow has. Each trial is a commit that you can compare, apply or throw away.
      </p>
      <a class="button primary" href={toRoute('experiments', ['new'])}>
        Begin one
      </a>
      <p class="quiet">
        In a terminal: <code>cwf optimize portrait.json --for quality --budget 20</code>
      </p>
    </section>
  );
}

function Studies({ studies }: { readonly studies: readonly ListedStudy[] }) {
  const [isBusy, setBusy] = useState(false);
  const running = studies.filter(({ status }) => status === 'running').length;
  const shown = isBusy ? studies.filter(({ status }) => status === 'running') : studies;
  return (
    <>
      {running > 0 && (
        <button type="button" aria-pressed={isBusy} onClick={() => setBusy(!isBusy)}>
          {running} running
        </button>
      )}
      <div class="figure studies">
        <DataTable
          caption="Studies"
          columns={COLUMNS}
          rows={shown}
          keyOf={({ name }) => name}
          file="studies"
          most={200}
        />
      </div>
    </>
  );
}

const COLUMNS: readonly Column<ListedStudy>[] = [
  {
    name: 'study',
    cell: ({ name }) => (
      <a class="name" href={toRoute('study', [name])}>
        {name}
      </a>
    ),
    value: ({ name }) => name,
  },
  {
    name: 'state',
    cell: ({ status, reason }) => (
      <span title={reason}>
        <StatusBadge status={status} />
      </span>
    ),
    value: ({ status }) => status,
  },
  {
    name: 'trials',
    cell: ({ name, trials, budget }) => (
      <span class="counted">
        <progress max={budget} value={Math.min(budget, trials)} aria-label={`trials of ${name}`} />
        {trials} / {budget}
      </span>
    ),
    value: ({ trials }) => trials,
    isNumber: true,
  },
  {
    name: 'for',
    cell: ({ objectives }) =>
      objectives.map(({ name, direction }) => `${name} ${direction === 'maximize' ? '↑' : '↓'}`).join(', '),
    value: ({ objectives }) => objectives.map(({ name, direction }) => `${name} ${direction}`).join(', '),
  },
  {
    name: 'best',
    cell: ({ name, objectives, best }) =>
      best && (
        <>
          {objectives.map((objective, at) => `${objective.name} ${longText(best.values[at])}`).join(', ')}{' '}
          <a href={toRoute('study', [name], { trial: String(best.trial) })}>trial {best.trial}</a>
        </>
      ),
    value: ({ best }) => best?.values[0],
  },
  {
    name: 'workflow',
    cell: ({ file, base }) => (
      <>
        {file} <code class="quiet">{base.slice(0, 8)}</code>
      </>
    ),
    value: ({ file }) => file,
  },
  {
    name: 'begun',
    cell: ({ created }) => <Ago seconds={created} />,
    value: ({ created }) => new Date(created * 1000).toISOString(),
  },
];
