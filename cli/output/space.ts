import type { SpaceOutput, ToldHeld, ToldModel, ToldParameter } from '../../src/porcelain/space.ts';
import type { Io } from '../io.ts';
import { count } from './commits.ts';
import { clip, pad, safe, width } from './safe.ts';

/** Columns of a name and of a value at most. */
const MOST_NAME = 34;
const MOST_VALUE = 22;

/** Prints the models, the parameters by the conditions they hang on, what is held, and what costs money. */
export function printSpace(io: Io, out: SpaceOutput): void {
  const { color } = io;
  for (const line of modelLines(out.models)) io.print(color.dim(clip(line, io.columns)));
  if (out.models.length > 0) io.print();
  const name = Math.min(
    MOST_NAME,
    Math.max(0, ...[...out.parameters, ...out.held].map((one) => width(safe(one.name)))),
  );
  const now = Math.min(
    MOST_VALUE,
    Math.max(0, ...[...out.parameters, ...out.held].map((one) => width(valueText(one.current)))),
  );
  for (const [condition, parameters] of byCondition(out.parameters)) {
    if (condition !== '') io.print(color.cyan(`only with ${safe(condition)}`));
    for (const one of parameters) {
      const head = `${color.bold(pad(clip(one.name, name), name))}  ${pad(clip(valueText(one.current), now), now)}`;
      const room = Math.max(20, io.columns - name - now - 4);
      io.print(`${head}  ${clip(rangeText(one), room)}`);
      io.print(
        color.dim(`${' '.repeat(name)}  ${clip(`${livesText(one)}; ${one.why}`, Math.max(20, io.columns - name - 2))}`),
      );
    }
  }
  if (out.held.length === 0) return;
  if (out.parameters.length > 0) io.print();
  io.print(color.dim('held as they are'));
  for (const one of out.held) {
    const head = `${pad(clip(one.name, name), name)}  ${pad(clip(valueText(one.current), now), now)}`;
    io.print(`${color.dim(head)}  ${color.dim(clip(whyHeld(one), Math.max(20, io.columns - name - now - 4)))}`);
  }
}

/** What a person should know besides, on stderr. */
export function noteSpace(io: Io, out: SpaceOutput): void {
  io.note(`${count(out.parameters.length, 'parameter')}, ${out.held.length} held`);
  if (out.written !== undefined) io.note(`written to ${safe(out.written)}`);
  if (out.hosted.length > 0) {
    const nodes = out.hosted.map(({ class_type, node }) => `${class_type} (${node})`).join(', ');
    io.note(`hosted: every run pays for ${safe(nodes)}; a study needs a budget of money`);
  }
  if (out.unknown.length > 0) {
    const nodes = out.unknown.map(({ class_type, node }) => `${class_type} (${node})`).join(', ');
    io.note(`unknown: what ${safe(nodes)} costs nobody can say here`);
  }
}

/** One line a parameter for scripts: name, kind, current value, range, addresses, reason. */
export function scriptLines({ parameters }: SpaceOutput): readonly string[] {
  return parameters.map((one) =>
    [one.name, one.parameter.kind, String(one.current), rangeText(one, '|'), one.lives.join(','), one.why]
      .map(safe)
      .join('\t'),
  );
}

function byCondition(parameters: readonly ToldParameter[]): Map<string, ToldParameter[]> {
  const groups = new Map<string, ToldParameter[]>([['', []]]);
  for (const one of parameters) {
    const text = conditionText(one.parameter.when ?? []);
    groups.set(text, [...(groups.get(text) ?? []), one]);
  }
  return groups;
}

function rangeText({ parameter }: ToldParameter, between = ', '): string {
  if (parameter.kind === 'categorical' || parameter.kind === 'ordinal') {
    const { kind, choices } = parameter;
    const isNumbers = kind === 'ordinal' && between === ', ';
    return isNumbers && choices.length > 6
      ? `${choices[0]} to ${choices.at(-1)}, ${choices.length} values`
      : choices.map(String).join(between);
  }
  const { low, high, step, log } = parameter;
  const ends = `${Number(low.toPrecision(6))} to ${Number(high.toPrecision(6))}`;
  return `${ends}${step === undefined ? '' : ` by ${step}`}${log ? ', log' : ''}`;
}

/** Where a value lives and, where that is another place, which inputs read it; a subgraph they all share once. */
function livesText({ lives, readers }: ToldParameter): string {
  const isElsewhere = !lives.some((one) => readers.includes(one));
  const all = isElsewhere ? [...lives, ...readers] : lives;
  const scopes = new Set(all.map((one) => one.slice(0, one.lastIndexOf('/') + 1)));
  const [scope = ''] = scopes.size === 1 ? scopes : [];
  const short = (list: readonly string[]): string => listed(list.map((one) => one.slice(scope.length)));
  const text = isElsewhere ? `${short(lives)}, read by ${short(readers)}` : short(lives);
  return scope === '' ? text : `${text} in ${scope.slice(0, -1)}`;
}

function listed([first = '', second, ...more]: readonly string[]): string {
  if (second === undefined) return first;
  return more.length === 0 ? `${first} and ${second}` : `${first}, ${second} and ${more.length} more`;
}

function valueText(value: ToldHeld['current']): string {
  const isBroken = typeof value === 'number' && !Number.isInteger(value);
  return isBroken ? String(Number(value.toPrecision(6))) : safe(String(value));
}

function whyHeld({ why, when = [] }: ToldHeld): string {
  return when.length === 0 ? why : `${why}; with ${conditionText(when)}`;
}

function conditionText(when: NonNullable<ToldHeld['when']>): string {
  return when.map(({ parent, values }) => `${parent} = ${values.map(String).join(' or ')}`).join(' and ');
}

/** One line a family with its files, and one for each file that makes few steps enough. */
function modelLines(models: readonly ToldModel[]): string[] {
  const files = new Map<string, Set<string>>();
  for (const { file, title, variant, by, evidence, distilled } of models) {
    const family = title === undefined ? 'family not known' : `${title}${variant === undefined ? '' : `, ${variant}`}`;
    const key = by === 'nodes' ? `${family} (by ${evidence})` : family;
    const known = files.get(key) ?? new Set();
    files.set(key, known.add(file ?? 'no model file'));
    if (distilled !== undefined && distilled !== file) {
      files.set('few steps by', (files.get('few steps by') ?? new Set()).add(distilled));
    }
  }
  return [...files].map(([family, names]) => `${family}: ${[...names].join(', ')}`);
}
