import type { RunWatch } from '../../src/porcelain/run.ts';
import type { PreparedRun } from '../../src/porcelain/run-prepare.ts';
import type { Io } from '../io.ts';
import { bytes } from './outputs.ts';
import { seconds } from './run.ts';
import { clip, safe } from './safe.ts';
import { isTerminal, writeAll } from './sink.ts';

type RunEvent = Parameters<NonNullable<RunWatch['onEvent']>>[0];

/** Tells a person or a program how a run goes. */
export interface Progress {
  ready(prepared: PreparedRun, runner: string): void;
  event(event: RunEvent): void;
  /** Takes the line away; may be called more than once. */
  end(): void;
}

const BAR = 24;
const TICK_MS = 500;

/**
 * Progress on stderr: one line that is written over on a terminal, a line a node elsewhere; with --jsonl a line an event
 * on stdout; with --json and --quiet nothing.
 */
export async function openProgress(io: Io): Promise<Progress> {
  if (io.mode === 'jsonl') return jsonProgress(io);
  if (io.mode !== 'text') return { ready() {}, event() {}, end() {} };
  return (await isTerminal(2)) ? lineProgress(io) : plainProgress(io);
}

function jsonProgress(io: Io): Progress {
  const told = (event: object) => {
    io.json({ schema: 'cwf.run.event/1', ...event });
    void io.end();
  };
  return {
    ready: ({ source, known }, runner) =>
      told({ kind: 'ready', runner, commit: source.commit, file: known.file, prompt: known.prompt }),
    event(event) {
      if (event.kind === 'preview') {
        const { bytes: picture, ...rest } = event;
        told({ ...rest, size: picture.length });
      } else told(event);
    },
    end() {},
  };
}

/** Nodes of a run as they come. */
class Count {
  private classes: ReadonlyMap<string, string> = new Map();
  private readonly seen = new Set<string>();

  ready(classes: ReadonlyMap<string, string>): void {
    this.classes = classes;
  }

  add(node: string): void {
    this.seen.add(node);
  }

  get text(): string {
    return `${Math.min(this.seen.size, this.classes.size)}/${this.classes.size}`;
  }

  name(node: string): string {
    const known = this.classes.get(node);
    return known === undefined ? `node ${safe(node)}` : `${safe(known)} (${safe(node)})`;
  }
}

function plainProgress(io: Io): Progress {
  const nodes = new Count();
  return {
    ready({ classes, known }, runner) {
      nodes.ready(classes);
      io.note(`running ${safe(known.file)} on ${safe(runner)}`);
    },
    event(event) {
      if (event.kind === 'queued' && event.attempt > 1) io.note('out of memory: once more, with memory freed');
      if (event.kind === 'cached') for (const node of event.nodes) nodes.add(node);
      if (event.kind !== 'node') return;
      nodes.add(event.node);
      io.note(`  ${nodes.text}  ${nodes.name(event.node)}`);
    },
    end() {},
  };
}

function lineProgress(io: Io): Progress {
  const nodes = new Count();
  let current = 'waiting';
  let step = '';
  let preview = '';
  let isOver = false;
  let since = Date.now();
  const show = () => {
    if (isOver) return;
    const ms = Date.now() - since;
    const text = [`${nodes.text} nodes`, current, step, preview, ms < 1000 ? '' : seconds(ms)]
      .filter((part) => part !== '')
      .join('  ');
    writeAll(2, Buffer.from(`\r\x1b[K${clip(text, io.columns - 1)}`));
  };
  // A node may say nothing for minutes: the time shows that it is not forgotten.
  const timer = setInterval(show, TICK_MS);
  timer.unref();
  return {
    ready({ classes, known }, runner) {
      nodes.ready(classes);
      io.note(`running ${safe(known.file)} on ${safe(runner)}`);
      since = Date.now();
      show();
    },
    event(event) {
      if (event.kind === 'cached') for (const node of event.nodes) nodes.add(node);
      else if (event.kind === 'node') {
        nodes.add(event.node);
        [current, step, preview] = [nodes.name(event.node), '', ''];
      } else if (event.kind === 'progress') step = bar(event.value, event.max);
      else if (event.kind === 'preview') preview = `preview ${bytes(event.bytes.length)}`;
      else if (event.kind === 'end') [current, step, preview] = ['keeping and measuring what it left', '', ''];
      show();
    },
    end() {
      clearInterval(timer);
      if (!isOver) writeAll(2, Buffer.from('\r\x1b[K'));
      isOver = true;
    },
  };
}

/** `[########----------------] 7/20`. */
function bar(value: number, max: number): string {
  if (!(max > 0)) return '';
  const full = Math.max(0, Math.min(BAR, Math.round((value / max) * BAR)));
  return `[${'#'.repeat(full)}${'-'.repeat(BAR - full)}] ${value}/${max}`;
}
