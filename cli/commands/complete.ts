import { defineCommand } from '../command.ts';
import { candidates } from '../completion.ts';

export const command = defineCommand({
  name: '__complete',
  summary: 'Print what could stand at the end of a command line',
  examples: [['Branches and tags that fit', 'cwf __complete -- switch tri']],
  hidden: true,
  rest: 'the words after `cwf`; the last one is being typed',
  async run({ rest }, io) {
    for (const candidate of await candidates(rest, io)) io.print(candidate);
  },
});
