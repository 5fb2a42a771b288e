/** One measurement: a trial's loss on one prompt. */
export interface Cell {
  readonly trial: number;
  readonly prompt: number;
  readonly loss: number;
}

/** What the offset of a prompt is held back by, in measurements: one trial alone says little about its prompts. */
const HOLD = 0.5;
const SWEEPS = 200;
const ENOUGH = 1e-9;

/**
 * The loss of each trial without what its prompts add: loss = trial + prompt, by least squares with the prompts drawn
 * towards 0 a little (a two-way additive model). Some prompts are hard for every trial, so a trial that has seen only
 * the first few would otherwise be judged by them. Prompts come with the mean 0.
 */
export function promptEffects(cells: readonly Cell[]): { trials: Map<number, number>; prompts: Map<number, number> } {
  const mean = (of: readonly Cell[], value: (cell: Cell) => number, held = 0): number =>
    of.reduce((sum, cell) => sum + value(cell), 0) / (of.length + held);
  const byTrial = [...groupBy(cells, ({ trial }) => trial)];
  const byPrompt = [...groupBy(cells, ({ prompt }) => prompt)];
  const trials = new Map(byTrial.map(([trial]) => [trial, 0]));
  const prompts = new Map(byPrompt.map(([prompt]) => [prompt, 0]));
  let largest = 0;
  for (const { loss } of cells) largest = Math.max(largest, Math.abs(loss));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let moved = 0;
    for (const [trial, of] of byTrial) {
      const next = mean(of, ({ prompt, loss }) => loss - prompts.get(prompt)!);
      moved = Math.max(moved, Math.abs(next - trials.get(trial)!));
      trials.set(trial, next);
    }
    for (const [prompt, of] of byPrompt) {
      const next = mean(of, ({ trial, loss }) => loss - trials.get(trial)!, HOLD);
      prompts.set(prompt, next);
    }
    if (moved <= ENOUGH * largest) break;
  }
  const centre = [...prompts.values()].reduce((sum, value) => sum + value, 0) / Math.max(1, prompts.size);
  for (const [trial, value] of trials) trials.set(trial, value + centre);
  for (const [prompt, value] of prompts) prompts.set(prompt, value - centre);
  return { trials, prompts };
}

function groupBy(cells: readonly Cell[], key: (cell: Cell) => number): Map<number, Cell[]> {
  const groups = new Map<number, Cell[]>();
  for (const cell of cells) {
    const group = groups.get(key(cell));
    if (group) group.push(cell);
    else groups.set(key(cell), [cell]);
  }
  return groups;
}
