import { useId, useState } from 'preact/hooks';
import type { NumberedConflict } from '../../../src/porcelain/conflicts.ts';
import { SIDES, type SideName, SideValue, sideText } from './side-value.tsx';

/** What somebody decided: one side, or JSON text of their own. */
export type Choice = { readonly take: SideName } | { readonly value: string };

/** One decision: what the base and both sides have, and which of them, or what else, is to stand there. */
export function ConflictCard({
  conflict,
  names,
  isCurrent,
  isBusy,
  onChoose,
}: {
  readonly conflict: NumberedConflict;
  /** What the sides are called: `ours (main)`. */
  readonly names: Readonly<Record<SideName, string>>;
  readonly isCurrent: boolean;
  readonly isBusy: boolean;
  readonly onChoose: (choice: Choice) => void;
}) {
  const id = useId();
  const { number, file, text, label = text, resolution } = conflict;
  const taken = resolution && 'take' in resolution ? resolution.take : undefined;
  return (
    <article
      class={`panel conflict${isCurrent ? ' is-current' : ''}`}
      tabIndex={-1}
      aria-labelledby={id}
      data-number={number}
    >
      <h3 id={id}>
        {number}. {label}{' '}
        <span class={resolution ? 'badge added' : 'badge removed'}>
          {resolution === undefined ? '! open' : `✓ ${taken ?? 'own value'}`}
        </span>
      </h3>
      <p class="quiet">{file}</p>
      <div class="sides">
        {SIDES.map((side) => (
          <section key={side} class={taken === side ? 'side is-taken' : 'side'}>
            <h4>{names[side]}</h4>
            <SideValue conflict={conflict} side={side} />
            <button
              type="button"
              aria-pressed={taken === side}
              aria-label={`Take ${side} for ${label}`}
              disabled={isBusy}
              onClick={() => onChoose({ take: side })}
            >
              Take {side}
            </button>
          </section>
        ))}
        {conflict.value !== undefined && <Own conflict={conflict} isBusy={isBusy} onChoose={onChoose} />}
      </div>
    </article>
  );
}

/** A value that neither side has. */
function Own({
  conflict,
  isBusy,
  onChoose,
}: {
  readonly conflict: NumberedConflict;
  readonly isBusy: boolean;
  readonly onChoose: (choice: Choice) => void;
}) {
  const { text, label = text, resolution } = conflict;
  const own = resolution && 'value' in resolution ? resolution.value : undefined;
  const isText = conflict.value === 'text' || SIDES.every((side) => typeof (conflict[side] ?? '') === 'string');
  const written = own === undefined ? sideText(conflict, 'ours') : typeof own === 'string' ? own : String(own);
  const [value, setValue] = useState(written);
  const field = {
    value,
    spellcheck: false,
    'aria-label': `Own value for ${label}`,
    onInput: (event: { readonly currentTarget: HTMLInputElement | HTMLTextAreaElement }) =>
      setValue(event.currentTarget.value),
  };
  return (
    <form
      class={own === undefined ? 'side' : 'side is-taken'}
      onSubmit={(event) => {
        event.preventDefault();
        // A text is sent as one: 30 in a prompt is no number.
        onChoose({ value: isText ? JSON.stringify(value) : value });
      }}
    >
      <h4>own value</h4>
      {isText ? <textarea rows={3} {...field} /> : <input {...field} />}
      <button type="submit" aria-pressed={own !== undefined} disabled={isBusy || (value === '' && !isText)}>
        Use this value
      </button>
    </form>
  );
}
