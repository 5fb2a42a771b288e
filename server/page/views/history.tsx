import { useMemo, useRef, useState } from 'preact/hooks';
import type { BranchOutput } from '../../../src/porcelain/branch.ts';
import type { MetricListOutput } from '../../../src/porcelain/metric-list.ts';
import { get } from '../api.ts';
import { Details } from '../history/details.tsx';
import { GraphCell, graphWidth } from '../history/graph-cell.tsx';
import { Heads, Row } from '../history/row.tsx';
import { trendOf } from '../history/trend.ts';
import { useHistory } from '../history/use-history.ts';
import { useLoad } from '../load.ts';
import { type Action, ActionDialog } from '../parts/action-dialog.tsx';
import { useKeys } from '../parts/keys.tsx';
import { say } from '../parts/say.tsx';
import { Trouble } from '../parts/shown.tsx';
import { useChosen } from '../parts/use-chosen.ts';
import { VirtualList } from '../parts/virtual-list.tsx';
import { adjust, go, type Route, toRoute } from '../route.ts';
import './history.css';

/** Pixels of a row. */
const ROW = 28;

/** What a filter is called, and the field of the verb `log` that it is. */
const FILTERS = [
  { name: 'grep', label: 'Message', hint: 'part of it' },
  { name: 'actor', label: 'Made by', hint: 'person, agent, agent/name' },
  { name: 'author', label: 'Author', hint: 'name or address' },
  { name: 'files', label: 'File', hint: 'portrait.json' },
  { name: 'input', label: 'Node or input', hint: '3.steps' },
  { name: 'metrics', label: 'Metrics', hint: 'sharpness, latency' },
] as const;

/** History as a graph of commits, the details of the chosen one, and what can be done with it. */
export function View({ route }: { readonly route: Route }) {
  const { query } = route;
  const branch = query.get('branch') ?? '';
  const filters = Object.fromEntries(
    FILTERS.flatMap(({ name }) => (query.get(name) ? [[name, query.get(name)!]] : [])),
  );
  const names = (query.get('metrics') ?? '').split(/[\s,]+/).filter((name) => name !== '');
  const isPart = Object.keys(filters).some((name) => name !== 'metrics');
  const history = useHistory(
    { ...filters, metrics: names, ...(branch === '' ? { all: true } : { range: branch }) },
    isPart,
  );
  const branches = useLoad((signal) => get<BranchOutput>('branch', {}, signal), []);
  const [action, setAction] = useState<Action<never>>();
  const form = useRef<HTMLFormElement>(null);
  const { items: commits, rows } = history;
  const [first] = names;
  const trend = useMemo(
    () => (first === undefined ? [] : trendOf(commits.map(({ metrics }) => metrics?.[first]))),
    [commits, first],
  );
  const [isMetricWanted, wantMetrics] = useState(false);
  const known = useLoad(
    async (signal) => (isMetricWanted ? (await get<MetricListOutput>('metric/ls', {}, signal)).metrics : []),
    [isMetricWanted],
    { follow: false },
  );
  const oids = useMemo(() => commits.map(({ oid }) => oid), [commits]);
  const at = useChosen(query.get('at'), oids);
  const current = at === null ? -1 : oids.indexOf(at);
  const mark = query.get('mark');

  const change = (next: Readonly<Record<string, string | null>>, isStep = false): void => adjust(route, next, !isStep);
  const choose = (row: number): void => change({ at: commits[row]?.oid ?? null });
  const toggleMark = (): void => {
    if (at === null) return;
    change({ mark: mark === at ? null : at });
    say(mark === at ? 'No longer marked.' : 'Marked. Choose another commit and compare.');
  };
  useKeys({
    '/': { label: 'Filter the history', run: () => form.current?.querySelector('input')?.focus() },
    c: { label: 'Mark the commit for a comparison', run: toggleMark },
    x: { label: 'Compare with the marked commit', run: () => mark && at && go(toRoute('compare', [`${mark}..${at}`])) },
  });

  // As wide as the widest row that is near, so that columns stand below each other.
  const wide = rows
    .slice(Math.max(0, current - 40), current + 80)
    .reduce((most, row) => Math.max(most, graphWidth(row)), 0);
  return (
    <div class="history">
      <h1 class="hidden">History</h1>
      {history.error !== undefined && <Trouble error={history.error} again={history.reload} />}
      <form
        ref={form}
        key={JSON.stringify(filters)}
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          const values = new FormData(event.currentTarget);
          change(
            { ...Object.fromEntries([...values].map(([name, value]) => [name, String(value).trim()])), at: null },
            true,
          );
        }}
      >
        <label>
          Branch
          <select
            name="branch"
            value={branch}
            onChange={(event) => change({ branch: event.currentTarget.value, at: null }, true)}
          >
            <option value="">all branches</option>
            {branches.value?.branches.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {FILTERS.map(({ name, label, hint }) => (
          <label key={name}>
            {label}
            <input
              type="text"
              name={name}
              placeholder={hint}
              defaultValue={query.get(name) ?? ''}
              spellcheck={false}
              {...(name === 'metrics' ? { list: 'metrics', onFocus: () => wantMetrics(true) } : {})}
            />
          </label>
        ))}
        <datalist id="metrics">
          {known.value?.map(({ id, summary }) => (
            <option key={id} value={id}>
              {summary}
            </option>
          ))}
        </datalist>
        <button type="submit">Filter</button>
        {Object.keys(filters).length > 0 && (
          <button type="button" class="plain" onClick={() => go('#/history')}>
            Clear
          </button>
        )}
        <span class="quiet">
          {commits.length}
          {history.isWhole ? '' : '+'} commits{history.isLoading ? '…' : ''}
        </span>
      </form>
      <VirtualList
        label="Commits"
        count={commits.length}
        rowHeight={ROW}
        current={current}
        onChoose={choose}
        onOpen={(row) => {
          const [parent] = commits[row]!.parents;
          if (parent) go(toRoute('compare', [`${parent}..${commits[row]!.oid}`]));
        }}
        onNearEnd={history.more}
        head={<Heads names={names} />}
        keyOf={(row) => commits[row]?.oid ?? ''}
      >
        {(row) => {
          const commit = commits[row]!;
          return (
            <>
              <span style={{ width: `${wide}px`, overflow: 'hidden', flex: 'none' }}>
                <GraphCell row={rows[row]!} height={ROW} isMerge={commit.parents.length > 1} />
              </span>
              <Row commit={commit} isMarked={commit.oid === mark} names={names} trend={trend[row]} height={ROW} />
            </>
          );
        }}
      </VirtualList>
      <Details
        oid={at}
        entry={commits[current]}
        mark={mark}
        onMark={toggleMark}
        onAction={(next) => setAction(next as Action<never>)}
      />
      <ActionDialog action={action} onClose={() => setAction(undefined)} />
    </div>
  );
}
