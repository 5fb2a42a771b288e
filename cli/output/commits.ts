/** The part of an oid that people read; long enough for repositories of this size. */
export function short(oid: string): string {
  return oid.slice(0, 8);
}

/** A date as its author's clock showed it: `2026-11-25 21:04 +0100`. */
export function date({ timestamp, offset }: { readonly timestamp: number; readonly offset: number }): string {
  const at = new Date((timestamp + offset * 60) * 1000);
  if (Number.isNaN(at.getTime())) return String(timestamp);
  const minutes = Math.abs(offset);
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} ${zone}`;
}

/** The name of a branch as people say it. */
export function branchName(ref: string | undefined): string {
  return ref === undefined ? 'detached HEAD' : ref.replace(/^refs\/(heads|cwf)\//, '');
}

/** A number of things in words: `1 file`, `3 files`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}
