import type { ProposalRow, ReviewShowOutput } from '../../src/porcelain/review.ts';
import type { FileRuns } from '../../src/porcelain/review-runs.ts';
import type { ReviewChecksOutput, VerdictOutput } from '../../src/porcelain/review-say.ts';
import type { Io } from '../io.ts';
import { printChanges } from './changes.ts';
import { count, short } from './commits.ts';
import { clip, pad, safe, safeLines, width } from './safe.ts';

type Checks = Pick<ReviewChecksOutput, 'results'>;
type Comment = ReviewShowOutput['comments'][number];
type Person = Pick<Comment, 'actor' | 'name' | 'email'>;

const SIGNS = { pass: '✓', warn: '!', fail: '✗' } as const;
const COLORS = { pass: 'green', warn: 'yellow', fail: 'red' } as const;
const WIDE = 160;
/** Lines of one text that are shown: whoever writes a page of them does not push the rest away. */
const MOST_LINES = 40;

/** Prints a line for each proposal. */
export function printProposals(io: Io, rows: readonly ProposalRow[], all: boolean): void {
  const { color } = io;
  if (io.mode === 'porcelain') {
    for (const { id, state, target, author, title } of rows)
      io.print([id, state, safe(target), safe(author.actor), safe(title)].join('\t'));
    return;
  }
  if (rows.length === 0) io.print(all ? 'No proposal yet' : 'No open proposal');
  const widest = Math.max(0, ...rows.map(({ author }) => width(safe(author.actor))));
  for (const row of rows) {
    const { id, title, target, author, state } = row;
    const told = [
      ...(state === 'open' ? [] : [state]),
      `into ${safe(target)}`,
      ...(row.approvedBy.length > 0 ? [`approved by ${row.approvedBy.map(safe).join(', ')}`] : []),
      ...(row.changesRequested ? ['changes requested'] : []),
      ...(row.comments > 0 ? [count(row.comments, 'comment')] : []),
    ].join(', ');
    const room = Math.max(20, io.columns - widest - 12);
    io.print(`${color.yellow(id)}  ${color.cyan(pad(safe(author.actor), widest))}  ${clip(title, room)}`);
    io.print(color.dim(`${' '.repeat(10 + widest)}  ${clip(told, WIDE)}`));
  }
}

/** Prints all of a proposal: head, commits, checks, changes, comments, and what is next. */
export function printReview(io: Io, out: ReviewShowOutput): void {
  const { color } = io;
  const state = out.joined ? 'merged' : out.state;
  if (io.mode === 'porcelain') {
    io.print([out.id, state, out.head, out.base ?? '', safe(out.target)].join('\t'));
    return;
  }
  const paint = state === 'open' ? color.green : state === 'merged' ? color.cyan : color.red;
  io.print(`${color.yellow(`proposal/${out.id}`)} ${paint(state)}  ${color.bold(clip(out.title, WIDE))}`);
  const from = out.base === undefined ? '' : `, from ${short(out.base)} to ${short(out.head)}`;
  io.print(color.dim(`by ${who(out.author)}, ${when(out.time)}, into ${safe(out.target)}${from}`));
  if (out.text !== undefined) printText(io, out.text, '  ');
  printClosed(io, out);
  section(io, count(out.commits.length, 'commit'));
  for (const { oid, subject, actor } of out.commits.slice(0, 20))
    io.print(`  ${color.yellow(short(oid))} ${color.cyan(safe(actor))}  ${clip(subject, WIDE)}`);
  if (out.commits.length > 20) io.print(color.dim(`  ... and ${out.commits.length - 20} more`));
  section(io, 'Checks');
  printChecks(io, out.checks, out.demand);
  section(io, 'Changes');
  if (out.files.length === 0) io.print(color.dim('  none'));
  printChanges(io, out.files, { words: true });
  if (out.verdicts.length > 0) section(io, 'Reviews');
  for (const verdict of out.verdicts) {
    const asks = verdict.verdict === 'request-changes';
    const advice = verdict.actor === 'person' ? '' : color.dim(' (advice)');
    const old = verdict.stale ? color.dim(`, of an earlier commit (${short(verdict.on)})`) : '';
    const said = asks ? color.red('asks for changes') : color.green('approves');
    io.print(`  ${who(verdict)} ${said}${old}${advice} ${color.dim(when(verdict.time))}`);
    if (verdict.text !== undefined) printText(io, verdict.text, '    ');
  }
  if (out.comments.length > 0) section(io, 'Comments');
  for (const comment of out.comments) printComment(io, comment, '  ');
  if (state !== 'open') return;
  io.print();
  if (out.needs.length > 0) io.print(color.yellow(`To be merged it needs: ${out.needs.map(safe).join('; ')}`));
  else io.print(color.green('It may be merged'));
  io.note(nextStep(out));
}

/** One line for each check, and below it what was found. */
export function printChecks(io: Io, { results }: Checks, demand: { readonly checks: readonly string[] }): void {
  const { color } = io;
  for (const { check, state, text, faults = [], reach = [], runs = [] } of results) {
    const asked = demand.checks.includes(check) ? color.dim(' (required)') : '';
    io.print(`  ${color[COLORS[state]](SIGNS[state])} ${pad(check, 8)}  ${safe(text)}${asked}`);
    for (const { file, severity, text: line } of faults.slice(0, 12))
      io.print(`      ${color[severity === 'error' ? 'red' : 'yellow'](severity)} ${safe(file)}: ${clip(line, WIDE)}`);
    if (faults.length > 12) io.print(color.dim(`      ... and ${faults.length - 12} more`));
    for (const { file, place, text: line } of reach.slice(0, 12))
      io.print(`      ${safe(file)}: ${clip(place, 80)} ${color.yellow(clip(line, WIDE))}`);
    if (reach.length > 12) io.print(color.dim(`      ... and ${reach.length - 12} more`));
    for (const run of runs) printRuns(io, run);
  }
}

/** The numbers and outputs of one workflow before and after. */
function printRuns(io: Io, { file, numbers, outputs }: FileRuns): void {
  const { color } = io;
  const told = numbers.filter(({ verdict }) => verdict !== undefined && verdict !== 'same');
  const paint = { better: color.green, worse: color.red, changed: color.dim, same: color.dim };
  for (const { metric, before, after, verdict } of told.slice(0, 12))
    io.print(
      `      ${safe(file)}: ${pad(safe(metric), 22)} ${digits(before)} -> ${digits(after)} ${paint[verdict!](verdict!)}`,
    );
  if (told.length > 12) io.print(color.dim(`      ... and ${told.length - 12} more`));
  for (const { node, before, after, isSame } of outputs.slice(0, 12)) {
    const ids = [before, after].map((one) => one?.id.slice(0, 12) ?? 'none').join(' -> ');
    io.print(color.dim(`      ${safe(file)}: node ${clip(node, 40)} left ${ids}${isSame ? ', the same pixels' : ''}`));
  }
  if (outputs.length > 12) io.print(color.dim(`      ... and ${outputs.length - 12} more`));
}

function digits(value: number | undefined): string {
  return value === undefined ? '-' : String(Number(value.toPrecision(4)));
}

/** What came of a verdict. */
export function printVerdict(io: Io, out: VerdictOutput): void {
  const { color } = io;
  if (io.mode === 'porcelain') {
    io.print(out.on);
    return;
  }
  const did = { approve: 'approved', 'request-changes': 'changes requested', reject: 'rejected; all of it is kept' };
  const paint = out.verdict === 'approve' ? color.green : color.red;
  const would = io.dryRun ? 'would be ' : '';
  io.print(
    `${color.yellow(`proposal/${out.proposal}`)} ${paint(would + did[out.verdict])} ${color.dim(`at ${short(out.on)}`)}  ${clip(out.title, 100)}`,
  );
  if (out.verdict === 'reject' || io.dryRun) return;
  if (out.needs.length > 0) io.note(`To be merged it needs: ${out.needs.map(safe).join('; ')}`);
  else io.note(`It may be merged: cwf review merge ${out.proposal}`);
}

/** `5be001 Ada (person) on portrait.json KSampler (3): steps`. */
export function commentHead({ color }: Io, comment: Omit<Comment, 'replies'>): string {
  const gone = comment.isGone ? color.yellow(' (gone)') : '';
  const place = comment.place === undefined ? '' : ` on ${color.bold(clip(comment.place, WIDE))}${gone}`;
  return `${color.dim(comment.id)} ${who(comment)}${place} ${color.dim(when(comment.time))}`;
}

function printComment(io: Io, comment: Comment, margin: string): void {
  io.print(`${margin}${commentHead(io, comment)}`);
  printText(io, comment.text, `${margin}  `);
  const inner = margin.length > 20 ? margin : `${margin}    `;
  for (const reply of comment.replies) printComment(io, reply, inner);
}

function printClosed(io: Io, { closed, state, joined, target }: ReviewShowOutput): void {
  const { color } = io;
  if (state === 'open' || closed === undefined) {
    if (joined) io.print(color.cyan(`its commits are in ${safe(target)}`));
    return;
  }
  const as = closed.as === undefined ? '' : ` as ${short(closed.as)}`;
  io.print(`${state}${as} by ${who(closed)}, ${when(closed.time)}`);
  if (closed.text !== undefined) printText(io, closed.text, '  ');
}

/** A text of somebody: data, each line behind a bar, so that none looks like one of ours. */
function printText(io: Io, text: string, margin: string): void {
  const lines = safeLines(text.trimEnd()).split('\n');
  for (const line of lines.slice(0, MOST_LINES)) io.print(`${margin}${io.color.dim('|')} ${clip(line, 1000)}`);
  if (lines.length > MOST_LINES) io.print(io.color.dim(`${margin}| ... and ${lines.length - MOST_LINES} more lines`));
}

function section(io: Io, title: string): void {
  io.print();
  io.print(io.color.bold(title));
}

function who({ actor, name, email }: Person): string {
  return actor === 'person' ? clip(name || email, 60) : safe(actor);
}

function when(time: number): string {
  return new Date(time * 1000).toISOString().slice(0, 16).replace('T', ' ');
}

function nextStep({ id, needs }: ReviewShowOutput): string {
  if (needs.length === 0) return `cwf review merge ${id}, or cwf review comment|request-changes|reject ${id}`;
  const words = needs.some((need) => /approval|asks for changes/.test(need)) ? ['approve'] : [];
  return `cwf review ${[...words, 'comment', 'request-changes', 'reject'].join('|')} ${id}`;
}
