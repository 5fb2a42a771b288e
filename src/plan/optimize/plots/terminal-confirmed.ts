import { width as columnsOf } from '../../../base/columns.ts';
import type { StyledLine } from '../../../base/styled-text.ts';
import { numberText, withError } from '../../../core/chart/ticks.ts';
import type { ConfirmedStudy } from '../results/confirmed.ts';
import { verdict } from './confirmed.ts';
import type { PlottedStudy } from './study.ts';
import { cut, plain, type TerminalOptions } from './terminal-canvas.ts';

/** The trials that were run under other seeds, best first, a line each; nothing where none was. [ST-28] */
export function terminalConfirmed(
  study: Pick<PlottedStudy, 'objectives' | 'directions' | 'trials'>,
  { trials, against }: ConfirmedStudy,
  options: TerminalOptions,
): StyledLine[] {
  if (trials.length === 0) return [];
  const found = new Map(study.trials.map(({ number, values }) => [number, values]));
  const columns = [
    column(
      'trial',
      trials.map(({ number }) => String(number)),
      options,
    ),
    column(
      'seeds',
      trials.map(({ seeds, failed }) => (failed > 0 ? `${seeds} of ${seeds + failed}` : String(seeds))),
      options,
    ),
    ...study.objectives.flatMap((name, j) => [
      column(
        name,
        trials.map((one) => withError(one.values[j], one.errors[j])),
        options,
      ),
      column(
        'as found',
        trials.map(({ number }) => valueText(found.get(number)?.[j])),
        options,
      ),
    ]),
  ];
  const size = columns.reduce((sum, { width }) => sum + width + 2, 0);
  const room = Math.max(0, options.columns - size);
  const head = columns.map((one) => one.head).join('  ');
  const about = against === undefined ? '' : `against trial ${against}`;
  return [
    [{ text: cut(`${head}  ${about}`, options.columns, options), tone: 'dim' }],
    ...trials.map((trial, i): StyledLine => {
      const front = cut(`${columns.map(({ texts }) => texts[i]!).join('  ')}  `, options.columns, options);
      return [
        { text: front, ...(trial.isBest && { tone: 'best' as const }) },
        {
          text: cut(verdict(trial, study), room, options),
          ...(trial.failed === 0 && trial.violation === 0 ? {} : { tone: 'wrong' as const }),
        },
      ];
    }),
  ];
}

function column(
  name: string,
  values: readonly string[],
  options: TerminalOptions,
): { readonly head: string; readonly texts: readonly string[]; readonly width: number } {
  const head = cut(name, 16, options);
  const texts = values.map((text) => plain(text, options));
  const width = Math.max(columnsOf(head), ...texts.map(columnsOf));
  const right = (text: string): string => ' '.repeat(width - columnsOf(text)) + text;
  return { head: right(head), texts: texts.map(right), width };
}

function valueText(value: number | undefined): string {
  return value === undefined ? 'none' : numberText(value);
}
