import { defineCommand } from '../command.ts';
import { safe } from '../output/safe.ts';

/** As every failed validation; the hook refuses the commit for this one alone. */
const REFUSED = 3;

export const command = defineCommand({
  name: 'git pre-commit',
  summary: 'Refuse staged workflows that are broken or hold conflict markers or keys',
  description:
    'Called by the hook of `cwf git install --pre-commit`. Errors of a graph that were not in the last commit are told, or refused with "validate": "block" in .cwfrc. Exit code 3 when something is refused; `git commit --no-verify` commits all the same.',
  examples: [['As the hook does', 'cwf git pre-commit']],
  hidden: true,
  async run(_input, io) {
    const { preCommit } = await import('../../src/porcelain/git-pre-commit.ts');
    const { refusals, warnings } = await preCommit(io.cwd);
    io.result('cwf.git.pre-commit/1', { refusals, warnings }, () => {
      for (const { text } of warnings) io.note(`warning: ${safe(text)}`);
      for (const { text } of refusals) io.note(`error: ${safe(text)}`);
      if (refusals.length > 0)
        io.note('hint: Mend it and `git add` it again; `git commit --no-verify` commits all the same.');
    });
    return refusals.length > 0 ? REFUSED : 0;
  },
});
