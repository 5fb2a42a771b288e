import type { NotesOf } from '../../../src/porcelain/note.ts';
import type { RunNote } from '../../../src/porcelain/run-note.ts';
import { get } from '../api.ts';
import { useLoad } from '../load.ts';
import { ActorBadge } from '../parts/actor.tsx';
import { Shown } from '../parts/shown.tsx';
import { DataTable } from '../parts/table.tsx';
import { Ago } from '../parts/time.tsx';
import { toRoute } from '../route.ts';
import { Outputs } from './outputs.tsx';
import { bytes, digits, duration, seedText, stateOf } from './words.ts';

/** One run: how it ended, what it left, what it was made with and in. */
export function OneRun({ commit, run }: { readonly commit: string; readonly run: string }) {
  const notes = useLoad((signal) => get<NotesOf>('note/show', { rev: commit }, signal), [commit]);
  return (
    <>
      <p>
        <a href={toRoute('runs')}>‹ Runs</a>
      </p>
      <Shown what="Run" of={notes}>
        {(all) => {
          const note = all.facts.find((fact) => fact.run?.run === run)?.run;
          return note ? (
            <Whole note={note} notes={all} />
          ) : (
            <p>No run {run} is noted on this commit: it may have been undone.</p>
          );
        }}
      </Shown>
    </>
  );
}

function Whole({ note, notes: { oid, subject, facts } }: { readonly note: RunNote; readonly notes: NotesOf }) {
  const { run, kind, runner, file, time, actor, outputs, error, lost = [], missing = [] } = note;
  const { sign, tone } = stateOf(kind);
  const numbers = facts.filter((fact) => fact.of === run && fact.metric !== undefined && fact.value !== undefined);
  const nameOf = new Map(outputs.map(({ id, filename }) => [`sha256:${id}`, filename]));
  return (
    <article class="one-run">
      <h1>
        {file} on {runner}
      </h1>
      <p class="row">
        <span class={`badge ${tone}`}>
          {sign} {kind}
        </span>
        <ActorBadge actor={actor} author="person" />
        <Ago seconds={time} />
        <a href={toRoute('history', [], { at: oid })}>
          <code>{oid.slice(0, 10)}</code>
        </a>
        <span>{subject}</span>
      </p>
      {error && (
        <div class="trouble">
          <p>
            <strong>{error.message}</strong>
          </p>
          {error.node !== undefined && (
            <p>
              Node {error.node}, {error.classType} <code>{error.type}</code>
            </p>
          )}
          {error.details !== undefined && <p>{error.details}</p>}
          {error.trace !== undefined && error.trace.length > 0 && (
            <details>
              <summary>What the runner said of it</summary>
              <pre>{error.trace.join('\n')}</pre>
            </details>
          )}
        </div>
      )}
      {outputs.length > 0 && (
        <section aria-label="Outputs" class="large">
          <h2>Outputs</h2>
          <Outputs outputs={outputs} />
        </section>
      )}
      {lost.map(({ node, filename, reason }) => (
        <p key={`${node} ${filename}`}>
          Lost: {filename} of node {node}, {reason}
        </p>
      ))}
      {missing.length > 0 && <p>Nothing came from the nodes {missing.join(', ')}.</p>}
      {numbers.length > 0 && (
        <DataTable
          caption="Numbers"
          rows={numbers}
          keyOf={({ metric, output }) => `${metric} ${output}`}
          file={`run-${run.slice(0, 8)}`}
          columns={[
            { name: 'metric', cell: ({ metric }) => metric, value: ({ metric }) => metric },
            { name: 'value', cell: ({ value }) => digits(value!), value: ({ value }) => value, isNumber: true },
            {
              name: 'output',
              cell: ({ output = '' }) => nameOf.get(output),
              value: ({ output = '' }) => nameOf.get(output),
            },
          ]}
        />
      )}
      <Facts title="How it ran" facts={timesOf(note)} />
      <Facts title="What it ran with" facts={valuesOf(note)} />
      <Facts title="What it ran in" facts={surroundingsOf(note)} />
    </article>
  );
}

type Fact = readonly [name: string, value: string];

function Facts({ title, facts }: { readonly title: string; readonly facts: readonly Fact[] }) {
  if (facts.length === 0) return null;
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function timesOf({ took, queue, ran, warmth, attempts, memory, nodes = {}, cached = [] }: RunNote): readonly Fact[] {
  const slowest = Object.entries(nodes).sort(([, a], [, b]) => b - a);
  return [
    ['took', duration(took)],
    ...(ran === undefined ? [] : [['in the run', duration(ran)] as const]),
    ...(queue === undefined ? [] : [['in the queue', duration(queue)] as const]),
    ...(warmth === undefined ? [] : [['start', warmth] as const]),
    ...(cached.length === 0 ? [] : [['nodes cached', cached.join(', ')] as const]),
    ...(attempts === undefined || attempts < 2 ? [] : [['attempts', String(attempts)] as const]),
    ...(memory === undefined
      ? []
      : [[`memory (${memory.kind}, a lower bound)`, `${bytes(memory.used)} on ${memory.device}`] as const]),
    ...slowest.slice(0, 5).map(([node, ms]) => [`node ${node}`, duration(ms)] as const),
  ];
}

function valuesOf(note: RunNote): readonly Fact[] {
  const { set = {}, inputs = [], models = [], document, prompt, reproduces } = note;
  const seeds = seedText(note);
  return [
    ...(seeds === '' ? [] : [['seed', seeds] as const]),
    ...Object.entries(set).map(([address, value]) => [`set ${address}`, JSON.stringify(value)] as const),
    ...inputs.map(({ node, input, file }) => [`${node}.${input}`, file] as const),
    ...models.map(({ input, file }) => [input, file] as const),
    ...(reproduces === undefined ? [] : [['makes again', reproduces] as const]),
    ['workflow', document.slice(0, 16)],
    ['prompt', prompt.slice(0, 16)],
  ];
}

function surroundingsOf({ environment, packs = [], catalog }: RunNote): readonly Fact[] {
  const { engine, python, pytorch, os, cwf, argv = [], devices = [], libraries = {} } = environment ?? {};
  const versions = { ComfyUI: engine, Python: python, PyTorch: pytorch, system: os, cwf };
  return [
    ...Object.entries(versions).flatMap(([name, version]) => (version === undefined ? [] : [[name, version] as const])),
    ...Object.entries(libraries).map(([name, version]) => [name, version] as const),
    ...devices.map(
      ({ name, vramTotal }, at) =>
        [`device ${at + 1}`, vramTotal === undefined ? name : `${name}, ${bytes(vramTotal)}`] as const,
    ),
    ...(argv.length < 2 ? [] : [['started with', argv.slice(1).join(' ')] as const]),
    ...packs.map(
      ({ module, version, classes }) =>
        [`pack ${module}`, `${version ?? 'version not told'}: ${classes.join(', ')}`] as const,
    ),
    ['node definitions', catalog.slice(0, 16)],
  ];
}
