import { CwfError } from '../../src/base/errors.ts';
import type { ProtectInput, ProtectOutput } from '../../src/porcelain/protect.ts';
import { defineCommand } from '../command.ts';
import type { Io } from '../io.ts';
import { count } from '../output/commits.ts';
import { pad, safe, width } from '../output/safe.ts';

export const command = defineCommand({
  name: 'protect',
  summary: 'Protect branches from agents',
  description:
    'No agent (--actor agent/<name>) moves, makes or deletes a protected branch, whatever the command: it proposes, and a person merges. Without a rule nothing is protected; @default stands for the branch that origin/HEAD names, main and master. * stands for a part of a name without slashes, ** for any. The rules lie in refs/cwf/protect, where no edit of a file reaches them; fetch and push that ref to share them. docs/review.md explains it.',
  examples: [
    ['The default branch: agents propose, people merge', 'cwf protect @default'],
    ['The rules', 'cwf protect --list'],
    ['One approval and no new fault', 'cwf protect main --require approvals=1,checks=validate'],
    ['Release branches, for every check', 'cwf protect "release/*" --require checks=validate+reach'],
    ['Let agents commit there again', 'cwf protect --remove @default'],
  ],
  mutates: true,
  args: { branch: { description: 'branch, pattern, or @default', complete: 'branch' } },
  flags: {
    require: {
      type: 'string',
      value: 'what',
      description: 'what a proposal needs: approvals=<number>, checks=<name>+<name> (validate, reach)',
    },
    list: { type: 'boolean', char: 'l', description: 'list the rules' },
    remove: { type: 'boolean', description: 'take the rule away' },
  },
  async run({ args, flags }, io) {
    const { branch } = args;
    if (flags.list && (branch !== undefined || flags.remove || flags.require !== undefined))
      throw invalid('--list takes nothing else');
    if (branch === undefined && (flags.remove || flags.require !== undefined)) throw invalid('which branch?');
    if (flags.remove && flags.require !== undefined) throw invalid('--remove and --require exclude each other');
    const ctx = await io.open({ lazyCatalog: true });
    const { protect } = await import('../../src/porcelain/protect.ts');
    const wants = demandIn(flags.require);
    const out = await protect.run(ctx, { branch, remove: flags.remove, ...wants, dryRun: io.dryRun });
    io.result('cwf.protect/1', out, () => print(io, out));
  },
});

function print(io: Io, { rules, branches, defaultBranch }: ProtectOutput): void {
  if (io.mode === 'porcelain') {
    for (const { branch, approvals, checks } of rules) io.print([branch, approvals, checks.join('+')].join('\t'));
    return;
  }
  if (rules.length === 0)
    io.print('Nothing is protected: agents may change every branch; `cwf protect @default` changes that');
  const widest = Math.max(0, ...rules.map(({ branch }) => width(safe(branch))));
  for (const { branch, approvals, checks } of rules) {
    const asks = [
      ...(approvals > 0 ? [count(approvals, 'approval')] : []),
      ...(checks.length > 0 ? [`checks ${checks.join(', ')}`] : []),
    ];
    const what = asks.length === 0 ? 'a proposal, merged by a person' : `a proposal with ${asks.join(' and ')}`;
    const whose = branch === '@default' ? io.color.dim(` (${safe(defaultBranch ?? 'every branch')})`) : '';
    io.print(`${io.color.bold(pad(safe(branch), widest))}${whose}  agents need ${what}`);
  }
  const names = branches.map(({ name }) => safe(name));
  if (rules.length > 0) io.print(io.color.dim(`protected now: ${names.join(', ') || 'no branch there is'}`));
}

/** `approvals=1,checks=validate+reach` */
function demandIn(text: string | undefined): Pick<ProtectInput, 'approvals' | 'checks'> {
  const out: { approvals?: number; checks?: string[] } = {};
  for (const part of text?.split(',') ?? []) {
    const [, name, value = ''] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(part) ?? [];
    if (name === 'approvals') {
      if (!/^\d{1,3}$/.test(value)) throw invalid(`approvals are a whole number, not ${value || 'nothing'}`);
      out.approvals = Number(value);
    } else if (name === 'checks') out.checks = value.split('+').filter((check) => check !== '' && check !== 'none');
    else throw invalid(`${part.trim() || 'nothing'} is no demand; there are approvals=<number> and checks=<names>`);
  }
  return out;
}

function invalid(reason: string): CwfError {
  return new CwfError('PROTECT_INVALID', { reason });
}
