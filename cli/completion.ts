import { readdirSync } from 'node:fs';
import type { Context } from '../src/porcelain/context.ts';
import type { AnyCommand, ArgSpec, Completion } from './command.ts';
import { allFlags } from './flags.ts';
import type { Io } from './io.ts';
import { resolveCommand } from './words.ts';

type Source = Pick<Io, 'commands' | 'cwd' | 'open'>;

/**
 * What could stand in place of the last word: command names, flags, values of a flag, arguments. Empty when nothing is
 * known, then the shell offers files. `open` is called only for values that live in the repository.
 */
export async function candidates(words: readonly string[], source: Source): Promise<string[]> {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const names = Object.keys(source.commands).filter((name) => !name.startsWith('_'));
  const { name, argv } = resolveCommand(before, new Set(names));
  const nextWords = wordsAfter(before, [...names, 'help']);
  const load = name === undefined ? undefined : source.commands[name];
  const own = load ? await ofCommand((await load()).command, argv, current, source) : [];
  return [...new Set([...nextWords, ...own])].filter((each) => each.startsWith(current)).sort();
}

/** Second words of topics (`op` -> `log`, `restore`) or, at the start, all first words. */
function wordsAfter(before: readonly string[], names: readonly string[]): string[] {
  const typed = before[0] === 'help' ? before.slice(1) : before;
  const prefix = typed.map((word) => `${word} `).join('');
  return names
    .filter((each) => each.startsWith(prefix))
    .map((each) => each.slice(prefix.length).split(' ')[0] as string);
}

async function ofCommand(
  command: AnyCommand,
  argv: readonly string[],
  current: string,
  source: Source,
): Promise<string[]> {
  const flags = Object.entries(allFlags(command)).filter(([, flag]) => !flag.hidden);
  if (current.startsWith('-')) return flags.map(([flag]) => `--${flag}`);
  const last = argv.at(-1) ?? '';
  const asked = flags.find(
    ([flag, { char, type }]) => type !== 'boolean' && (last === `--${flag}` || last === `-${char}`),
  );
  if (asked) {
    const [, flag] = asked;
    return flag.type === 'string' && flag.options ? [...flag.options] : values(flag.complete, source);
  }
  const args = Object.values((command.args ?? {}) as Record<string, ArgSpec>);
  const given = argv.filter((word) => !word.startsWith('-')).length;
  const arg = args[Math.min(given, args.length - 1)];
  if (!arg || (given >= args.length && !arg.multiple)) return [];
  return [...(arg.options ?? arg.suggest ?? (await values(arg.complete, source)))];
}

async function values(what: Completion | undefined, { commands, cwd, open }: Source): Promise<string[]> {
  if (what === undefined) return [];
  if (what === 'command') return Object.keys(commands).filter((name) => !name.startsWith('_'));
  try {
    if (what === 'file') return readdirSync(cwd).filter((file) => file.endsWith('.json'));
    const { repo } = await open();
    const proposals = ['proposal', 'revision'].includes(what) ? await shortRefs(repo, 'refs/cwf/proposal/') : [];
    if (what === 'proposal') return proposals;
    const branches = what === 'tag' ? [] : await shortRefs(repo, 'refs/heads/');
    const tags = what === 'branch' ? [] : await shortRefs(repo, 'refs/tags/');
    return what === 'revision'
      ? ['HEAD', ...branches, ...tags, ...proposals.map((id) => `proposal/${id}`)]
      : [...branches, ...tags];
  } catch {
    // No repository here: nothing to offer, and a TAB must never print an error.
    return [];
  }
}

async function shortRefs(repo: Context['repo'], prefix: string): Promise<string[]> {
  return (await repo.listRefs(prefix)).map(({ ref }) => ref.slice(prefix.length));
}
