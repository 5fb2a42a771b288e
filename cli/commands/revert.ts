import { defineCommand } from '../command.ts';
import { PICK_ARGS, PICK_FLAGS, runPick } from '../pick.ts';

export const command = defineCommand({
  name: 'revert',
  summary: 'Take back the edits of a commit',
  description:
    'Takes back what one past commit changed and keeps what came later. Where a later edit touched the same value no file is changed, the exit code is 4, and it waits until each decision is made with `cwf resolve`.',
  examples: [
    ['Take back one commit', 'cwf revert 1a2b3c4d'],
    ['Take back a merge, keeping the first side', 'cwf revert HEAD -m 1'],
  ],
  mutates: true,
  args: PICK_ARGS,
  flags: PICK_FLAGS,
  run: (input, io) => runPick('revert', input, io),
});
