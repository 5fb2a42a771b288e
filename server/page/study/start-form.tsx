import { useState } from 'preact/hooks';
import type { MetricListOutput } from '../../../src/porcelain/metric-list.ts';
import type { OptimizeReport } from '../../../src/porcelain/optimize.ts';
import type { SpaceOutput } from '../../../src/porcelain/space.ts';
import type { StatusOutput } from '../../../src/porcelain/status.ts';
import { get, post } from '../api.ts';
import { longText, valueText } from '../charts/numbers.ts';
import { useHead } from '../events.ts';
import { useLoad } from '../load.ts';
import { Shown, Trouble } from '../parts/shown.tsx';
import { useWork } from '../parts/use-work.ts';
import { go, toRoute } from '../route.ts';
import { goodText } from './model.ts';
import { SAMPLER_NAMES } from './samplers.ts';
import { type Held, TunableTable } from './tunable-table.tsx';

/** What a run tells of itself, without a metric. */
const MEASURES = [
  ['latency', 'min', 'seconds of a run'],
  ['vram', 'min', 'most memory of a run'],
  ['file-size', 'min', 'bytes of what it leaves'],
] as const;
const GOALS = [
  ['quality', 'Better pictures'],
  ['speed', 'Faster runs'],
  ['vram', 'Less memory'],
] as const;

interface Wanted {
  readonly name: string;
  readonly direction: 'max' | 'min';
}

/** Begins a study: what, for what, over which values, how long; shows the plan before anything runs. */
export function StartForm({ file }: { readonly file: string | undefined }) {
  const loaded = useLoad(
    async (signal) => ({
      status: await get<StatusOutput>('status', {}, signal),
      metrics: (await get<MetricListOutput>('metric/ls', {}, signal)).metrics,
    }),
    [],
  );
  return (
    <>
      <h1>
        <a href={toRoute('experiments')}>Experiments</a> / new study
      </h1>
      <Shown what="Workflows and metrics" of={loaded}>
        {({ status: { committed }, metrics }) =>
          committed.length === 0 ? (
            <p>There is no workflow in the last commit. Commit one first: a study is of a version.</p>
          ) : (
            <Form
              files={committed}
              file={file !== undefined && committed.includes(file) ? file : committed[0]!}
              metrics={metrics.filter(
                ({ unavailable, needs }) => !unavailable && !needs.some((need) => UNMET.has(need)),
              )}
            />
          )
        }
      </Shown>
    </>
  );
}

/** What a run of a trial has not: a picture to compare with, a set of pictures, a text. */
const UNMET: ReadonlySet<string> = new Set(['reference', 'set', 'prompt']);

function Form({
  files,
  file: first,
  metrics,
}: {
  readonly files: readonly string[];
  readonly file: string;
  readonly metrics: MetricListOutput['metrics'];
}) {
  const head = useHead();
  const [file, setFile] = useState(first);
  const [goal, setGoal] = useState<string>('');
  const [wanted, setWanted] = useState<readonly Wanted[]>([{ name: 'latency', direction: 'min' }]);
  const [held, setHeld] = useState<Held>({});
  const [numbers, setNumbers] = useState<Readonly<Record<string, string>>>({ budget: '20', repeats: '1' });
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({});
  const [plan, setPlan] = useState<OptimizeReport>();
  const { isBusy, error, start: ask, forget } = useWork();
  const space = useLoad(
    (signal) => get<SpaceOutput>('space', { file: `HEAD:${file}`, ...(goal === '' ? {} : { goal }) }, signal),
    [file, goal, head],
    { follow: false },
  );
  const number = (name: string) => ({
    value: numbers[name] ?? '',
    set: (value: string) => changed(() => setNumbers({ ...numbers, [name]: value })),
  });
  const text = (name: string) => ({
    value: texts[name] ?? '',
    set: (value: string) => changed(() => setTexts({ ...texts, [name]: value })),
  });
  /** A plan is that of the form as it was. */
  const changed = (change: () => void): void => {
    setPlan(undefined);
    forget();
    change();
  };
  const input = (): object => inputOf({ file, goal, wanted, held, numbers, texts, space: space.value });
  const known = [
    ...MEASURES.map(([id, direction, summary]) => ({ id, direction, summary })),
    // What judges a picture comes before what describes it.
    ...[...metrics]
      .sort((a, b) => Number(a.direction === 'none') - Number(b.direction === 'none'))
      .map(({ id, aliases, direction, summary }) => ({
        id: aliases[0] ?? id,
        direction: direction === 'minimize' ? 'min' : 'max',
        summary,
      })),
  ] as const;
  return (
    <form
      class="start"
      onSubmit={(event) => {
        event.preventDefault();
        void ask(async () => {
          if (!plan) setPlan(await post<OptimizeReport>('optimize', { ...input(), dryRun: true }));
          else {
            const { run_id } = await post<{ readonly run_id: string }>('optimize/start', {
              ...input(),
              name: plan.study,
            });
            go(toRoute('study', [run_id]));
          }
        });
      }}
    >
      <section class="figure">
        <h2>What</h2>
        <label class="field">
          Workflow of the last commit
          <select value={file} onChange={(event) => changed(() => setFile(event.currentTarget.value))}>
            {files.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <fieldset class="choice">
          <legend>For</legend>
          {[['', 'Objectives of my own'] as const, ...GOALS].map(([name, label]) => (
            <label key={name} class="check">
              <input type="radio" name="goal" checked={goal === name} onChange={() => changed(() => setGoal(name))} />
              {label}
            </label>
          ))}
        </fieldset>
        {goal === '' && (
          <ul class="wanted">
            {wanted.map((one, at) => (
              <li key={one.name} class="row">
                <select
                  aria-label={`Objective ${at + 1}`}
                  value={one.name}
                  onChange={(event) => {
                    const name = event.currentTarget.value;
                    const direction = known.find(({ id }) => id === name)?.direction === 'min' ? 'min' : 'max';
                    changed(() => setWanted(wanted.map((old, i) => (i === at ? { name, direction } : old))));
                  }}
                >
                  {known
                    .filter(({ id }) => id === one.name || !wanted.some(({ name }) => name === id))
                    .map(({ id, summary }) => (
                      <option key={id} value={id} title={summary}>
                        {id}
                      </option>
                    ))}
                </select>
                <select
                  aria-label={`What is good in ${one.name}`}
                  value={one.direction}
                  onChange={(event) => {
                    const direction = event.currentTarget.value as Wanted['direction'];
                    changed(() => setWanted(wanted.map((old, i) => (i === at ? { ...old, direction } : old))));
                  }}
                >
                  <option value="max">large is good</option>
                  <option value="min">small is good</option>
                </select>
                {wanted.length > 1 && (
                  <button
                    type="button"
                    aria-label={`Leave ${one.name} out`}
                    onClick={() => changed(() => setWanted(wanted.filter((_, i) => i !== at)))}
                  >
                    ×
                  </button>
                )}
                <span class="quiet">{known.find(({ id }) => id === one.name)?.summary}</span>
              </li>
            ))}
            <li>
              <button
                type="button"
                onClick={() => {
                  const next = known.find(({ id }) => !wanted.some(({ name }) => name === id));
                  if (next)
                    changed(() =>
                      setWanted([...wanted, { name: next.id, direction: next.direction === 'min' ? 'min' : 'max' }]),
                    );
                }}
              >
                Add an objective
              </button>
              {wanted.length > 1 && <span class="quiet"> Of several the result is a Pareto front.</span>}
            </li>
          </ul>
        )}
      </section>
      <section class="figure">
        <h2>How long, and how</h2>
        <div class="fields">
          <Field label="Trials" type="number" min={1} {...number('budget')} isNeeded />
          <Field label="Minutes at most" type="number" min={0} {...number('minutes')} />
          <Field label="Runs of each trial, with other seeds" type="number" min={1} {...number('repeats')} />
          <Field label="Limits" placeholder="vram:8GB, latency:10s" {...text('limits')} />
          <label class="field">
            Sampler
            <select value={texts.sampler ?? ''} onChange={(event) => text('sampler').set(event.currentTarget.value)}>
              <option value="">by the space and the budget</option>
              {SAMPLER_NAMES.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
          <Field label="Runners" placeholder="all of .cwfrc" {...text('hosts')} />
          <Field label="Name" placeholder="that of the file and a number" {...text('name')} />
        </div>
      </section>
      <section class="figure is-wide">
        <h2>Over which values</h2>
        <Shown what="What can be varied" of={space}>
          {(found) => <TunableTable space={found} held={held} setHeld={(next) => changed(() => setHeld(next))} />}
        </Shown>
      </section>
      <div class="is-wide" aria-live="polite">
        {error !== undefined && <Trouble error={error} />}
        {plan && <Plan plan={plan} />}
      </div>
      <div class="row is-wide">
        <button type="submit" class="primary" disabled={isBusy || space.value === undefined}>
          {plan ? `Begin ${plan.study}` : 'Show the plan'}
        </button>
        <span class="quiet">{plan ? 'Nothing has run yet.' : 'Nothing runs before you have seen the plan.'}</span>
      </div>
    </form>
  );
}

/** What is about to be done. */
function Plan({ plan }: { readonly plan: OptimizeReport }) {
  const {
    study,
    file,
    base,
    budget,
    repeats,
    runners,
    ranked,
    objectiveReason,
    parameters,
    sampler,
    samplerReason,
    sources,
    limits,
  } = plan;
  return (
    <section class="figure plan" aria-labelledby="plan">
      <h2 id="plan">The plan: {study}</h2>
      <dl class="facts">
        <div>
          <dt>what</dt>
          <dd>
            {file} of <code>{base.slice(0, 8)}</code>, up to {budget} trials on {runners.join(', ')}
            {repeats > 1 ? `, ${repeats} runs each` : ''}
          </dd>
        </div>
        <div>
          <dt>for</dt>
          <dd>
            {ranked.map(goodText).join(' and ')}
            {objectiveReason === '' || objectiveReason === 'as asked' ? '' : `: ${objectiveReason}`}
          </dd>
        </div>
        {limits.length > 0 && (
          <div>
            <dt>limits</dt>
            <dd>
              {limits
                .map((one) =>
                  'most' in one
                    ? `${one.name} at most ${longText(one.most)}`
                    : `${one.name} at least ${longText(one.least)}`,
                )
                .join(', ')}
            </dd>
          </div>
        )}
        <div>
          <dt>over</dt>
          <dd>
            {parameters
              .map((one) =>
                'choices' in one
                  ? `${one.name} (${one.choices.length} choices)`
                  : `${one.name} (${valueText(one.low)} to ${valueText(one.high)})`,
              )
              .join(', ')}
          </dd>
        </div>
        <div>
          <dt>sampler</dt>
          <dd>
            {sampler}: {samplerReason}
          </dd>
        </div>
        {sources.length > 0 && (
          <div>
            <dt>knows</dt>
            <dd>{sources.join(', ')}</dd>
          </div>
        )}
      </dl>
    </section>
  );
}

function Field({
  label,
  value,
  set,
  type = 'text',
  min,
  placeholder,
  isNeeded,
}: {
  readonly label: string;
  readonly value: string;
  readonly set: (value: string) => void;
  readonly type?: 'text' | 'number';
  readonly min?: number;
  readonly placeholder?: string;
  readonly isNeeded?: boolean;
}) {
  return (
    <label class="field">
      {label}
      <input
        // Both kinds are the same to whoever types.
        type={type as 'text'}
        value={value}
        required={isNeeded === true}
        {...(min === undefined ? {} : { min })}
        {...(placeholder === undefined ? {} : { placeholder })}
        onInput={(event) => set(event.currentTarget.value)}
      />
    </label>
  );
}

/** The form as the input of the verb `optimize`. */
function inputOf({
  file,
  goal,
  wanted,
  held,
  numbers,
  texts,
  space,
}: {
  readonly file: string;
  readonly goal: string;
  readonly wanted: readonly Wanted[];
  readonly held: Held;
  readonly numbers: Readonly<Record<string, string>>;
  readonly texts: Readonly<Record<string, string>>;
  readonly space: SpaceOutput | undefined;
}): object {
  const list = (text = ''): string[] =>
    text
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '');
  const number = (name: string): object => (numbers[name] ? { [name]: Number(numbers[name]) } : {});
  const names = (space?.parameters ?? []).map(({ name }) => name);
  const kept = names.filter((name) => held[name]?.how === 'keep');
  const fix = names.flatMap((name) => (held[name]?.how === 'fix' ? [{ name, value: held[name].value }] : []));
  const [limits, hosts] = [list(texts.limits), list(texts.hosts)];
  return {
    what: 'HEAD',
    file,
    ...(goal === '' ? { objectives: wanted.map(({ name, direction }) => `${name}:${direction}`) } : { goal }),
    ...(kept.length > 0 ? { only: names.filter((name) => !kept.includes(name)) } : {}),
    ...(fix.length > 0 ? { fix } : {}),
    ...number('budget'),
    ...number('minutes'),
    ...number('repeats'),
    ...(limits.length > 0 ? { limits } : {}),
    ...(texts.sampler ? { sampler: texts.sampler } : {}),
    ...(hosts.length > 0 ? { hosts } : {}),
    ...(texts.name ? { name: texts.name } : {}),
  };
}
