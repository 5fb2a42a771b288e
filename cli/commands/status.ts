import { defineCommand } from '../command.ts';
import { printChanges } from '../output/changes.ts';
import { branchName, count, short } from '../output/commits.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'status',
  summary: 'Show what changed since the last commit',
  description: 'Lists changed workflows in nodes and inputs. A moved or recoloured node is counted, not listed.',
  examples: [
    ['Everything', 'cwf status'],
    ['For scripts: one line per file', 'cwf status --porcelain'],
  ],
  args: { files: { description: 'only these files or folders', multiple: true, complete: 'file' } },
  flags: { all: { type: 'boolean', char: 'a', description: 'list every edit, and the layout' } },
  async run({ args, flags }, io) {
    const ctx = await io.open({ lazyCatalog: true });
    const { status } = await import('../../src/porcelain/status.ts');
    const out = await status.run(ctx, { files: args.files });
    io.result('cwf.status/1', out, () => {
      const { color } = io;
      if (io.mode === 'porcelain') {
        for (const { kind, file } of out.changes) io.print(`${kind}\t${safe(file)}`);
        for (const { code, file } of out.broken) io.print(`broken\t${safe(file)}\t${code}`);
        return;
      }
      const at = out.head === undefined ? 'no commit yet' : short(out.head);
      io.print(`On ${color.bold(safe(branchName(out.branch)))}, ${at}`);
      for (const what of out.inProgress) {
        const { op, rev } = out.waits ?? {};
        const text =
          what === op
            ? `The ${op} of ${safe(rev ?? '')} waits for decisions: see \`cwf conflicts\``
            : `A ${what} is under way: see \`cwf help ${what}\``;
        io.print(color.yellow(text));
      }
      if (out.changes.length > 0) {
        io.print();
        printChanges(io, out.changes, flags.all ? { presentation: true } : { most: 12 });
      }
      if (out.broken.length > 0) {
        io.print();
        io.print(color.red(`${count(out.broken.length, 'file')} cannot be read and will be left out:`));
        for (const { message } of out.broken) io.print(`  ${color.red('!')} ${safe(message)}`);
      }
      if (out.changes.length > 0) io.print(`\n${color.dim('cwf diff shows more, cwf commit records it')}`);
      else io.print(`Nothing to commit, ${count(out.workflows, 'workflow')} here`);
      if (out.workflows === 0 && out.head === undefined)
        io.print(color.dim('Save one from ComfyUI into this folder, or take one out of an image with cwf import'));
    });
  },
});
