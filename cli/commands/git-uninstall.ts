import { defineCommand } from '../command.ts';
import { printSetup } from '../output/setup.ts';

export const command = defineCommand({
  name: 'git uninstall',
  summary: 'Take out what `cwf git install` wrote',
  description: 'Every file is again what it was before, byte for byte; commits and working files stay as they are.',
  examples: [
    ['In this clone', 'cwf git uninstall'],
    ['In your own configuration', 'cwf git uninstall --global'],
  ],
  flags: { global: { type: 'boolean', description: 'in your own configuration' } },
  async run({ flags }, io) {
    const { gitUninstall } = await import('../../src/porcelain/git-install.ts');
    const files = gitUninstall({ cwd: io.cwd, env: io.env, isGlobal: flags.global });
    io.result('cwf.git.uninstall/1', { files }, () => {
      if (files.length === 0) io.print('Nothing of cwf is installed here');
      else printSetup(io, files);
    });
  },
});
