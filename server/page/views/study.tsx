import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ExpExplainOutput } from '../../../src/porcelain/exp.ts';
import type { StudyReport } from '../../../src/porcelain/study-report.ts';
import { get } from '../api.ts';
import { longText, secondsText } from '../charts/numbers.ts';
import { listen } from '../events.ts';
import { type Loaded, useLoad } from '../load.ts';
import { useKeys } from '../parts/keys.tsx';
import { say } from '../parts/say.tsx';
import { Shown } from '../parts/shown.tsx';
import { adjust, type Route, toRoute } from '../route.ts';
import { StudyActions, TrialDialog } from '../study/actions.tsx';
import { Confirmed } from '../study/confirmed.tsx';
import { EdfChart, IntermediateChart, TimelineChart } from '../study/course-charts.tsx';
import { Explanation } from '../study/explanation.tsx';
import { HistoryChart, VolumeChart } from '../study/history-chart.tsx';
import { ImportanceChart } from '../study/importance.tsx';
import { Leaderboard } from '../study/leaderboard.tsx';
import { dimensionsOf, type Filter, goodText, passes, StudyContext, useStudy } from '../study/model.ts';
import { ParallelChart } from '../study/parallel-chart.tsx';
import { ParetoChart } from '../study/pareto-chart.tsx';
import { Pictures } from '../study/pictures.tsx';
import { SliceCharts } from '../study/slice-charts.tsx';
import { StatusBadge } from '../study/status-badge.tsx';
import { TrialTable } from '../study/trial-table.tsx';
import './study.css';

const TABS = [
  ['overview', 'Overview'],
  ['parameters', 'Parameters'],
  ['course', 'Course'],
  ['trials', 'Trials'],
  ['pictures', 'Pictures'],
  ['why', 'Why it won'],
] as const;
type Tab = (typeof TABS)[number][0];

/** One study: `#/study/<name>?tab=<tab>&trial=<number>`. */
export function View({ route }: { readonly route: Route }) {
  const name = route.parts.join('/');
  const loaded = useLoad((signal) => get<StudyReport>('exp/show', { study: name }, signal), [name]);
  return (
    <Shown what="Study" of={loaded}>
      {(report) => <StudyPage report={report} route={route} />}
    </Shown>
  );
}

function StudyPage({ report, route }: { readonly report: StudyReport; readonly route: Route }) {
  const { study, parameters } = report;
  const tab = (TABS.find(([name]) => name === route.query.get('tab')) ?? TABS[0])[0];
  const trial = route.query.get('trial');
  const [current, setCurrent] = useState<number>();
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [filter, setFilter] = useState<Filter>({});
  const dimensions = useMemo(() => dimensionsOf(report), [report]);
  const show = (next: { readonly tab?: Tab; readonly trial?: string | null }): void => adjust(route, next, true);
  useKeys(
    Object.fromEntries(
      TABS.map(([name, label], i) => [
        `${i + 1}`,
        { label: `Show ${label}`, run: () => show({ tab: name, trial: null }) },
      ]),
    ),
  );
  useEnd(report);
  const watched = {
    report,
    current,
    setCurrent,
    chosen,
    toggle: (number: number) =>
      setChosen((before) => {
        const next = new Set(before);
        if (!next.delete(number)) next.add(number);
        return next;
      }),
    isShown: (one: StudyReport['trials'][number]) => passes(one, filter, dimensions),
    filter,
    setFilter,
    open: (number: number) => show({ trial: String(number) }),
  };
  return (
    <StudyContext.Provider value={watched}>
      <Head />
      <nav class="tabs" aria-label={`Parts of ${study}`}>
        {TABS.map(([name, label]) => (
          <a
            key={name}
            href={toRoute('study', [study], { tab: name })}
            aria-current={name === tab ? 'page' : undefined}
          >
            {label}
          </a>
        ))}
      </nav>
      <div class="figures">
        {tab === 'overview' && <Overview />}
        {tab === 'parameters' && parameters.length > 0 && <Parameters />}
        {tab === 'course' && <Course />}
        {tab === 'trials' && (
          <div class="is-wide">
            <TrialTable />
          </div>
        )}
        {tab === 'pictures' && (
          <div class="is-wide">
            <Pictures />
          </div>
        )}
        {tab === 'why' && <Why />}
      </div>
      <TrialDialog number={trial === null ? undefined : Number(trial)} onClose={() => show({ trial: null })} />
    </StudyContext.Provider>
  );
}

/** Tells once that a study that was watched has ended. */
function useEnd({ study, status, reason }: StudyReport): void {
  const [before, setBefore] = useState(status);
  useEffect(() => {
    if (before === 'running' && status !== 'running') say(`${study} ${status}${reason === '' ? '' : `: ${reason}`}`);
    setBefore(status);
  }, [status]);
}

function Head() {
  const { report, open } = useStudy();
  const { study, status, reason, file, base, trials, budget, ranked, limits, sampler, samplerReason, progress } =
    report;
  const isRunning = status === 'running';
  const took =
    trials.length === 0 ? 0 : Math.max(...trials.map(({ end }) => end)) - Math.min(...trials.map(({ start }) => start));
  const first = trials.find(({ number }) => number === 0);
  return (
    <header class="study">
      <div class="row">
        <h1>
          <a href={toRoute('experiments')}>Experiments</a> / {study}
        </h1>
        <StatusBadge status={status} />
        <span class="grow" />
        <StudyActions />
      </div>
      <p class="quiet about">
        <code>{file}</code> of <code>{base.slice(0, 8)}</code>, for {report.objectives.map(goodText).join(' and ')}
        {limits.map(
          (limit) =>
            `; ${limit.name} ${'most' in limit ? `at most ${longText(limit.most)}` : `at least ${longText(limit.least)}`}`,
        )}
        . Sampler {sampler}: {samplerReason}.{reason !== '' && ` It ${status}: ${reason}.`}
      </p>
      <ul class="cards">
        <li>
          <span class="quiet">trials</span>
          <strong>
            {trials.length} <small>of {budget}</small>
          </strong>
          <progress max={budget} value={Math.min(budget, trials.length)} aria-label="trials of the budget" />
          <span class="quiet">
            {secondsText(took)}
            {isRunning && trials.length > 0 && trials.length < budget
              ? `, about ${secondsText((took / trials.length) * (budget - trials.length))} left`
              : ''}
          </span>
        </li>
        {ranked.map((objective, at) => {
          const best = progress[at]?.at(-1)?.value;
          const winner = progress[at]?.findLast(({ isBetter }) => isBetter)?.number;
          const from = first?.scores?.[at];
          return (
            <li key={objective.name}>
              <span class="quiet">best {objective.name}</span>
              <strong title={best === undefined ? undefined : String(best)}>
                {best === undefined ? 'none yet' : longText(best)}
              </strong>
              {winner !== undefined && (
                <button type="button" class="link" onClick={() => open(winner)}>
                  trial {winner}
                </button>
              )}
              <span class="quiet">{best !== undefined && from !== undefined ? gainText(from, best) : ''}</span>
            </li>
          );
        })}
        {ranked.length > 1 && (
          <li>
            <span class="quiet">on the front</span>
            <strong>{trials.filter(({ best }) => best).length}</strong>
            <span class="quiet">nothing beats them in all</span>
          </li>
        )}
      </ul>
      {isRunning && <Doing study={study} />}
    </header>
  );
}

/** From so many times the base on it is no matter of percent. */
const MANY = 5;

/** `+12 % against the base`. */
function gainText(from: number, best: number): string {
  if (from === best) return 'as the base';
  if (from === 0) return `the base has ${longText(from)}`;
  if (best / from >= MANY) return `${longText(Number((best / from).toPrecision(2)))} times the base`;
  const part = ((best - from) / Math.abs(from)) * 100;
  return `${part > 0 ? '+' : '−'}${longText(Number(Math.abs(part).toPrecision(2)))} % against the base`;
}

/** What the trials of this server are doing now. */
function Doing({ study }: { readonly study: string }) {
  const [steps, setSteps] = useState<Readonly<Record<number, Doing>>>({});
  useEffect(
    () =>
      listen(`/api/optimize/progress/${encodeURIComponent(study)}`, ['step', 'trial', 'done'], (kind, data) => {
        if (kind === 'done') setSteps({});
        if (kind === 'trial') {
          const { record } = data as { readonly record: { readonly number: number } };
          setSteps(({ [record.number]: _, ...rest }) => rest);
        }
        if (kind !== 'step') return;
        const step = data as Doing & { readonly kind: string; readonly trial?: number };
        if (step.trial !== undefined)
          setSteps((before) => ({ ...before, [step.trial!]: { ...before[step.trial!], ...step } }));
      }),
    [study],
  );
  const all = Object.entries(steps);
  return (
    <p class="doing">
      {all.length === 0
        ? 'It runs; each trial is shown when it ends.'
        : all.map(([trial, { runner, node, value, max }]) => (
            <span key={trial}>
              <span class="pulse" aria-hidden="true" /> trial {trial}
              {runner === undefined ? '' : ` on ${runner}`}
              {node === undefined ? '' : `: node ${node}`}
              {value === undefined || max === undefined ? '' : `, ${value} of ${max}`}
            </span>
          ))}
    </p>
  );
}

interface Doing {
  readonly runner?: string;
  readonly node?: string;
  readonly value?: number;
  readonly max?: number;
}

function Overview() {
  const { report } = useStudy();
  const { ranked } = report;
  const pairs = ranked.flatMap((_, a) => ranked.slice(a + 1).map((_one, k) => [a, a + 1 + k] as const));
  return (
    <>
      {pairs.slice(0, 3).map(([a, b]) => (
        <ParetoChart key={`${a} ${b}`} a={a} b={b} />
      ))}
      {ranked.length > 1 ? <VolumeChart /> : <HistoryChart objective={0} />}
      <Leaderboard />
      <Confirmed />
      {ranked.length > 1 && ranked.map(({ name }, at) => <HistoryChart key={name} objective={at} />)}
    </>
  );
}

function Parameters() {
  const { report } = useStudy();
  const { ranked, parameters } = report;
  const [objective, setObjective] = useState(0);
  const explained = useExplained();
  return (
    <>
      {ranked.length > 1 && (
        <fieldset class="choice is-wide">
          <legend>By</legend>
          {ranked.map(({ name }, at) => (
            <label key={name} class="check">
              <input type="radio" name="objective" checked={at === objective} onChange={() => setObjective(at)} />
              {name}
            </label>
          ))}
        </fieldset>
      )}
      {parameters.length > 0 && <ParallelChart objective={objective} />}
      <Again explained={explained} />
      <Shown what="Importance" of={explained}>
        {({ importance }) => importance.map((target) => <ImportanceChart key={target.name} target={target} />)}
      </Shown>
      <div class="is-wide">
        <h2>{ranked[objective]!.name} by each parameter</h2>
        <SliceCharts objective={objective} />
      </div>
    </>
  );
}

function Course() {
  const { report } = useStudy();
  const { ranked, objectives, trials } = report;
  if (trials.length === 0) return <p class="quiet">No trial has ended yet.</p>;
  return (
    <>
      <TimelineChart />
      {objectives.map(({ name }, at) => (
        <IntermediateChart key={name} objective={at} />
      ))}
      {ranked.map(({ name }, at) => (
        <EdfChart key={name} objective={at} />
      ))}
    </>
  );
}

function Why() {
  const explained = useExplained();
  return (
    <>
      <Again explained={explained} />
      <Shown what="Explanation" of={explained}>
        {({ parts }) => parts.map((part) => <Explanation key={part.objective} part={part} />)}
      </Shown>
    </>
  );
}

type Explained = ExpExplainOutput & { readonly trials: number };

/** What is computed of all trials; it takes a second, so a study that runs does not have it after each of its trials. */
function useExplained(): Loaded<Explained> {
  const { report } = useStudy();
  const { study, trials, status } = report;
  return useLoad(
    async (signal) => ({ ...(await get<ExpExplainOutput>('exp/explain', { study }, signal)), trials: trials.length }),
    [study, status],
    { follow: false },
  );
}

function Again({ explained: { value, isLoading, reload } }: { readonly explained: Loaded<Explained> }) {
  const { report } = useStudy();
  const more = value ? report.trials.length - value.trials : 0;
  if (more === 0 || isLoading) return null;
  return (
    <p class="is-wide row">
      <span>
        {more} {more === 1 ? 'trial' : 'trials'} ended since.
      </span>
      <button type="button" onClick={reload}>
        Look again
      </button>
    </p>
  );
}
