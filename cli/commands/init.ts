import { resolve } from 'node:path';
import { defineCommand } from '../command.ts';
import { branchName, count } from '../output/commits.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'init',
  summary: 'Start a history in a folder of workflows',
  description: 'Makes a git repository, or moves into the one that is there. Files are left as they are.',
  examples: [
    ['In the current folder', 'cwf init'],
    ['In another one', 'cwf init my-workflows'],
  ],
  args: { folder: { description: 'folder to start in' } },
  async run({ args }, io) {
    const { init } = await import('../../src/porcelain/init.ts');
    const out = await init(resolve(io.cwd, args.folder ?? '.'), io.env);
    io.result('cwf.init/1', out, () => {
      const verb = out.created
        ? 'Started a history'
        : out.known
          ? 'There is a history already'
          : 'cwf moved into the repository';
      io.print(`${verb} in ${safe(out.workDir)}, on ${safe(branchName(out.branch))}`);
      if (out.uncommitted > 0)
        io.print(`${count(out.uncommitted, 'workflow')} to commit: cwf commit -m "as downloaded"`);
    });
  },
});
