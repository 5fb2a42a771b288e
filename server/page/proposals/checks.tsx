import type { ReviewShowOutput } from '../../../src/porcelain/review.ts';
import { RunsOfCheck } from './smoke.tsx';

const SIGNS = {
  pass: ['✓', 'added', 'passed'],
  warn: ['!', 'changed', 'to be looked at'],
  fail: ['✗', 'removed', 'failed'],
} as const;

/** What the checks of a proposal found; each can be opened. */
export function CheckList({ checks: { results } }: { readonly checks: ReviewShowOutput['checks'] }) {
  return (
    <section aria-label="Checks">
      <h2>Checks</h2>
      <ul class="checks">
        {results.map(({ check, state, text, faults = [], reach = [], runs = [] }) => {
          const [sign, name, word] = SIGNS[state];
          return (
            <li key={check}>
              <b class={name} aria-hidden="true">
                {sign}
              </b>{' '}
              <strong>{check}</strong> <span class="hidden">{word}: </span>
              {text}
              {faults.length + reach.length > 0 && (
                <details>
                  <summary>{faults.length + reach.length} in all</summary>
                  <ul>
                    {faults.map(({ file, code, message }) => (
                      <li key={`${file} ${code} ${message}`}>
                        {file}: {message} <code>{code}</code>
                      </li>
                    ))}
                    {reach.map(({ file, place, kind, text: told }) => (
                      <li key={`${file} ${place} ${kind} ${told}`}>
                        {file}, {place}: {kind}, {told}
                      </li>
                    ))}
                  </ul>
                </details>
              )}
              {runs.map((one) => (
                <RunsOfCheck key={one.file} of={one} />
              ))}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
