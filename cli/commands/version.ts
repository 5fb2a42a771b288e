import { VERSION } from '../../src/base/version.ts';
import { defineCommand } from '../command.ts';

export const command = defineCommand({
  name: 'version',
  summary: 'Print the version of cwf',
  description: 'Same as `cwf --version`.',
  examples: [
    ['Print the version', 'cwf version'],
    ['With the versions it runs on', 'cwf version --json'],
  ],
  async run(_input, io) {
    const { node, v8 } = process.versions;
    const value = { version: VERSION, node, v8, platform: `${process.platform}-${process.arch}` };
    io.result('cwf.version/1', value, () => io.print(`cwf ${VERSION}`));
  },
});
