import { longText, valueText } from '../charts/numbers.ts';
import { type Bounds, type Dimension, useStudy } from './model.ts';

/** Room beyond both ends of an axis of numbers, as `numberScale` has it. */
const PAD = 0.04;

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

/** What a part of an axis holds, from and to as parts of it, 0 at the bottom. */
export function boundsBetween({ choices, scale, range, isLog }: Dimension, from: number, to: number): Bounds {
  if (choices)
    return {
      choices: choices.filter((choice) => {
        const at = scale.place(choice)!;
        const half = (scale.band ?? 0) / 2;
        return at + half > from && at - half < to;
      }),
    };
  const { low, high } = range ?? { low: 0, high: 1 };
  const value = (at: number): number => {
    const part = (at - PAD) / (1 - 2 * PAD);
    return isLog ? low * (high / low) ** part : low + part * (high - low);
  };
  return {
    ...(from > PAD ? { low: Number(value(from).toPrecision(4)) } : {}),
    ...(to < 1 - PAD ? { high: Number(value(to).toPrecision(4)) } : {}),
  };
}
