import { useLayoutEffect, useState } from 'preact/hooks';

/** Where the page stands: a view, what it shows, and how. It is the fragment of the address: `#/compare/a..b?mode=overlay`. */
export interface Route {
  /** `history`, `compare`, ...: '' for the first view. */
  readonly view: string;
  /** The rest of the path, decoded. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

/** Reads the fragment of an address, with or without its `#`. What is no address is the first view. */
export function readRoute(fragment: string): Route {
  const [path = '', query = ''] = split(fragment.replace(/^#?\/?/, ''), '?');
  const [view = '', ...parts] = path.split('/').map(decode);
  return { view, parts: parts.filter((part) => part !== ''), query: new URLSearchParams(query) };
}

/** The fragment of a route; `readRoute` reads it back. */
export function toRoute(
  view: string,
  parts: readonly string[] = [],
  query: Readonly<Record<string, string>> = {},
): string {
  const path = [view, ...parts].map(encodeURIComponent).join('/');
  const text = new URLSearchParams(query).toString();
  return `#/${path}${text === '' ? '' : `?${text}`}`;
}

/** Goes to a route; `replace` leaves no step back, for filters and the like. */
export function go(route: string, replace = false): void {
  if (replace) {
    history.replaceState(null, '', route);
    dispatchEvent(new HashChangeEvent('hashchange'));
  } else location.hash = route;
}

/**
 * Changes the query of an address that was shown, null takes a value away: by the address as it is now, which may be ahead of
 * what was drawn, so that two changes within one frame both hold. Where somebody has left for another one it does nothing.
 */
export function adjust(
  shown: Pick<Route, 'view' | 'parts'>,
  changes: Readonly<Record<string, string | null>>,
  replace = false,
): void {
  const { view, parts, query } = readRoute(location.hash);
  if (view !== shown.view || parts.join('/') !== shown.parts.join('/')) return;
  const values = { ...Object.fromEntries(query), ...changes };
  const kept = Object.entries(values).filter((entry): entry is [string, string] => (entry[1] ?? '') !== '');
  go(toRoute(view, parts, Object.fromEntries(kept)), replace);
}

/** The route of the address, as it changes. */
export function useRoute(): Route {
  const [route, setRoute] = useState(() => readRoute(location.hash));
  // Before anything is painted: a link that is seen already must lead somewhere.
  useLayoutEffect(() => {
    const onChange = (): void => setRoute(readRoute(location.hash));
    addEventListener('hashchange', onChange);
    return () => removeEventListener('hashchange', onChange);
  }, []);
  return route;
}

function split(text: string, mark: string): [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
