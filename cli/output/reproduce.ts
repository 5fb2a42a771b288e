import { canonicalJson } from '../../src/base/json-text.ts';
import type { ReproduceOutcome } from '../../src/porcelain/reproduce.ts';
import type { Io } from '../io.ts';
import { count, short } from './commits.ts';
import { shortOutput } from './outputs.ts';
import { clip, safe, width } from './safe.ts';

type Ran = Extract<ReproduceOutcome, { kind: 'ran' }>;
type Drift = ReproduceOutcome['drifts'][number];
type Compared = Ran['attempts'][number]['outputs'][number];
type Target = ReproduceOutcome['target'];

/** What became of it as JSON: without documents and files. */
export function reproduceJson(out: ReproduceOutcome): object {
  const { commit, file, subject } = out.target.source;
  const { kind, drifts, unknown, inputs, remarks, target } = out;
  const run = target.run && { run: target.run.run, time: target.run.time, runner: target.run.runner };
  const about = { kind, commit, file, subject, by: target.by, reproduces: run, inputs, drifts, unknown, remarks };
  const error =
    'error' in out && out.error ? { error: { ...out.error.toJSON().error, message: out.error.message } } : {};
  if (out.kind === 'planned') return { ...about, runner: out.runner, ...out.prepared.known };
  if (out.kind === 'blocked') return { ...about, diagnostics: out.findings?.diagnostics, ...error };
  const attempts = out.attempts.map(({ note, outputs, kept }) => ({ run: note, outputs, kept }));
  return { ...about, verdict: out.verdict, alike: out.alike, attempts, recorded: out.recorded, ...error };
}

const FOUND: Readonly<Record<Target['by'], string>> = {
  commit: '',
  claim: 'by the commit it names, which has its workflow',
  bytes: 'by its bytes, in the note of that run',
  pixels: 'by its pixels, in the note of that run',
  graph: 'by the workflow it carries',
};

/** `run 1a2b3c4d of 0123abcd  Blur the sky  (portrait.json, embedded, 2026-11-25 21:04)`. */
function targetLine({ source, run }: Target): string {
  const what = run ? `run ${safe(run.run.slice(0, 8))} of ` : '';
  const time = run && new Date(run.time * 1000);
  const when = time && !Number.isNaN(time.getTime()) ? [time.toISOString().slice(0, 16).replace('T', ' ')] : [];
  const where = [safe(source.file), ...(run ? [safe(run.runner)] : []), ...when].join(', ');
  return `${what}${short(source.commit)}  ${safe(source.subject)}  (${where})`;
}

/** Says what was found, before it is run. */
export function noteTarget(io: Io, target: Target): void {
  const found = FOUND[target.by];
  io.note(`making ${targetLine(target)} again${found === '' ? '' : `, found ${found}`}`);
}

/** Prints what came of it: each output, what drifted, and what follows from it. */
export function printReproduced(io: Io, out: ReproduceOutcome, tolerance: number): void {
  if (io.mode === 'porcelain') {
    printLines(io, out);
    return;
  }
  const isRun = out.kind === 'ran';
  if (isRun) for (const [at, one] of out.attempts.entries()) printAttempt(io, out, one, at, tolerance);
  if (out.kind === 'planned')
    io.print(
      `${safe(out.target.source.file)} would run again on ${safe(out.runner)}, prompt ${out.prepared.known.prompt.slice(0, 12)}`,
    );
  printInputs(io, out);
  printDrift(io, out, isRun && out.verdict !== undefined && out.verdict !== 'identical');
  if (isRun) for (const line of conclusions(out)) io.print(line);
}

/** For scripts: an output or a drift a line. */
function printLines(io: Io, out: ReproduceOutcome): void {
  for (const { outputs } of out.kind === 'ran' ? out.attempts : [])
    for (const { kind, node, filename, distance } of outputs)
      io.print([kind, safe(node), safe(filename), distance?.differs ?? '', distance?.most ?? ''].join('\t'));
  for (const { kind, name = '', before, now, cause } of out.drifts)
    io.print(['drift', kind, safe(name), value(before, 200), value(now, 200), cause].join('\t'));
}

function printAttempt(
  io: Io,
  out: Ran,
  { outputs, kept, note }: Ran['attempts'][number],
  at: number,
  tolerance: number,
): void {
  if (out.attempts.length > 1) io.print(io.color.dim(`attempt ${at + 1}`));
  const names = outputs.map(({ filename, node }) => `${safe(filename)} (${safe(node)})`);
  const wide = Math.max(0, ...names.map(width));
  for (const [place, output] of outputs.entries()) {
    const name = names[place]! + ' '.repeat(wide - width(names[place]!));
    io.print(`${verdictWord(io, output, tolerance)}  ${name}  ${distanceText(io, output)}`.trimEnd());
  }
  if (outputs.length === 0) io.print(io.color.red(note.kind));
  if (kept > 0) {
    const nodes = count(kept, 'node');
    io.print(`${nodes} did not run: the runner still had the results, so that what is the same proves less`);
  }
}

function verdictWord({ color }: Io, { kind, distance }: Compared, tolerance: number): string {
  const isWithin = distance !== undefined && distance.differs <= tolerance;
  const word = kind.padEnd(9);
  if (kind === 'identical') return color.green(word);
  return isWithin ? color.yellow(word) : color.red(word);
}

function distanceText({ color }: Io, { kind, distance, reason, before, now }: Compared): string {
  if (distance) {
    const { differs, most, ssim } = distance;
    return `${percent(differs)} of the pixels, at most ${most} of 255, SSIM ${round(ssim)}`;
  }
  if (reason !== undefined) return safe(reason);
  if (kind === 'missing') return 'it was left then, and is not now';
  if (kind === 'added') return 'it was not left then';
  return color.dim(
    before === now ? 'to the byte' : `pixels; the files are ${shortOutput(before!)} and ${shortOutput(now!)}`,
  );
}

function printInputs(io: Io, { inputs }: ReproduceOutcome): void {
  for (const { kind, file, found, sha256 } of inputs) {
    const digest = `sha256:${sha256.slice(0, 12)}`;
    if (kind === 'moved')
      io.print(`input ${safe(file)}: ${digest} is called ${safe(found!)} now, and was taken from there`);
    if (kind === 'stored') io.print(`input ${safe(file)}: ${digest} was taken from the store`);
    if (kind === 'changed') io.print(`input ${safe(file)}: ${digest} is nowhere; another file of that name was taken`);
    if (kind === 'missing') io.print(`input ${safe(file)}: ${digest} is nowhere`);
  }
}

/** A table of what is not what it was; with `causes` where pixels differ. */
function printDrift(io: Io, { drifts, unknown, target }: ReproduceOutcome, causes: boolean): void {
  if (drifts.length > 0) {
    io.print();
    io.print('not what it was:');
    const rows = drifts.map((drift) => [driftName(drift), change(io, drift)] as const);
    const wide = Math.max(...rows.map(([name]) => width(name)));
    for (const [at, [name, text]] of rows.entries()) {
      const { cause, why } = drifts[at]!;
      const word =
        causes && why !== 'follows'
          ? `  ${cause === 'likely' ? io.color.yellow(`${cause} cause`) : io.color.dim(`${cause} cause`)}`
          : '';
      io.print(`  ${name.padEnd(wide + name.length - width(name))}  ${text}${word}`);
    }
  }
  if (unknown.length > 0) io.print(`the note does not say: ${unknown.join(', ')}`);
  if (drifts.length === 0 && target.run && unknown.length === 0) io.print('nothing that the note tells of has changed');
}

function driftName({ kind, name }: Drift): string {
  return name === undefined || name === '' ? kind : `${kind} ${clip(safe(name), 60)}`;
}

function change({ color }: Io, { kind, before, now, why }: Drift): string {
  const long = kind === 'set' || kind === 'argv' ? 60 : 24;
  const [was, is] = [value(before, long), value(now, long)];
  if (now === undefined) return was === '' ? color.dim('gone') : `${was} ${color.dim('→ gone')}`;
  if (before === undefined) return is === '' ? color.dim('new') : `${color.dim('new:')} ${is}`;
  return `${was} → ${is}${why === undefined ? '' : color.dim(` ${WHY[why]}`)}`;
}

const WHY = { follows: 'by what stands above', conversion: 'converted otherwise, from the same document and values' };

function value(json: Drift['before'], most: number): string {
  if (json === undefined || json === null) return '';
  const text = typeof json === 'string' ? json : canonicalJson(json);
  const isDigest = /^[0-9a-f]{64}$/.test(text);
  return clip(safe(isDigest ? text.slice(0, 12) : text), most);
}

/** What follows, in words. */
function* conclusions({ verdict, alike, drifts, unknown, attempts, target }: Ran): Generator<string> {
  if (verdict === undefined) return;
  const models = target.run?.models?.length ?? 0;
  if (
    verdict !== 'identical' &&
    drifts.every(({ cause }) => cause === 'unlikely') &&
    unknown.length === 0 &&
    target.run
  ) {
    const files = models > 0 ? ', other than the content of model files, of which only names are known' : '';
    yield `nothing that is known would explain the difference${files}`;
    if (alike === undefined) yield 'whether the runner itself gives the same twice: cwf reproduce --repeat 2';
  }
  if (alike === true) yield `the runner gave the same in all ${attempts.length} attempts`;
  if (alike === false)
    yield `the runner does not give the same twice: its ${attempts.length} attempts differ from each other`;
}

function percent(share: number): string {
  const text = Number((share * 100).toPrecision(2));
  return `${text >= 0.01 ? text : '<0.01'}%`;
}

/** Never 1 for what is not 1. */
function round(ssim: number): string {
  return String(Math.min(Number(ssim.toFixed(4)), ssim < 1 ? 0.9999 : 1));
}
