import type { Fixer } from './fixer.ts';
import { slipsBetween } from './nearest.ts';
import { setFix, shown, subjectOf } from './subject.ts';

/** Never enough to be applied by itself: the same name in another folder may be another file. */
const SAME_NAME = 0.3;
const MOST_SHOWN = 5;

/**
 * FILE_MISSING: a file that somebody has not got is never replaced by another. Where only case, separators or the
 * folder differ, that is shown; else the nearest names are told.
 */
export const fixFile: Fixer = (diagnostic, context) => {
  const subject = subjectOf(diagnostic, context);
  const folder = subject?.declared?.options.files;
  const { value } = subject ?? {};
  if (!subject || typeof folder !== 'string' || typeof value !== 'string') return { fixes: [] };
  const names = Object.hasOwn(context.files, folder) ? context.files[folder]! : [];
  const same = names.filter((name) => baseOf(name) === baseOf(value));
  const fixes = same
    .slice(0, MOST_SHOWN)
    .map((name) => setFix(context, subject, name, 'a file of that name is there', SAME_NAME));
  if (same.length > 0)
    return {
      fixes,
      advice: `${folder} has ${same.slice(0, MOST_SHOWN).map(shown).join(', ')}: say whether that is the file`,
    };
  const near = nearNames(value, names);
  const told = near.length === 0 ? '' : `; the nearest there: ${near.map(shown).join(', ')}`;
  return { fixes: [], advice: `put ${shown(value)} into ${folder}, or choose another file${told}` };
};

function baseOf(name: string): string {
  return name
    .replaceAll('\\', '/')
    .replace(/ \[(input|output|temp)\]$/, '')
    .split('/')
    .at(-1)!
    .toLowerCase();
}

function nearNames(value: string, names: readonly string[]): string[] {
  const wanted = baseOf(value);
  const most = Math.max(3, Math.floor(wanted.length / 3));
  return names
    .map((name) => ({
      name,
      slips:
        baseOf(name).includes(wanted) || wanted.includes(baseOf(name)) ? 1 : slipsBetween(wanted, baseOf(name), most),
    }))
    .filter(({ slips }) => slips <= most)
    .sort((a, b) => a.slips - b.slips)
    .slice(0, MOST_SHOWN)
    .map(({ name }) => name);
}
