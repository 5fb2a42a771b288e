import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Dialog } from './dialog.tsx';

/** What a key does. */
export interface KeyAction {
  readonly label: string;
  run(): void;
}

/** Keys by their names (`n`, `ArrowDown`, `g 1` for one after the other). */
export type Keys = Readonly<Record<string, KeyAction>>;

const layers = new Set<{ current: Keys }>();
/** The second key of two comes within so many milliseconds. */
const PAIR_MS = 1200;
let first: { readonly key: string; readonly time: number } | undefined;

/** Binds keys while the component is there; what is typed into a field is no key. The last that bound one has it. */
export function useKeys(keys: Keys): void {
  const layer = useRef(keys);
  layer.current = keys;
  // As soon as what they belong to can be seen, not some frames later.
  useLayoutEffect(() => {
    layers.add(layer);
    return () => void layers.delete(layer);
  }, []);
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const target = event.target as HTMLElement | null;
  if (target?.closest('input, textarea, select, [contenteditable], dialog[open] input')) return;
  const pair = first !== undefined && event.timeStamp - first.time < PAIR_MS ? `${first.key} ${event.key}` : undefined;
  first = { key: event.key, time: event.timeStamp };
  const action = (pair === undefined ? undefined : actionOf(pair)) ?? actionOf(event.key);
  if (!action) return;
  first = undefined;
  event.preventDefault();
  action.run();
}

function actionOf(key: string): KeyAction | undefined {
  return [...layers].reverse().find((layer) => Object.hasOwn(layer.current, key))?.current[key];
}

/** The button and dialog that tell what keys there are, and the ear for all of them. */
export function KeyHelp() {
  const [isOpen, setOpen] = useState(false);
  useKeys({ '?': { label: 'Show the keys', run: () => setOpen(true) } });
  useLayoutEffect(() => {
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  const all = isOpen ? [...layers].flatMap((layer) => Object.entries(layer.current)) : [];
  return (
    <>
      <button type="button" class="plain" aria-label="Keys" title="Keys (?)" onClick={() => setOpen(true)}>
        ?
      </button>
      <Dialog title="Keys" isOpen={isOpen} onClose={() => setOpen(false)}>
        <dl class="keys">
          {all.map(([key, { label }]) => (
            <div key={key}>
              <dt>
                {key.split(' ').map((part) => (
                  <kbd key={part}>{part}</kbd>
                ))}
              </dt>
              <dd>{label}</dd>
            </div>
          ))}
        </dl>
      </Dialog>
    </>
  );
}
