import { useEffect } from 'preact/hooks';
import type { ListedRun, RunListOutput } from '../../../src/porcelain/run-list.ts';
import type { ListedRunner } from '../../../src/porcelain/runner-list.ts';
import { get } from '../api.ts';
import { useLoad } from '../load.ts';
import { useKeys } from '../parts/keys.tsx';
import { Shown } from '../parts/shown.tsx';
import { DataTable } from '../parts/table.tsx';
import { Ago } from '../parts/time.tsx';
import { adjust, type Route, toRoute } from '../route.ts';
import { Hosts } from '../runs/hosts.tsx';
import { OneRun } from '../runs/one.tsx';
import { Outputs } from '../runs/outputs.tsx';
import { Follow, Start } from '../runs/start.tsx';
import { digits, duration, faultsOf, seedText, stateOf } from '../runs/words.ts';
import './runs.css';

/** Runs: the latest of all commits and the runners, or the one that the address names. */
export function View({ route }: { readonly route: Route }) {
  const { parts } = route;
  const [commit, run] = parts;
  return commit !== undefined && run !== undefined ? (
    <OneRun key={run} commit={commit} run={run} />
  ) : (
    <Overview route={route} />
  );
}

/** Rows of one page. */
const PAGE = 50;

function Overview({ route }: { readonly route: Route }) {
  const { query } = route;
  const task = query.get('task');
  const on = query.get('on') ?? '';
  const unfinished = query.get('unfinished') === 'true';
  const limit = Math.max(PAGE, Number(query.get('limit')) || 0);
  const runs = useLoad(
    (signal) =>
      get<RunListOutput>(
        'run/ls',
        { limit, ...(on === '' ? {} : { on }), ...(unfinished ? { unfinished } : {}) },
        signal,
      ),
    [on, unfinished, limit],
  );
  const hosts = useLoad((signal) => get<{ readonly runners: readonly ListedRunner[] }>('runner/ls', {}, signal), [], {
    follow: false,
  });
  // A run that ended changed how busy its runner is.
  useEffect(() => {
    if (runs.value) hosts.reload();
  }, [runs.value?.total]);
  const change = (next: Readonly<Record<string, string>>): void => adjust(route, next, true);
  useKeys({
    u: {
      label: 'Only runs that did not finish, or all',
      run: () => change({ unfinished: unfinished ? '' : 'true' }),
    },
  });
  const runners = hosts.value?.runners ?? [];
  return (
    <div class="runs">
      <h1>Runs</h1>
      <Start runners={runners} files={[...new Set(runs.value?.runs.map(({ file }) => file) ?? [])]} />
      {task !== null && <Follow task={task} />}
      <p class="row">
        <label>
          Runner{' '}
          <select value={on} onChange={(event) => change({ on: event.currentTarget.value })}>
            <option value="">all</option>
            {[...new Set([...runners.map(({ name }) => name), ...(on === '' ? [] : [on])])].map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          <input
            type="checkbox"
            checked={unfinished}
            onChange={() => change({ unfinished: unfinished ? '' : 'true' })}
          />{' '}
          only those that did not finish
        </label>
        {runs.value && (
          <span class="quiet">
            {runs.value.total} {runs.value.total === 1 ? 'run' : 'runs'}
          </span>
        )}
      </p>
      <Shown what="Runs" of={runs}>
        {({ runs: rows, total }) =>
          rows.length === 0 ? (
            <p class="quiet">{on === '' && !unfinished ? 'No run is noted yet.' : 'No run fits.'}</p>
          ) : (
            <>
              <Faults runs={rows} />
              <Table rows={rows} />
              {total > rows.length && (
                <button type="button" onClick={() => change({ limit: String(limit + PAGE) })}>
                  Show more
                </button>
              )}
            </>
          )
        }
      </Shown>
      <Hosts of={hosts} />
    </div>
  );
}

function Table({ rows }: { readonly rows: readonly ListedRun[] }) {
  return (
    <DataTable<ListedRun>
      caption="Latest runs"
      file="runs"
      rows={rows}
      keyOf={({ run, commit }) => `${commit} ${run}`}
      columns={[
        { name: 'outputs', cell: ({ outputs }) => <Outputs outputs={outputs} most={3} /> },
        {
          name: 'state',
          cell: ({ kind }) => {
            const { sign, tone } = stateOf(kind);
            return (
              <span class={`badge ${tone}`}>
                {sign} {kind}
              </span>
            );
          },
          value: ({ kind }) => kind,
        },
        {
          name: 'workflow',
          cell: ({ commit, run, file, subject }) => (
            <>
              <a href={toRoute('runs', [commit, run])}>{file}</a>
              <span class="quiet under">
                <code>{commit.slice(0, 8)}</code> {subject}
              </span>
            </>
          ),
          value: ({ file }) => file,
        },
        { name: 'runner', cell: ({ runner }) => runner, value: ({ runner }) => runner },
        {
          name: 'time',
          cell: ({ ran, took, warmth }) => `${duration(ran ?? took)}${warmth === 'warm' ? ', warm' : ''}`,
          value: ({ ran, took }) => ran ?? took,
          isNumber: true,
        },
        { name: 'seed', cell: (row) => seedText(row), value: (row) => seedText(row) },
        { name: 'numbers', cell: (row) => <Numbers of={row} /> },
        { name: 'when', cell: ({ time }) => <Ago seconds={time} />, value: ({ time }) => time },
      ]}
    />
  );
}

/** Numbers of a row that are seen at once. */
const SEEN = 3;

/** The first numbers of a run, and what was set; why it failed, where it did. */
function Numbers({ of: { numbers, error, set = {} } }: { readonly of: ListedRun }) {
  const all = Object.entries(numbers);
  const texts = [
    ...Object.entries(set).map(([address, value]) => `set ${address} = ${JSON.stringify(value)}`),
    ...all.slice(0, SEEN).map(([name, value]) => `${name} ${digits(value)}`),
  ];
  return (
    <span class="numbers">
      {error !== undefined && <span>{error.message.slice(0, 160)}</span>}
      {texts.map((text) => (
        <span key={text}>{text}</span>
      ))}
      {all.length > SEEN && <span class="quiet">and {all.length - SEEN} more</span>}
    </span>
  );
}

/** What went wrong, each kind once. */
function Faults({ runs }: { readonly runs: readonly ListedRun[] }) {
  const faults = faultsOf(runs);
  if (faults.length === 0) return null;
  return (
    <section aria-label="What went wrong" class="panel">
      <h2>What went wrong</h2>
      <ul class="faults">
        {faults.map(({ name, message, runs: all }) => (
          <li key={name}>
            <span class="badge removed">{all.length} ×</span> <strong>{name}</strong> {message}{' '}
            <a href={toRoute('runs', [all[0]!.commit, all[0]!.run])}>the latest</a>
          </li>
        ))}
      </ul>
    </section>
  );
}
