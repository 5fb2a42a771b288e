import type { Chart } from '../../../core/chart/document.ts';
import { title } from '../../../core/chart/marks.ts';
import { type Drawn, label } from '../../../core/chart/panel.ts';
import { numberText } from '../../../core/chart/ticks.ts';
import { element as el, escapeText } from '../../../core/picture/markup.ts';
import { type Difference, type LeaderboardRow, leaderboard } from '../results/leaderboard.ts';
import { imageHref, type TrialImages } from './images.ts';
import { objectiveText, type PlottedStudy, shortText, trialTip, valueText } from './study.ts';

/** Most rows of a drawn leaderboard; the others are counted. */
const MOST = 20;
const CARD = { width: 190, picture: 150, line: 15 };
/** Most changes named on a card. */
const CHANGES = 4;

/** `cfg 7 → 4`; of a parameter that is the same everywhere else only the value. */
export function differenceText({ name, from, to }: Difference, hasBase: boolean): string {
  return hasBase ? `${shortText(name)} ${valueText(from)} → ${valueText(to)}` : `${shortText(name)} ${valueText(to)}`;
}

/** The best trials as cards with their pictures. */
export function plotLeaderboard(study: PlottedStudy, images: TrialImages = new Map()): Chart {
  const rows = leaderboard(study, study.base);
  const left = rows.length - MOST;
  return {
    title: `${study.name}: leaderboard`,
    panels: rows.slice(0, MOST).map((row) => drawCard(study, row, imageHref(images, row.trial.number))),
    remarks: [
      ...(rows.length === 0 ? ['No trial has a value yet.'] : []),
      ...(left > 0 ? [`The best ${MOST} of ${rows.length} measured trials.`] : []),
    ],
  };
}

function drawCard(study: PlottedStudy, row: LeaderboardRow, href: string | undefined): Drawn {
  const { width, picture, line } = CARD;
  const texts = [
    ...study.objectives.map((name, i) => `${shortText(name)} ${numberText(row.values[i]!)}`),
    ...(row.violation > 0 ? [`violates by ${numberText(row.violation)}`] : []),
    ...changeTexts(study, row),
  ];
  const top = href === undefined ? 0 : picture + 8;
  const height = top + 24 + texts.length * line + 8;
  const words = texts.map((text, i) => label(text, { x: 8, y: top + 36 + i * line }, width - 16, 'cwf-tick'));
  const markup = [
    el('rect', { class: 'cwf-area', x: 0, y: 0, width, height, rx: 6 }, title(trialTip(study, row.trial))),
    ...(href === undefined ? [] : [el('image', { href, x: 8, y: 8, width: width - 16, height: picture - 4 })]),
    label(`${row.rank}.  trial ${row.trial.number}`, { x: 8, y: top + 18 }, width - 16, 'cwf-name'),
    ...words,
  ];
  return { markup: markup.join(''), width, height };
}

function changeTexts({ base }: PlottedStudy, { differences }: LeaderboardRow): string[] {
  const texts = differences.slice(0, CHANGES).map((one) => differenceText(one, base !== undefined));
  if (differences.length > CHANGES) texts.push(`and ${differences.length - CHANGES} more`);
  return differences.length === 0 ? ['as the base'] : texts;
}

/** Rows of a page that are shown at once, and those that a reader may open. */
const SHOWN = 10;
const OPENED = 100;

/** The leaderboard as a table of a page, with pictures where there are any. */
export function leaderboardTable(study: PlottedStudy, images: TrialImages): string {
  const rows = leaderboard(study, study.base);
  if (rows.length === 0) return el('p', { class: 'dim' }, 'No trial has a value yet.');
  const left = rows.length - SHOWN;
  const more = `${left} more measured ${left === 1 ? 'trial' : 'trials'}${left > OPENED ? `, the first ${OPENED} of them` : ''}`;
  return [
    drawTable(study, rows.slice(0, SHOWN), images),
    ...(left > 0
      ? [el('details', {}, el('summary', {}, more), drawTable(study, rows.slice(SHOWN, SHOWN + OPENED), images))]
      : []),
  ].join('');
}

function drawTable(study: PlottedStudy, rows: readonly LeaderboardRow[], images: TrialImages): string {
  const shown = rows.map((row) => ({ row, href: imageHref(images, row.trial.number) }));
  const hasImages = shown.some(({ href }) => href !== undefined);
  const isLimited = rows.some(({ violation }) => violation > 0);
  const heads = [
    'rank',
    'trial',
    ...(hasImages ? ['picture'] : []),
    ...study.directions.map((_, i) => objectiveText(study, i)),
    ...(isLimited ? ['violation'] : []),
    study.base ? 'changed from the base' : 'parameters',
  ];
  const body = shown.map(({ row, href }) => {
    const alt = `picture of trial ${row.trial.number}`;
    const picture = href === undefined ? '' : el('img', { src: href, alt, loading: 'lazy' });
    const changes = row.differences.map((one) =>
      el('span', { class: 'change' }, escapeText(differenceText(one, study.base !== undefined))),
    );
    return el(
      'tr',
      row.isBest ? { class: 'best' } : {},
      el('td', { class: 'number' }, String(row.rank)),
      el('td', { class: 'number' }, String(row.trial.number)),
      ...(hasImages ? [el('td', {}, picture)] : []),
      ...row.values.map((value) => el('td', { class: 'number' }, escapeText(numberText(value)))),
      ...(isLimited ? [el('td', { class: 'number' }, row.violation > 0 ? numberText(row.violation) : '')] : []),
      el('td', {}, changes.length === 0 ? 'as the base' : changes.join(' ')),
    );
  });
  return el(
    'div',
    { class: 'wide', tabindex: 0, role: 'region', 'aria-label': 'leaderboard' },
    el(
      'table',
      {},
      el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', {}, escapeText(shortText(head)))))),
      el('tbody', {}, ...body),
    ),
  );
}
