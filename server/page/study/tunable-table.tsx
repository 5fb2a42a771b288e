import type { SpaceOutput, ToldParameter } from '../../../src/porcelain/space.ts';
import { valueText } from '../charts/numbers.ts';

/** Parameters that are not searched, by name: kept as they are, or held at a value. */
export type Held = Readonly<Record<string, { readonly how: 'keep' } | { readonly how: 'fix'; readonly value: string }>>;

/** What can be varied, and what of it is to be. */
export function TunableTable({
  space: { parameters, held: left, unknown, hosted },
  held,
  setHeld,
}: {
  readonly space: SpaceOutput;
  readonly held: Held;
  readonly setHeld: (held: Held) => void;
}) {
  if (parameters.length === 0) return <p>Nothing of this workflow can be varied for that.</p>;
  const set = ({ name, current }: ToldParameter, how: string): void => {
    const { [name]: _, ...others } = held;
    if (how === 'search') setHeld(others);
    else setHeld({ ...others, [name]: how === 'keep' ? { how } : { how: 'fix', value: String(current) } });
  };
  const searched = parameters.filter(({ name }) => held[name] === undefined).length;
  return (
    <>
      <p class="quiet">
        {searched} of {parameters.length} are searched.
      </p>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">parameter</th>
              <th scope="col">what to do</th>
              <th scope="col">now</th>
              <th scope="col">range</th>
              <th scope="col">why</th>
            </tr>
          </thead>
          <tbody>
            {parameters.map((told) => {
              const { name, parameter, current, why, lives } = told;
              const state = held[name];
              return (
                <tr key={name} class={state ? 'is-left' : undefined}>
                  <th scope="row" title={lives.join(', ')}>
                    {name}
                  </th>
                  <td>
                    <span class="row">
                      <select
                        aria-label={`What to do with ${name}`}
                        value={state?.how ?? 'search'}
                        onChange={(event) => set(told, event.currentTarget.value)}
                      >
                        <option value="search">search</option>
                        <option value="keep">keep as it is</option>
                        <option value="fix">hold at</option>
                      </select>
                      {state?.how === 'fix' &&
                        ('choices' in parameter ? (
                          <select
                            aria-label={`Value of ${name}`}
                            value={state.value}
                            onChange={(event) =>
                              setHeld({ ...held, [name]: { how: 'fix', value: event.currentTarget.value } })
                            }
                          >
                            {parameter.choices.map((choice) => (
                              <option key={String(choice)}>{String(choice)}</option>
                            ))}
                          </select>
                        ) : (
                          <input
                            type="number"
                            step="any"
                            aria-label={`Value of ${name}`}
                            value={state.value}
                            onInput={(event) =>
                              setHeld({ ...held, [name]: { how: 'fix', value: event.currentTarget.value } })
                            }
                          />
                        ))}
                    </span>
                  </td>
                  <td>{valueText(current)}</td>
                  <td>{rangeText(parameter)}</td>
                  <td class="quiet">{why}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {left.length > 0 && (
        <details>
          <summary>Left as they are: {left.length}</summary>
          <ul>
            {left.map(({ name, why }) => (
              <li key={name}>
                {name}: <span class="quiet">{why}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      {unknown.length > 0 && (
        <p class="quiet">Nodes that nothing is known of: {unknown.map(({ class_type: name }) => name).join(', ')}.</p>
      )}
      {hosted.length > 0 && <p>It has nodes that cost money: begin it in a terminal, with --money.</p>}
    </>
  );
}

function rangeText(parameter: ToldParameter['parameter']): string {
  if ('choices' in parameter) {
    const shown = parameter.choices.slice(0, 5).map(valueText).join(', ');
    return parameter.choices.length > 5 ? `${shown} and ${parameter.choices.length - 5} more` : shown;
  }
  const { low, high, step, log } = parameter;
  return `${valueText(low)} to ${valueText(high)}${step === undefined ? '' : ` by ${valueText(step)}`}${log ? ', by ratios' : ''}`;
}
