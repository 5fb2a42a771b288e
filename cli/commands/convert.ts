import { defineCommand } from '../command.ts';
import { count } from '../output/commits.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'convert',
  summary: 'Write workflows in another format',
  description:
    "Makes of a workflow, as ComfyUI's page saves it, the API format (prompt) that the page would send. Needs no repository, no server and no browser. One file without --out goes to stdout; remarks go to stderr. A file whose prompt would lose something is refused (exit code 3), the others are written all the same.",
  examples: [
    ['To stdout', 'cwf convert portrait.json --to api'],
    ['Many files into a folder', 'cwf convert *.json --to api --out prompts'],
  ],
  args: { files: { description: 'workflow files', required: true, multiple: true, complete: 'file' } },
  flags: {
    to: { type: 'string', options: ['api'], default: 'api', description: 'the format to write' },
    out: { type: 'string', char: 'o', value: 'path', description: 'folder, or for one file a name ending in .json' },
    catalog: {
      type: 'string',
      value: 'file',
      description: "a server's /object_info instead of the shipped definitions",
    },
  },
  async run({ args, flags }, io) {
    const { convert, describeDiagnostic } = await import('../../src/porcelain/convert.ts');
    const input = { files: args.files, to: flags.to, out: flags.out, catalog: flags.catalog } as const;
    const out = convert(input, { cwd: io.cwd, now: Date.now });
    const [only, ...others] = out.files;
    if (only?.error && others.length === 0) throw only.error;
    const files = out.files.map(({ error, text, ...file }) => ({
      ...file,
      ...(text === undefined ? {} : { document: JSON.parse(text) }),
      ...(error ? { error: { ...error.toJSON().error, message: error.message } } : {}),
    }));
    const refused = out.files.filter(({ error }) => error !== undefined);
    io.result('cwf.convert/1', { to: out.to, files }, () => {
      for (const { file, diagnostics, error } of out.files) {
        for (const one of diagnostics) io.note(`${one.severity}: ${safe(file)}: ${safe(describeDiagnostic(one))}`);
        if (error && diagnostics.every(({ severity }) => severity !== 'error'))
          io.note(`error: ${safe(error.message)}`);
      }
      // As JSON: what a terminal must not see is escaped in a way that a reader undoes.
      if (only?.text !== undefined) io.json(JSON.parse(only.text));
      for (const { out: target } of out.files) if (target !== undefined) io.print(safe(target));
      if (others.length > 0) {
        const converted = `${count(out.files.length - refused.length, 'file')} converted`;
        io.note(refused.length > 0 ? `${converted}, ${refused.length} refused` : converted);
      }
    });
    return refused.length > 0 ? 3 : 0;
  },
});
