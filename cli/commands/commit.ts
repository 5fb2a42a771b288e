import { defineCommand } from '../command.ts';
import { PROPOSE_FLAGS } from '../flags.ts';
import { printChanges } from '../output/changes.ts';
import { branchName, count, short } from '../output/commits.ts';
import { noteProposal } from '../output/edit.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'commit',
  summary: 'Record the changed workflows',
  description:
    'Every changed workflow goes into one commit; the files themselves are left as they are. Files that cannot be read are named and stay as they were in the last commit. Without -m the subject tells the edits.',
  examples: [
    ['Everything that changed', 'cwf commit -m "softer light"'],
    [
      'One file, proposed by an agent, with its reason',
      'cwf commit portrait.json --propose --actor agent/tuner --reason "less noise"',
    ],
  ],
  mutates: true,
  args: { files: { description: 'only these files or folders', multiple: true, complete: 'file' } },
  flags: {
    message: { type: 'string', char: 'm', value: 'text', description: 'subject, and after a line break more' },
    ...PROPOSE_FLAGS,
    'allow-secrets': { type: 'boolean', description: 'commit values that look like keys or passwords' },
  },
  async run({ args, flags }, io) {
    const ctx = await io.open();
    const { commit } = await import('../../src/porcelain/commit.ts');
    const input = {
      files: args.files,
      message: flags.message,
      reason: io.reason,
      allowSecrets: flags['allow-secrets'],
      propose: flags.propose,
      proposal: flags.proposal,
    };
    const out = await commit.run(ctx, { ...input, dryRun: io.dryRun });
    io.result('cwf.commit/1', out, () => {
      const { color } = io;
      if (io.mode === 'porcelain') {
        io.print(out.oid ?? '');
        return;
      }
      const name = out.oid === undefined ? 'would commit' : short(out.oid);
      io.print(`${color.yellow(name)} ${color.dim(`on ${safe(branchName(out.branch))}`)}  ${safe(out.subject)}`);
      if (out.files.length <= 8) printChanges(io, out.files, { most: 8 });
      else io.print(`  ${count(out.files.length, 'workflow')}`);
    });
    noteProposal(io, out);
    for (const { message } of out.broken) io.note(`left out: ${safe(message)}`);
    for (const file of out.merged) io.note(`merged with the change of another writer: ${safe(file)}`);
  },
});
