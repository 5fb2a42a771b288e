import { defineCommand } from '../command.ts';
import { noteSpace, printSpace, scriptLines } from '../output/space.ts';

export const command = defineCommand({
  name: 'space',
  summary: 'Show what can be varied in a workflow, and within which range',
  description:
    'The parameters of a workflow by their meaning (steps, cfg or guidance, sampler, scheduler, denoise, shift, size, frames, tiles, LoRAs, filters), followed through links, switches and primitives to where the value lives, with ranges by the family of the model; what was found and is held, with the reason; and nodes that every run pays for. Of a file, <rev>:<path>, an image or - for stdin; it needs no repository. --write makes a file of it to start from, --space reads one back. docs/spaces.md has the rules.',
  examples: [
    ['What there is', 'cwf space portrait.json'],
    ['What bears on memory', 'cwf space portrait.json --for vram'],
    ['A file to start from', 'cwf space portrait.json --write space.yaml'],
    ['What that file varies', 'cwf space portrait.json --space space.yaml'],
    ['One more input', 'cwf space portrait.json --with 3.denoise'],
  ],
  paged: true,
  args: { file: { description: 'workflow file, image, <rev>:<path>, or -', required: true, complete: 'file' } },
  flags: {
    for: { type: 'string', options: ['quality', 'speed', 'vram'], description: 'only what bears on it' },
    with: { type: 'string', value: 'input', multiple: true, description: 'vary this input, too: <node>.<input>' },
    space: { type: 'string', value: 'file', complete: 'file', description: 'a space file instead of what is found' },
    write: { type: 'string', value: 'file', complete: 'file', description: 'write the space: .yaml or .json' },
  },
  async run({ args: { file }, flags }, io) {
    const { showSpace } = await import('../../src/porcelain/space.ts');
    const world = { cwd: io.cwd, now: Date.now, stdin: () => process.stdin, open: () => io.open() };
    const { with: also, space, write } = flags;
    const out = await showSpace({ file, goal: flags.for, also, space, write }, world);
    io.result('cwf.space/1', out, () => {
      if (io.mode !== 'porcelain') return printSpace(io, out);
      for (const line of scriptLines(out)) io.print(line);
    });
    noteSpace(io, out);
  },
});
