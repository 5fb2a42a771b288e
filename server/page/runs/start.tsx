import { useEffect, useState } from 'preact/hooks';
import type { RunStep } from '../../../src/porcelain/run.ts';
import type { ListedRunner } from '../../../src/porcelain/runner-list.ts';
import { addressOf, Problem, post } from '../api.ts';
import { listen } from '../events.ts';
import { say } from '../parts/say.tsx';
import { Trouble } from '../parts/shown.tsx';
import { go, toRoute } from '../route.ts';
import { duration } from './words.ts';

/** Fields by which a run of a workflow of HEAD is begun. It goes on when the page is left. */
export function Start({
  runners,
  files,
}: {
  readonly runners: readonly ListedRunner[];
  /** Workflows that were run before, to choose from. */
  readonly files: readonly string[];
}) {
  const [error, setError] = useState<unknown>();
  const [isSending, setSending] = useState(false);
  const begin = async (form: HTMLFormElement): Promise<void> => {
    const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
    const { file = '', on = '', seed = '' } = values;
    setSending(true);
    setError(undefined);
    try {
      const { task } = await post<{ readonly task: string }>(
        'run',
        {
          what: 'HEAD',
          ...(file === '' ? {} : { file }),
          ...(on === '' ? {} : { on }),
          ...(seed === '' ? {} : { seed: seed === 'random' ? seed : numberOf(seed) }),
        },
        { background: true },
      );
      go(toRoute('runs', [], { task }), true);
    } catch (thrown) {
      setError(thrown);
    } finally {
      setSending(false);
    }
  };
  return (
    <form
      class="panel row start"
      aria-label="Run HEAD"
      onSubmit={(event) => {
        event.preventDefault();
        void begin(event.currentTarget);
      }}
    >
      <strong>Run HEAD</strong>
      <label>
        Workflow <input name="file" list="run-files" placeholder="the only one" spellcheck={false} autocomplete="off" />
      </label>
      <datalist id="run-files">
        {files.map((file) => (
          <option key={file} value={file} />
        ))}
      </datalist>
      <label>
        On{' '}
        <select name="on">
          <option value="">as .cwfrc says</option>
          {runners.map(({ name, error: broken }) => (
            <option key={name} value={name}>
              {name}
              {broken ? ' (not reached)' : ''}
            </option>
          ))}
        </select>
      </label>
      <label>
        Seed{' '}
        <input name="seed" placeholder="of the file" pattern="\d+|random" title="a whole number, or random" size={12} />
      </label>
      <button type="submit" class="primary" disabled={isSending}>
        Run
      </button>
      {error !== undefined && <Trouble error={error} />}
    </form>
  );
}

/** A seed with every digit. */
function numberOf(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

interface Ended {
  readonly started: number;
  readonly ended?: number;
  readonly output?: {
    readonly kind: string;
    readonly source?: { readonly commit?: string };
    readonly note?: { readonly run: string; readonly kind: string };
    readonly error?: Readonly<Record<string, unknown>>;
  };
  readonly error?: Readonly<Record<string, unknown>>;
}

/** A run that was begun here, as it goes: what it does now, and how it ended. */
export function Follow({ task }: { readonly task: string }) {
  const [steps, setSteps] = useState<readonly RunStep[]>([]);
  const [ended, setEnded] = useState<Ended>();
  useEffect(() => {
    setSteps([]);
    setEnded(undefined);
    return listen(addressOf(`tasks/${task}/events`), ['step', 'done', 'failed'], (kind, data) => {
      if (kind === 'step') return setSteps((before) => [...before, data as RunStep]);
      setEnded(data as Ended);
      say(
        kind === 'done' ? `The run is over: ${(data as Ended).output?.note?.kind ?? 'not sent'}.` : 'It was not run.',
      );
    });
  }, [task]);
  const ready = steps.find((step) => step.kind === 'ready');
  const nodes = new Set(steps.flatMap((step) => (step.kind === 'node' ? [step.node] : [])));
  const cached = steps.flatMap((step) => (step.kind === 'cached' ? step.nodes : []));
  const last = steps.at(-1);
  const { output } = ended ?? {};
  const problem = ended?.error ?? output?.error;
  const commit = output?.source?.commit;
  return (
    <section class="panel follow" aria-label="Run under way">
      <p class="row">
        <strong>
          {ended === undefined
            ? (ready && `Running on ${ready.runner}`) || 'Beginning…'
            : output?.note
              ? `It ${output.note.kind === 'finished' ? 'finished' : `ended: ${output.note.kind}`}`
              : 'Nothing was sent'}
        </strong>
        {ended?.ended !== undefined && <span class="quiet">{duration(ended.ended - ended.started)}</span>}
        <span class="grow" />
        {ended !== undefined && output?.note && commit !== undefined && (
          <a href={toRoute('runs', [commit, output.note.run])}>See the run</a>
        )}
        {ended !== undefined && (
          <button type="button" class="plain" onClick={() => go(toRoute('runs'), true)}>
            Close
          </button>
        )}
      </p>
      {ended === undefined && ready && (
        <>
          <progress
            max={ready.nodes}
            value={Math.min(ready.nodes, nodes.size + cached.length)}
            aria-label="Nodes that were run"
          />
          <p class="quiet">
            {nodes.size + cached.length} of {ready.nodes} nodes{last === undefined ? '' : `; ${stepText(last)}`}
          </p>
        </>
      )}
      {problem !== undefined && <Trouble error={new Problem(0, toldProblem(problem))} />}
    </section>
  );
}

function stepText(step: RunStep): string {
  if (step.kind === 'node') return `node ${step.node}`;
  if (step.kind === 'progress') return `node ${step.node}: ${step.value} of ${step.max}`;
  if (step.kind === 'queued') return step.attempt > 1 ? 'queued again, with freed memory' : 'queued';
  if (step.kind === 'cached') return `${step.nodes.length} nodes cached`;
  return step.kind === 'started' ? 'started' : '';
}

/** What a task failed with is problem details; what a run ended with is an error as the command line tells it. */
function toldProblem(error: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { error: inner, detail, message } = error;
  const told = (inner ?? error) as Readonly<Record<string, unknown>>;
  return { ...told, detail: detail ?? told.message ?? message };
}
