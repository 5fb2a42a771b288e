import { numberText } from '../../../core/chart/ticks.ts';
import { element as el, escapeText } from '../../../core/picture/markup.ts';
import { type ExplainedChange, type Explanation, explainWinner } from '../results/explain.ts';
import { differenceText } from './board.ts';
import type { PlottedStudy } from './study.ts';

/** Why a trial won, in sentences and a line for each change. */
export interface Why {
  readonly explanation: Explanation;
  /** What the estimate rests on, and what it cannot say. */
  readonly remarks: readonly string[];
  /** The change, what it did, how sure that is. */
  readonly lines: readonly (readonly [change: string, effect: string, verdict: ExplainedChange['verdict']])[];
}

/** The explanation of the best trial of an objective in words; undefined without a base or a measured trial. */
export function why(study: PlottedStudy, objective = 0): Why | undefined {
  const explanation = study.base && explainWinner(study, { base: study.base, objective });
  if (!explanation) return undefined;
  const { changes, observed, estimated, predicted, trials } = explanation;
  const name = study.objectives[objective] ?? 'the objective';
  return {
    explanation,
    lines: changes.map((change) => [differenceText(change, true), effectText(change), change.verdict]),
    remarks: [
      ...(observed === undefined
        ? ['The base itself was not measured.']
        : [`Measured: ${signed(observed)} in ${name} against the base; it was chosen for its value, so expect less.`]),
      ...(estimated && observed !== undefined
        ? [`The changes one by one add up to ${signed(estimated.effect)} ± ${brief(1.96 * estimated.error)}.`]
        : []),
      predicted === undefined
        ? `Nothing is estimated: too few trials were measured (${trials}), or their values do not differ.`
        : predicted > 0
          ? `A sum of effects predicts ${Math.round(predicted * 100)} % of the variance of a trial it has not seen (${trials} trials).`
          : `A sum of effects predicts no trial better than their mean does (${trials} trials): the effects say nothing.`,
    ],
  };
}

/** The explanation as a part of a page. */
export function whySection({ lines, remarks }: Why): string {
  const rows = lines.map(([change, effect, verdict]) =>
    el(
      'tr',
      verdict === 'better' ? { class: 'best' } : {},
      el('td', {}, escapeText(change)),
      el('td', {}, escapeText(effect)),
      el('td', {}, verdict),
    ),
  );
  const head = ['change', 'estimated effect of it alone', 'verdict'].map((text) => el('th', {}, text));
  return [
    ...remarks.map((remark) => el('p', {}, escapeText(remark))),
    el('div', { class: 'wide' }, el('table', {}, el('thead', {}, el('tr', {}, ...head)), el('tbody', {}, ...rows))),
  ].join('');
}

function effectText({ effect, error, direct }: ExplainedChange): string {
  const estimate = effect === undefined || error === undefined ? '' : `${signed(effect)} ± ${brief(1.96 * error)}`;
  if (!direct) return estimate;
  const trials = direct.trials === 1 ? '1 trial' : `${direct.trials} trials`;
  const measured = `${signed(direct.difference)} measured against ${trials} without it`;
  return estimate === '' ? measured : `${estimate}; ${measured}`;
}

/** Two digits: an error is not known better. */
function brief(value: number): string {
  return numberText(Number(value.toPrecision(2)));
}

function signed(value: number): string {
  const text = numberText(Number(value.toPrecision(3)));
  return value > 0 ? `+${text}` : text;
}
