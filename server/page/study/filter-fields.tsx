import { longText, valueText } from '../charts/numbers.ts';
import { type Bounds, type Dimension, useStudy } from './model.ts';

/** Fields that say which trials are shown: the same as dragging along axes. */
export function FilterFields({ dimensions }: { readonly dimensions: readonly Dimension[] }) {
  const { filter, setFilter } = useStudy();
  const count = Object.keys(filter).length;
  const set = (name: string, bounds: Bounds | undefined): void => {
    const { [name]: _, ...others } = filter;
    setFilter(bounds ? { ...others, [name]: bounds } : others);
  };
  return (
    <details class="filters">
      <summary>{count === 0 ? 'Filter' : `Filter: ${count} set`}</summary>
      <div class="fields">
        {dimensions.map((dimension) =>
          dimension.choices ? (
            <ChoiceField key={dimension.name} dimension={dimension} set={set} />
          ) : (
            <RangeField key={dimension.name} dimension={dimension} set={set} />
          ),
        )}
      </div>
      {count > 0 && (
        <button type="button" onClick={() => setFilter({})}>
          Show all
        </button>
      )}
    </details>
  );
}

interface FieldProps {
  readonly dimension: Dimension;
  readonly set: (name: string, bounds: Bounds | undefined) => void;
}

function RangeField({ dimension: { name }, set }: FieldProps) {
  const { filter } = useStudy();
  const { low, high } = filter[name] ?? {};
  const change = (end: 'low' | 'high', text: string): void => {
    const { [end]: _, ...rest } = filter[name] ?? {};
    const next = text.trim() === '' ? rest : { ...rest, [end]: Number(text) };
    set(name, Object.keys(next).length > 0 ? next : undefined);
  };
  return (
    <fieldset>
      <legend>{name}</legend>
      <label>
        from
        <input
          type="number"
          step="any"
          value={low === undefined ? '' : longText(low)}
          onChange={(event) => change('low', event.currentTarget.value)}
        />
      </label>
      <label>
        to
        <input
          type="number"
          step="any"
          value={high === undefined ? '' : longText(high)}
          onChange={(event) => change('high', event.currentTarget.value)}
        />
      </label>
    </fieldset>
  );
}

function ChoiceField({ dimension: { name, choices = [] }, set }: FieldProps) {
  const { filter } = useStudy();
  const chosen = filter[name]?.choices ?? choices;
  return (
    <fieldset>
      <legend>{name}</legend>
      {choices.map((choice) => (
        <label key={String(choice)} class="check">
          <input
            type="checkbox"
            checked={chosen.includes(choice)}
            onChange={() => {
              const next = choices.filter((one) => chosen.includes(one) !== (one === choice));
              set(name, next.length === choices.length ? undefined : { choices: next });
            }}
          />
          {valueText(choice)}
        </label>
      ))}
    </fieldset>
  );
}
