import type { RunOutcome } from '../../src/porcelain/run.ts';
import type { RunNote, RunOutput } from '../../src/porcelain/run-note.ts';
import type { Io } from '../io.ts';
import { count, short } from './commits.ts';
import { printMeasured } from './measured.ts';
import { outputLine } from './outputs.ts';
import { safe } from './safe.ts';

/** The outcome of a run as JSON: without the documents and files that went to the runner. */
export function runJson(out: RunOutcome): object {
  const { commit, file, subject } = out.source;
  const about = { kind: out.kind, commit, file, subject };
  if (out.kind === 'planned') {
    const { known, warnings } = out.prepared;
    return { ...about, runner: out.runner, ...known, warnings };
  }
  const error = out.error && { error: { ...out.error.toJSON().error, message: out.error.message } };
  if (out.kind === 'invalid') return { ...about, runner: out.runner, diagnostics: out.findings.diagnostics, ...error };
  const { note, measured, warnings, recorded } = out;
  const files = measured.files.map(({ error: broken, ...one }) => ({
    ...one,
    ...(broken ? { error: { ...broken.toJSON().error, message: broken.message } } : {}),
  }));
  return { ...about, run: note, metrics: measured.metrics, measured: files, warnings, recorded, ...error };
}

/** Prints how a run ended, its outputs and their numbers. */
export function printRun(io: Io, out: Exclude<RunOutcome, { kind: 'invalid' }>): void {
  if (out.kind === 'planned') {
    const { classes, known } = out.prepared;
    io.print(
      `${safe(known.file)} would run on ${safe(out.runner)}: ${count(classes.size, 'node')}, prompt ${known.prompt.slice(0, 12)}`,
    );
    return;
  }
  const { note, measured } = out;
  if (io.mode === 'porcelain') {
    for (const { id, node, filename } of note.outputs) io.print([note.kind, node, id, safe(filename)].join('\t'));
    return;
  }
  io.print(runLine(io, note));
  for (const output of note.outputs) io.print(`  ${runFileLine(io, output)}`);
  if (measured.metrics.length > 0) {
    io.print();
    printMeasured(io, measured);
  } else
    for (const { gates, file } of measured.files)
      for (const { gate, reason } of gates) io.print(`gate: ${safe(file)}: ${gate}: ${safe(reason)}`);
}

/** Tells where a run was noted, once what was printed is out. */
export function noteRun(io: Io, { recorded, source, warnings }: Extract<RunOutcome, { kind: 'ran' }>): void {
  for (const warning of warnings) io.note(`warning: ${safe(warning)}`);
  if (recorded && source.commit !== undefined) io.note(`noted on ${short(source.commit)}  ${safe(source.subject)}`);
  else io.note('nothing was noted');
}

/** `finished on embedded in 1.2 s, cold  portrait.json`. */
export function runLine({ color }: Io, note: RunNote): string {
  const word = note.kind === 'finished' ? color.green(note.kind) : color.red(note.kind);
  const { cached = [] } = note;
  const warm = note.warmth === 'warm' ? `, warm (${count(cached.length, 'cached node')})` : '';
  const seeds = note.seeds.map(({ value }) => String(value));
  const seed = seeds.length === 0 ? '' : `, seed ${[...new Set(seeds)].join(', ')}`;
  return `${word} on ${safe(note.runner)} in ${seconds(note.ran ?? note.took)}${warm}${safe(seed)}  ${color.dim(safe(note.file))}`;
}

/** `sha256:0123456789ab  image/png  512x512  1.4 MB  ComfyUI_00001_.png (9)`. */
export function runFileLine(io: Io, output: RunOutput): string {
  const { node, filename, folder } = output;
  const where = folder === 'temp' ? ', preview' : '';
  return `${outputLine(io, output)}  ${safe(filename)} ${io.color.dim(`(${safe(node)}${where})`)}`;
}

/** A time as people say it: `350 ms`, `1.2 s`, `3 min 20 s`. */
export function seconds(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const whole = Math.round(ms / 1000);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
