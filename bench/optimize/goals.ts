import { type Figure, figure } from '../figure.ts';
import type { RecordedFigures } from './recorded.ts';
import { geometricMean, quantile } from './statistics.ts';

/** Scores of all studies by problem, arm and checkpoint; small is good. */
export type Scores = (problem: string, arm: string, at: number) => readonly number[] | undefined;

const SUITE = 'optimize';
const SINGLE = ['comfy', 'comfy_noisy', 'comfy_oom', 'comfy_cond'];

/**
 * Goals G1 to G7 of the research note (section 5) for the arms that were run; G8 is the times of asks. A goal whose
 * studies were not run has no line.
 */
export function goals(scores: Scores, arms: readonly string[], recorded?: RecordedFigures): Figure[] {
  return arms.flatMap((arm) => [
    ...(recorded ? against(scores, arm, recorded, 'G1', ['tpe-mv 4.9', 'tpe 5.0'], 0.75, 1.05) : []),
    ...(recorded ? against(scores, arm, recorded, 'G2', ['gp 4.9', 'gp 5.0'], 0.9, 1.25) : []),
    ...single(scores, arm, 'G3', 'comfy_mo', 25, 0.25),
    ...single(scores, arm, 'G3', 'comfy_mo', 50, arm.endsWith('-noref') ? 0.15 : 0.12),
    ...single(scores, arm, 'G4', 'comfy_oom', 50, 0.07),
    ...single(scores, arm, 'G5', 'comfy_prompts', 675, 0.045),
    ...single(scores, arm, 'G5', 'comfy_lowres', 675, 0.045),
    ...single(scores, arm, 'G6', 'comfy_transfer', 10, 0.08),
    ...single(scores, arm, 'G6', 'comfy_transfer', 25, 0.04),
    ...misled(scores, arm),
    ...single(scores, arm, 'G7', 'comfy_pref', 50, 0.11),
  ]);
}

function against(
  scores: Scores,
  arm: string,
  recorded: RecordedFigures,
  goal: string,
  peers: readonly string[],
  bar: number,
  worstBar: number,
): Figure[] {
  const ratios = SINGLE.map((problem) => {
    const values = scores(problem, arm, 50);
    const best = Math.min(...recorded(problem, 50).flatMap((peer) => (peers.includes(peer.arm) ? [peer.value] : [])));
    return values && Number.isFinite(best) ? quantile(values, 0.5) / best : NaN;
  });
  if (ratios.some(Number.isNaN)) return [];
  const common = { suite: SUITE, unit: 'ratio', against: `the better of ${peers.join(', ')} at 50 trials` };
  const detail = Object.fromEntries(SINGLE.map((problem, i) => [problem, ratios[i]!]));
  return [
    figure({ ...common, name: `${goal} ${arm} mean of four`, value: geometricMean(ratios), bar, detail }),
    figure({ ...common, name: `${goal} ${arm} worst of four`, value: Math.max(...ratios), bar: worstBar, detail }),
  ];
}

function single(scores: Scores, arm: string, goal: string, problem: string, at: number, bar: number): Figure[] {
  const values = scores(problem, arm, at);
  if (!values) return [];
  const value = quantile(values, 0.5);
  const unit = problem === 'comfy_mo' ? 'missing hypervolume' : 'regret';
  return [figure({ suite: SUITE, name: `${goal} ${arm} ${problem} @${at}`, value, unit, bar, against: 'the goal' })];
}

/** A source that says the opposite of the truth, over a study that knows nothing. */
function misled(scores: Scores, arm: string): Figure[] {
  const with_ = scores('comfy_transfer+adversary', arm, 50);
  const cold = scores('comfy_transfer', `${arm.split('-')[0]}-cold`, 50);
  if (!with_ || !cold) return [];
  const value = quantile(with_, 0.5) / quantile(cold, 0.5);
  const name = `G6 ${arm} misled @50`;
  return [figure({ suite: SUITE, name, value, unit: 'ratio', bar: 1.1, against: 'the same without sources' })];
}
