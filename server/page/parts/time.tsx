const STEPS = [
  [60, 'second'],
  [60, 'minute'],
  [24, 'hour'],
  [7, 'day'],
  [4.35, 'week'],
  [12, 'month'],
  [Number.POSITIVE_INFINITY, 'year'],
] as const;
/** Kept: each of its own costs more than the rest of a row. */
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const WORDS = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'narrow' });

/** A time, as how long ago it is; the exact one is in its title. `seconds` since 1970. */
export function Ago({ seconds }: { readonly seconds: number }) {
  const date = new Date(seconds * 1000);
  let amount = seconds - Date.now() / 1000;
  for (const [size, unit] of STEPS) {
    if (Math.abs(amount) < size)
      return (
        <time dateTime={date.toISOString()} title={EXACT.format(date)}>
          {WORDS.format(Math.round(amount), unit)}
        </time>
      );
    amount /= size;
  }
  return null;
}
