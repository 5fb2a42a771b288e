import { defineCommand } from '../command.ts';
import { count } from '../output/commits.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'convert',
  summary: 'Write workflows in another format',
  description:
    "Makes of a workflow, as ComfyUI's page saves it, the API format (prompt) that the page would send; of a prompt, with --to ui, a workflow for the page, laid out anew. Needs no repository, no server and no browser. One file without --out goes to stdout; remarks go to stderr. A file that would lose something is refused (exit code 3), the others are written all the same. --embed puts one workflow and its prompt into a PNG, as ComfyUI does; cwf import reads them again.",
  examples: [
    ['To stdout', 'cwf convert portrait.json --to api'],
    ['Many files into a folder', 'cwf convert *.json --to api --out prompts'],
    ['A prompt for the page', 'cwf convert prompt.json --to ui --out portrait.json'],
    ['Into an image, which is made where there is none', 'cwf convert portrait.json --embed portrait.png'],
  ],
  args: { files: { description: 'workflow files', required: true, multiple: true, complete: 'file' } },
  flags: {
    to: { type: 'string', options: ['api', 'ui'], default: 'api', description: 'the format to write' },
    out: { type: 'string', char: 'o', value: 'path', description: 'folder, or for one file a name ending in .json' },
    embed: { type: 'string', value: 'image', description: 'PNG to put the workflow into', complete: 'file' },
    'allow-secrets': { type: 'boolean', description: 'embed values that look like keys or passwords' },
    catalog: {
      type: 'string',
      value: 'file',
      description: "a server's /object_info instead of the shipped definitions",
    },
  },
  async run({ args, flags }, io) {
    const { convert, describeRemark } = await import('../../src/porcelain/convert.ts');
    const world = { cwd: io.cwd, now: Date.now };
    const { files: names } = args;
    const { to, out: target, embed: image, catalog } = flags;
    const out =
      image === undefined
        ? convert({ files: names, to, out: target, catalog }, world)
        : (await import('../../src/porcelain/embed.ts')).embed(
            { files: names, image, out: target, catalog, allowSecrets: flags['allow-secrets'] },
            world,
          );
    const [only, ...others] = out.files;
    if (only?.error && others.length === 0) throw only.error;
    const files = out.files.map(({ error, ...file }) => ({
      ...file,
      ...(error ? { error: { ...error.toJSON().error, message: error.message } } : {}),
    }));
    const refused = out.files.filter(({ error }) => error !== undefined);
    io.result('cwf.convert/1', { to: out.to, files }, () => {
      for (const { file, diagnostics, error } of out.files) {
        for (const one of diagnostics) io.note(`${one.severity}: ${safe(file)}: ${safe(describeRemark(one))}`);
        if (error && diagnostics.every(({ severity }) => severity !== 'error'))
          io.note(`error: ${safe(error.message)}`);
      }
      // As JSON: what a terminal must not see is escaped in a way that a reader undoes.
      if (only?.document !== undefined) io.json(only.document);
      for (const { out: written } of out.files) if (written !== undefined) io.print(safe(written));
      if (others.length > 0) {
        const converted = `${count(out.files.length - refused.length, 'file')} converted`;
        io.note(refused.length > 0 ? `${converted}, ${refused.length} refused` : converted);
      }
    });
    return refused.length > 0 ? 3 : 0;
  },
});
