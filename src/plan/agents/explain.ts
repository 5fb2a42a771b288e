import type { Diagnostic } from '../../core/validate/diagnostic.ts';
import { faultKey } from './faults.ts';

/**
 * What is left after a repair: each finding says what would cure it and why that was not done, or what to decide.
 * `refusals`: by fault, why the last proposal for it was refused.
 */
export function explained(
  diagnostics: readonly Diagnostic[],
  minConfidence: number,
  refusals: ReadonlyMap<string, string>,
): Diagnostic[] {
  return diagnostics.map((diagnostic) => {
    const { advice, fixes = [], severity } = diagnostic;
    if (severity === 'info') return diagnostic;
    const [best] = fixes;
    const refused = refusals.get(faultKey(diagnostic));
    const isUnsure = best !== undefined && best.confidence < minConfidence;
    const why = isUnsure ? `, below ${minConfidence}` : '';
    const maybe = best && `perhaps: ${best.title} (confidence ${best.confidence.toFixed(2)}${why})`;
    const parts = [advice, maybe, refused === undefined ? undefined : `not done: ${refused}`];
    const text = parts.filter((one) => one !== undefined).join('; ');
    return { ...diagnostic, advice: text === '' ? 'no change is known that cures it: look at the node' : text };
  });
}
