import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import './virtual-list.css';

/** Rows above and below what is seen that are there already when somebody scrolls. */
const BEYOND = 12;
/** Rows up and down among which a row is looked for that others came in above of. */
const NEAR = 2000;

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
  keyOf,
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
  /** What a row is, wherever it stands: the list stays with it when others come in above. */
  readonly keyOf?: (row: number) => string;
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
    if (count > 0 && last >= count - BEYOND) onNearEnd?.();
  }, [last, count]);
  /** The first row that is seen. */
  const anchor = useRef<{ readonly row: number; readonly key: string } | undefined>(undefined);
  const look = (): void => {
    const { scrollTop, clientHeight } = box.current!;
    const row = Math.floor(scrollTop / rowHeight);
    // At the top, what comes in is to be seen.
    anchor.current = keyOf && row > 0 && row < count ? { row, key: keyOf(row) } : undefined;
    setSeen({ top: scrollTop, height: clientHeight });
  };
  useLayoutEffect(() => {
    const was = anchor.current;
    if (was === undefined || keyOf === undefined || (was.row < count && keyOf(was.row) === was.key)) return;
    for (let by = 1; by <= NEAR; by++)
      for (const row of [was.row + by, was.row - by])
        if (row >= 0 && row < count && keyOf(row) === was.key) {
          box.current!.scrollTop += (row - was.row) * rowHeight;
          look();
          return;
        }
  }, [children]);
  useEffect(() => {
    const element = box.current!;
    if (current < 0) return;
    const top = current * rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + element.clientHeight)
      element.scrollTop = top + rowHeight - element.clientHeight;
  }, [current < 0 ? current : (keyOf?.(current) ?? current)]);

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
  const rowOf = (row: number): VNode => (
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
  );
  // While somebody scrolls, rows that stay are not made anew: what is the same element is not compared.
  const kept = useRef<{
    readonly of: unknown;
    readonly all: number;
    readonly current: number;
    rows: Map<number, VNode>;
  }>(undefined as never);
  const before =
    kept.current?.of === children && kept.current.all === count && kept.current.current === current
      ? kept.current.rows
      : new Map<number, VNode>();
  const rows = new Map<number, VNode>();
  for (let row = first; row < last; row++) rows.set(row, before.get(row) ?? rowOf(row));
  kept.current = { of: children, all: count, current, rows };
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
        onScroll={look}
        onKeyDown={onKeyDown}
      >
        <div class="virtual-all" role="presentation" style={{ height: `${count * rowHeight}px` }}>
          {[...rows.values()]}
        </div>
      </div>
    </div>
  );
}
