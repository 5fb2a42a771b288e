import { plainText } from '../../src/base/styled-text.ts';
import type { StudyPlan, StudyWatch } from '../../src/porcelain/optimize.ts';
import { liveLines, plottedStudy } from '../../src/porcelain/study-view.ts';
import type { Io } from '../io.ts';
import type { StopSignals } from '../run-flags.ts';
import { liveScreen, type PaintedLine } from './live-screen.ts';
import { seconds } from './run.ts';
import { safe, width } from './safe.ts';
import { isTerminal, writeAll } from './sink.ts';
import { planLines, studyWatch, waitLine } from './study.ts';
import { paint } from './styled.ts';

/** How a person, or a program, sees a study run. */
export interface StudyView {
  readonly watch: StudyWatch;
  /** Takes the board away, where the result takes its place on the same terminal. */
  clear(): void;
  /** Ends it; what stands there stays. */
  leave(): void;
}

/** Frames come no faster, and without news so often: the seconds go on. */
const FRAME_MS = 100;
const TICK_MS = 500;
/** Rows of the terminal where it does not tell. */
const ROWS = 24;

/** A board that is drawn over in place on a terminal; elsewhere a line for each trial, or an event with --jsonl. */
export async function openStudyView(io: Io, stop: StopSignals): Promise<StudyView> {
  const isBoard = io.mode === 'text' && !io.quiet && io.env.TERM !== 'dumb' && (await isTerminal(2));
  if (!isBoard) return { watch: studyWatch(io, stop), clear() {}, leave() {} };
  return boardView(io, stop, await isTerminal(1));
}

type Event = Parameters<NonNullable<StudyWatch['onEvent']>>[1];
type Plotted = ReturnType<typeof plottedStudy>;

interface Running {
  readonly runner: string;
  readonly since: number;
  doing: string;
  part?: number;
}

function boardView(io: Io, { signal, quit }: StopSignals, isOutTerminal: boolean): StudyView {
  const size = (): { columns: number; rows: number } => ({
    columns: (Number(io.env.COLUMNS) > 0 ? io.columns : process.stderr.columns) || io.columns,
    rows: process.stderr.rows || ROWS,
  });
  const screen = liveScreen(
    (text) => writeAll(2, Buffer.from(text)),
    () => size().columns,
  );
  const began = Date.now();
  const running = new Map<number, Running>();
  let plan: StudyPlan | undefined;
  let plotted: Plotted | undefined;
  let waiting = 0;
  /** Milliseconds of the trials that ended here, and how many. */
  let spent = { ms: 0, trials: 0 };
  let drawnAt = 0;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;

  const paintedLines = (): PaintedLine[] => {
    if (!plan || !plotted) return [];
    const { columns, rows } = size();
    const { budget, name } = plan.definition;
    const now = Date.now();
    const ended = plotted.trials.filter(({ state }) => state !== 'RUNNING').length;
    const left = ((spent.ms / spent.trials) * (budget - ended)) / Math.max(1, running.size);
    const time = `${seconds(now - began)}${left > 1000 ? `, about ${seconds(left)} more` : ''}`;
    const notice = signal.aborted
      ? 'it ends after what runs now; Ctrl-C again ends it at once'
      : waiting > 0
        ? waitLine(name, waiting)
        : undefined;
    const live = {
      budget,
      time,
      running: [...running].map(([number, { since, ...rest }]) => ({ number, time: seconds(now - since), ...rest })),
      ...(notice === undefined ? {} : { notice }),
    };
    // The last column and the last row stay free: a terminal may scroll when they are written.
    return liveLines(plotted, live, { columns: Math.max(10, columns - 1), rows: Math.max(3, rows - 1) }).map(
      (line) => ({ text: paint(io.color, line), columns: width(plainText(line)) }),
    );
  };
  const draw = (): void => {
    clearTimeout(timer);
    if (isOver) return;
    drawnAt = Date.now();
    screen.draw(paintedLines());
    timer = setTimeout(draw, TICK_MS).unref();
  };
  /** Draws soon: at once where the last frame is long enough ago. */
  const news = (): void => {
    if (isOver) return;
    const since = Date.now() - drawnAt;
    if (since >= FRAME_MS) {
      draw();
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(draw, FRAME_MS - since).unref();
  };
  // After Ctrl-Z and `fg` the shell has written below: the board goes on there.
  const continued = (): void => {
    screen.leave();
    draw();
  };
  signal.addEventListener('abort', news);
  process.on('SIGCONT', continued);

  const watch: StudyWatch = {
    signal,
    quit,
    onReady(ready) {
      plan = ready;
      const { definition, space, point, objectiveReason, runners } = ready;
      for (const line of planLines(ready, objectiveReason, runners)) screen.above(line);
      const sources = definition.sources.map(({ study }) => safe(study)).join(', ');
      if (sources !== '') screen.above(`warm start from ${sources}; --cold begins without`);
      plotted = plottedStudy({ definition, space, ...(point ? { point } : {}), state: ready.state });
    },
    onTrial({ number }, runner) {
      waiting = 0;
      running.set(number, { runner, since: Date.now(), doing: 'waiting' });
      news();
    },
    onEvent(trial, event) {
      const known = running.get(trial);
      if (known) follow(known, event, plan);
      news();
    },
    onDone(record, _commit, state) {
      running.delete(record.number);
      if (record.copies === undefined)
        spent = { ms: spent.ms + (record.end - record.start) * 1000, trials: spent.trials + 1 };
      if (record.state === 'FAIL') screen.above(`trial ${record.number} failed: ${safe(record.reason ?? '')}`);
      const { definition, space, point } = plan!;
      plotted = plottedStudy({ definition, space, ...(point ? { point } : {}), state });
      news();
    },
    onWait(trials) {
      waiting = trials;
      news();
    },
    onRemark: (text) => screen.above(safe(text)),
  };
  const end = (): void => {
    isOver = true;
    clearTimeout(timer);
    signal.removeEventListener('abort', news);
    process.off('SIGCONT', continued);
  };
  return {
    watch,
    clear() {
      if (isOver) return;
      running.clear();
      waiting = 0;
      // What goes elsewhere leaves the board behind as it was last.
      if (isOutTerminal) screen.clear();
      else screen.draw(paintedLines());
      end();
    },
    leave() {
      if (!isOver) screen.draw(paintedLines());
      end();
    },
  };
}

/** What a running trial does, by what its runner says. */
function follow(known: Running, event: Event, plan: StudyPlan | undefined): void {
  if (event.kind === 'progress') known.part = event.max > 0 ? event.value / event.max : 0;
  if (event.kind === 'node') {
    const name = plan?.workflow.nodes[event.node]?.class_type;
    known.doing = name === undefined ? `node ${safe(event.node)}` : `${safe(name)} (${safe(event.node)})`;
    delete known.part;
  }
  if (event.kind === 'end') {
    known.doing = 'keeping and measuring what it left';
    delete known.part;
  }
}
