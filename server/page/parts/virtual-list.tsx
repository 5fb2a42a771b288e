import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import './virtual-list.css';

/** Rows above and below what is seen that are there already when somebody scrolls. */
const BEYOND = 12;

/**
 * A list of any length of which only the rows that are seen are in the page, as a listbox: arrow keys (or j and k), Page,
 * Home and End move the choice; screen readers are told how many there are.
 */
export function VirtualList({
  label,
  count,
  rowHeight,
  current,
  onChoose,
  onOpen,
  onNearEnd,
  head,
  children,
}: {
  readonly label: string;
  readonly count: number;
  /** Pixels. */
  readonly rowHeight: number;
  /** The chosen row; -1 is none. */
  readonly current: number;
  readonly onChoose: (row: number) => void;
  /** Enter, or a double click. */
  readonly onOpen?: (row: number) => void;
  /** The last rows are seen: now more may be loaded. */
  readonly onNearEnd?: () => void;
  /** Stands above the rows. */
  readonly head?: ComponentChildren;
  readonly children: (row: number) => ComponentChildren;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 600 });
  const first = Math.max(0, Math.floor(seen.top / rowHeight) - BEYOND);
  const last = Math.min(count, Math.ceil((seen.top + seen.height) / rowHeight) + BEYOND);

  useEffect(() => {
    const element = box.current!;
    const measure = (): void => setSeen({ top: element.scrollTop, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (last >= count - BEYOND) onNearEnd?.();
  }, [last, count]);
  useEffect(() => {
    const element = box.current!;
    if (current < 0) return;
    const top = current * rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + element.clientHeight)
      element.scrollTop = top + rowHeight - element.clientHeight;
  }, [current]);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(seen.height / rowHeight) - 1);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      j: 1,
      ArrowUp: -1,
      k: -1,
      PageDown: page,
      PageUp: -page,
      Home: -count,
      End: count,
    };
    if (event.key === 'Enter' && current >= 0) onOpen?.(current);
    else if (Object.hasOwn(steps, event.key))
      onChoose(Math.min(count - 1, Math.max(0, current < 0 ? 0 : current + steps[event.key]!)));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const id = (row: number): string => `${label.replaceAll(/\W/g, '-')}-${row}`;
  return (
    <div class="virtual-frame">
      {head}
      <div
        ref={box}
        class="virtual"
        role="listbox"
        tabIndex={0}
        aria-label={label}
        aria-activedescendant={current >= first && current < last ? id(current) : undefined}
        onScroll={(event) => setSeen({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })}
        onKeyDown={onKeyDown}
      >
        <div class="virtual-all" role="presentation" style={{ height: `${count * rowHeight}px` }}>
          {Array.from({ length: Math.max(0, last - first) }, (_, at) => first + at).map((row) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox has the keys of all its rows
            <div
              key={row}
              id={id(row)}
              class={row === current ? 'virtual-row is-current' : 'virtual-row'}
              role="option"
              tabIndex={-1}
              aria-selected={row === current}
              aria-setsize={count}
              aria-posinset={row + 1}
              style={{ top: `${row * rowHeight}px`, height: `${rowHeight}px` }}
              onClick={() => {
                onChoose(row);
                box.current?.focus();
              }}
              onDblClick={() => onOpen?.(row)}
            >
              {children(row)}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
