import { realpathSync } from 'node:fs';
import { CwfError } from '../../src/base/errors.ts';
import { defineCommand } from '../command.ts';
import { count } from '../output/commits.ts';
import { printSetup } from '../output/setup.ts';

export const command = defineCommand({
  name: 'git install',
  summary: 'Let plain git diff, merge and store workflows with cwf',
  description:
    'Writes the configuration and the attributes of this clone: `git diff`, `git log -p` and `git blame` show one fact per line, `git merge`, `rebase`, `cherry-pick` and `stash pop` merge node by node, `git add` stores canonical text. What is no workflow stays with git. See docs/git.md.',
  examples: [
    ['In this clone', 'cwf git install'],
    ['With a check before each commit', 'cwf git install --pre-commit'],
    ['In every repository of yours', 'cwf git install --global'],
  ],
  flags: {
    global: { type: 'boolean', description: 'in your own configuration, for every repository' },
    shared: { type: 'boolean', description: 'attributes in .gitattributes, for everybody who has cwf installed' },
    semantic: { type: 'boolean', description: '`git diff` lists edits, as `cwf diff` does, in place of lines' },
    'pre-commit': { type: 'boolean', description: 'refuse broken workflows, conflict markers and keys' },
  },
  async run({ flags }, io) {
    for (const other of ['shared', 'pre-commit'] as const) {
      if (!flags.global || !flags[other]) continue;
      throw new CwfError('USAGE', { command: 'git install', reason: `--global and --${other} exclude each other` });
    }
    const script = realpathSync(process.argv[1]!);
    const { gitInstall } = await import('../../src/porcelain/git-install.ts');
    const out = await gitInstall({
      cwd: io.cwd,
      env: io.env,
      program: { node: process.execPath, script },
      isGlobal: flags.global,
      isShared: flags.shared,
      isSemantic: flags.semantic,
      hasPreCommit: flags['pre-commit'],
    });
    io.result('cwf.git.install/1', out, () => printSetup(io, out.files));
    if (out.toNormalize > 0) {
      const what = `${count(out.toNormalize, 'workflow')} of the last commit ${out.toNormalize === 1 ? 'is' : 'are'} not canonical text`;
      io.note(`hint: ${what}, and will be when they change; at once: CWF_RENORMALIZE=1 git add --renormalize .`);
    }
  },
});
