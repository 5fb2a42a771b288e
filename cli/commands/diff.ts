import { CwfError } from '../../src/base/errors.ts';
import type { ChangedFile } from '../../src/porcelain/diff-view.ts';
import { defineCommand } from '../command.ts';
import type { Io } from '../io.ts';
import { printChanges } from '../output/changes.ts';
import { safe } from '../output/safe.ts';

const FORMATS = ['text', 'json', 'html', 'svg', 'patch', 'edits'] as const;
type Format = (typeof FORMATS)[number];

interface Flags {
  readonly format: Format | undefined;
  readonly patch: boolean;
  readonly stat: boolean;
  readonly presentation: boolean;
}

export const command = defineCommand({
  name: 'diff',
  summary: 'Show changes in nodes, inputs and links',
  description:
    'Compares the last commit with the working tree, a revision with the working tree (<rev>), or two revisions (<a>..<b>, <a>...<b> from their merge base). Two words that both name a document (a .json or image file, <rev>:<path>, - for stdin) are compared with each other, also without a repository and across formats; after -- files only limit what is compared. Moved and recoloured nodes are only counted, and are no change to --exit-code; nor are new ids or another order.',
  examples: [
    ['What would be committed', 'cwf diff'],
    ['Two revisions, one file', 'cwf diff main~3..main portrait.json'],
    ['Two files, wherever they are', 'cwf diff ../old.json output/ComfyUI_00012_.png'],
    ['A file and how it was', 'cwf diff HEAD~2:portrait.json portrait.json'],
    ['What became of two files since the last commit', 'cwf diff -- a.json b.json'],
    ['As a page with a picture', 'cwf diff --format html HEAD~1 > changes.html'],
    ['As RFC 6902 patches', 'cwf diff --patch HEAD~1'],
  ],
  paged: true,
  args: { what: { description: 'revisions, then files; or two documents', multiple: true, complete: 'revision' } },
  rest: 'files',
  flags: {
    format: {
      type: 'string',
      options: FORMATS,
      description: 'text; json; a page (html) or picture (svg); RFC 6902 patch or typed edits over the keyed form',
    },
    stat: { type: 'boolean', description: 'only count the edits of each file' },
    patch: { type: 'boolean', char: 'p', description: 'print RFC 6902 patches: --format patch' },
    presentation: { type: 'boolean', description: 'also list moved, resized and recoloured nodes' },
    'exit-code': { type: 'boolean', description: 'exit with 1 when a graph changed' },
  },
  async run({ args, flags, rest }, io) {
    const format = formatOf(flags, io);
    const view = format === 'text' ? undefined : format === 'json' ? (flags.patch ? 'patch' : undefined) : format;
    const { nameDocuments, diffDocuments } = await import('../../src/porcelain/diff-documents.ts');
    if (rest.length === 0 && nameDocuments(args.what, io.cwd)) {
      const { now } = Date;
      const world = { cwd: io.cwd, now, stdin: () => process.stdin, open: () => io.open() };
      const out = await diffDocuments({ words: args.what, view }, world);
      print(io, out, format, flags, true);
      const { describeRemark } = await import('../../src/porcelain/convert.ts');
      for (const { name, remarks } of format === 'json' ? [] : [out.a, out.b])
        for (const one of remarks) io.note(`${one.severity}: ${safe(name)}: ${safe(describeRemark(one))}`);
      return flags['exit-code'] && out.graphChanged ? 1 : 0;
    }
    const ctx = await io.open();
    const { diff } = await import('../../src/porcelain/diff.ts');
    const out = await diff.run(ctx, { words: args.what, files: rest, view });
    print(io, out, format, flags, false);
    for (const { message } of out.broken) io.note(`left out: ${message}`);
    return flags['exit-code'] && out.graphChanged ? 1 : 0;
  },
});

/** `--json` and `--patch` are short forms; together they are JSON that holds the patch. */
function formatOf({ format, patch }: Flags, { mode }: Io): Format {
  const short = mode === 'json' ? 'json' : patch ? 'patch' : undefined;
  if (format !== undefined && short !== undefined && format !== short && !(format === 'json' && short === 'patch')) {
    const reason = `--format ${format} and --${short} contradict each other`;
    throw new CwfError('USAGE', { command: 'diff', reason });
  }
  return short === 'patch' && format === 'json' ? 'json' : (format ?? short ?? 'text');
}

/** A pair of documents is one file: its patch and edits then stand alone. */
function print(
  io: Io,
  out: { readonly files: readonly ChangedFile[]; readonly picture?: string },
  format: Format,
  flags: Flags,
  isPair: boolean,
): void {
  if (format === 'json') io.json({ schema: 'cwf.diff/1', ...out });
  else if (format === 'svg' || format === 'html') io.print(out.picture!.trimEnd());
  else if (format === 'patch' || format === 'edits') {
    if (isPair) io.json(out.files[0]?.[format] ?? []);
    else for (const { file, [format]: data } of out.files) if (data) io.json({ file, [format]: data });
  } else if (io.mode === 'porcelain') {
    for (const { file, kind, lines } of out.files) {
      if (lines.length === 0) io.print(`${kind}\t${safe(file)}`);
      for (const line of lines)
        io.print(`${line.presentation ? 'presentation' : kind}\t${safe(file)}\t${safe(line.text)}`);
    }
  } else printChanges(io, out.files, { presentation: flags.presentation, stat: flags.stat, words: true });
}
