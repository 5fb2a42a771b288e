import type { ShowCommit } from '../../src/porcelain/show.ts';
import { defineCommand } from '../command.ts';
import type { Io } from '../io.ts';
import { printChanges } from '../output/changes.ts';
import { date } from '../output/commits.ts';
import { printFacts } from '../output/notes.ts';
import { safe, safeLines } from '../output/safe.ts';

export const command = defineCommand({
  name: 'show',
  summary: 'Show a commit, or a file in it',
  examples: [
    ['The last commit', 'cwf show'],
    ['A workflow as it was', 'cwf show HEAD~2:portrait.json > old.json'],
  ],
  paged: true,
  args: { what: { description: 'revision, or <revision>:<file>', complete: 'revision' } },
  flags: { presentation: { type: 'boolean', description: 'also list moved, resized and recoloured nodes' } },
  async run({ args, flags }, io) {
    const ctx = await io.open();
    const { show } = await import('../../src/porcelain/show.ts');
    const out = await show.run(ctx, { what: args.what });
    io.result('cwf.show/1', out, () => {
      if (out.kind === 'file') io.print(out.text.replace(/\n$/, ''));
      else printCommit(io, out, flags.presentation);
    });
  },
});

function printCommit(io: Io, commit: ShowCommit, presentation: boolean): void {
  const { color } = io;
  const { author, committer, actor, op } = commit;
  io.print(color.yellow(`commit ${commit.oid}`));
  if (commit.parents.length > 1) io.print(`merge of ${commit.parents.map((oid) => oid.slice(0, 8)).join(', ')}`);
  io.print(`author ${safe(author.name)} <${safe(author.email)}>, ${date(author)}`);
  const other = committer.name !== author.name || committer.email !== author.email;
  if (other) io.print(`committed by ${safe(committer.name)} <${safe(committer.email)}>, ${date(committer)}`);
  const by = actor === undefined || actor === 'person' ? '' : ` by ${actor}`;
  io.print(op === undefined ? 'made with plain git' : safe(`made with cwf ${op}${by}`));
  io.print();
  io.print(`    ${color.bold(safe(commit.subject))}`);
  if (commit.body !== '') io.print(`\n${safeLines(commit.body).replace(/^/gm, '    ')}`);
  if (commit.resolved.length > 0) io.print();
  for (const { id, choice } of commit.resolved) io.print(`    resolved ${safe(id)}: ${choice}`);
  if (commit.notes.length > 0) io.print();
  printFacts(io, commit.notes);
  if (commit.files.length > 0) io.print();
  printChanges(io, commit.files, { presentation, words: true });
}
