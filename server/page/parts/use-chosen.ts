import { useRef } from 'preact/hooks';

/**
 * The item of a list that is shown: the one that the address names, else the first of `ids`, and that one still when others
 * come in above. The address stays as it is: what nobody chose is no step, and must not replace one that is taken meanwhile.
 */
export function useChosen(asked: string | null, ids: readonly string[]): string | null {
  const shown = useRef<string | null>(null);
  if (asked !== null) shown.current = null;
  else if (shown.current === null || !ids.includes(shown.current)) shown.current = ids[0] ?? null;
  return asked ?? shown.current;
}
