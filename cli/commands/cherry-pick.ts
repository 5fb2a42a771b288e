import { defineCommand } from '../command.ts';
import { PICK_ARGS, PICK_FLAGS, runPick } from '../pick.ts';

export const command = defineCommand({
  name: 'cherry-pick',
  summary: 'Repeat the edits of a commit here',
  description:
    'Repeats what a commit changed on top of this branch, with its author and message. Where that meets another change of the same value no file is changed, the exit code is 4, and it waits until each decision is made with `cwf resolve`.',
  examples: [
    ['Bring one edit over', 'cwf cherry-pick trial/flux~1'],
    ['Two commits', 'cwf cherry-pick 1a2b3c4d 5e6f7a8b'],
  ],
  mutates: true,
  args: PICK_ARGS,
  flags: PICK_FLAGS,
  run: (input, io) => runPick('cherry-pick', input, io),
});
