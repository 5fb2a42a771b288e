import type { Diagnostic } from '../../core/validate/diagnostic.ts';

/** What is left after a repair: each finding says what would cure it and why that was not done, or what to decide. */
export function explained(diagnostics: readonly Diagnostic[], minConfidence: number): Diagnostic[] {
  return diagnostics.map((diagnostic) => {
    const { advice, fixes = [], severity } = diagnostic;
    if (severity === 'info') return diagnostic;
    const [best] = fixes;
    const maybe =
      best &&
      `perhaps: ${best.title} (confidence ${best.confidence.toFixed(2)}${best.confidence < minConfidence ? `, below ${minConfidence}` : ''})`;
    const text = [advice, maybe].filter((one) => one !== undefined).join('; ');
    return { ...diagnostic, advice: text === '' ? 'no change is known that cures it: look at the node' : text };
  });
}
