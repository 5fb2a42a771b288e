import type { Operation, RefChange } from '../../../src/io/repo/types.ts';

/** Groups of refs that people know by other words. */
const KINDS = [
  [/^refs\/heads\/(.+)$/, 'branch'],
  [/^refs\/tags\/(.+)$/, 'tag'],
  [/^refs\/remotes\/(.+)$/, 'remote branch'],
  [/^refs\/notes\/cwf\/(.+)$/, 'notes'],
  [/^refs\/cwf\/proposal\/(.+)$/, 'proposal'],
  [/^refs\/cwf\/study\/(.+)$/, 'study'],
  [/^refs\/cwf\/trial\/(.+)$/, 'trial'],
  [/^refs\/cwf\/(protect)$/, 'rules'],
  [/^refs\/cwf\/catalog\/(.{10}).*$/, 'catalog'],
] as const;
/** Branches and tags. */
const FIRST = 2;

/** What a ref is, and its name: `branch main`. */
export function refWords(ref: string): { readonly kind: string; readonly name: string } {
  for (const [pattern, kind] of KINDS) {
    const name = pattern.exec(ref)?.[1];
    if (name !== undefined) return { kind, name };
  }
  return { kind: '', name: ref };
}

/** Where a ref stood or stands, in short. */
export function placeWords(value: string | null): string {
  if (value === null) return 'nothing';
  return value.startsWith('ref: ') ? refWords(value.slice(5)).name : value.slice(0, 10);
}

/** What became of a ref. */
export function moveWords({ old, new: now }: RefChange): 'made' | 'gone' | 'moved' {
  return old === null ? 'made' : now === null ? 'gone' : 'moved';
}

/** What an operation touched, the most telling first: branches, tags, files, then the rest, by their names. */
export function touched({ refs, files }: Pick<Operation, 'refs' | 'files'>): string[] {
  const rank = (ref: string): number => {
    const at = KINDS.findIndex(([pattern]) => pattern.test(ref));
    return at < 0 ? KINDS.length : at;
  };
  const sorted = [...refs].sort((a, b) => rank(a.ref) - rank(b.ref));
  const isFirst = ({ ref }: RefChange): boolean => rank(ref) < FIRST || ref === 'HEAD';
  const word = ({ ref, new: now }: RefChange): string => {
    const { kind, name } = refWords(ref);
    if (ref === 'HEAD') return `HEAD → ${placeWords(now)}`;
    return kind === 'branch' || kind === '' ? name : `${kind} ${name}`;
  };
  return [
    ...sorted.filter(isFirst).map(word),
    ...files.map(({ path }) => path),
    ...sorted.filter((one) => !isFirst(one)).map(word),
  ];
}
