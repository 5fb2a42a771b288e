import { CwfError } from '../../src/base/errors.ts';
import { jsonText } from '../../src/base/json-out.ts';
import { defineCommand } from '../command.ts';
import { DEFINITION_FLAGS } from '../flags.ts';
import type { Io } from '../io.ts';
import { count } from '../output/commits.ts';
import { printFindings } from '../output/diagnostics.ts';
import { safe } from '../output/safe.ts';
import { writeAll } from '../output/sink.ts';

export const command = defineCommand({
  name: 'validate',
  summary: 'Find every fault of workflows, without a server',
  description:
    'Judges API and UI files, images that hold a workflow, <rev>:<path> and - for stdin, all at once and offline: classes, inputs, values, links, types, cycles, subgraphs. A UI file is judged by the prompt that ComfyUI\'s page would send, and every finding names its place in the file. Stricter than the server: what it accepts and cannot run is an error too. Exit code 3 when there is an error. docs/diagnostics.md lists all findings. With --jsonl and no file it answers as the server would: lines {"name", "prompt"} on stdin, {"name", "status", "error", "node_errors"} for each, whatever the verdict; a line that cannot be read is answered with LINE_INVALID, and the exit code is 3.',
  examples: [
    ['One file', 'cwf validate portrait.json'],
    ['All files, errors only', 'cwf validate --severity error *.json'],
    ['As it was, and an image', 'cwf validate HEAD~2:portrait.json output/ComfyUI_00012_.png'],
    [
      'By your own server',
      'curl -s http://127.0.0.1:8188/object_info > info.json; cwf validate --object-info info.json portrait.json',
    ],
    ["The server's own answer to each of many prompts", 'cwf validate --jsonl --engine 0.33.0 < prompts.jsonl'],
    ['With the files that the server has', 'cwf validate --files models.json portrait.json'],
  ],
  paged: true,
  streams: true,
  args: {
    files: {
      description: 'workflow files, images, <rev>:<path>, or - for stdin',
      multiple: true,
      complete: 'file',
    },
  },
  flags: {
    fixes: { type: 'boolean', description: 'tell what would cure each finding, and what to decide' },
    severity: {
      type: 'string',
      options: ['error', 'warning', 'info'],
      default: 'info',
      description: 'the least severity to tell',
    },
    ...DEFINITION_FLAGS,
  },
  async run({ args, flags }, io) {
    if (args.files.length === 0) return answerLines(flags, io);
    const { adviceFor, validateFiles } = await import('../../src/porcelain/validate.ts');
    const { now } = Date;
    const out = await validateFiles(
      {
        files: args.files,
        lists: flags.files,
        engine: flags.engine,
        objectInfo: flags['object-info'],
        severity: flags.severity,
        fixes: flags.fixes,
      },
      { cwd: io.cwd, now, stdin: () => process.stdin, open: () => io.open() },
    );
    const refused = out.files.filter(({ error }) => error !== undefined).length;
    const files = out.files.map(({ error, ...file }) => ({
      ...file,
      ...(error ? { error: { ...error.toJSON().error, message: error.message } } : {}),
    }));
    io.result('cwf.validate/1', { ...out, files }, () => {
      for (const file of out.files) {
        if (file.error) io.note(`error: ${safe(file.error.message)}`);
        else printFindings(io, file, adviceFor);
      }
      if (out.files.length < 2) return;
      const judged = `${count(out.files.length - refused, 'file')}: ${count(out.errors, 'error')}, ${count(out.warnings, 'warning')}`;
      io.note(refused > 0 ? `${judged}, ${refused} not read` : judged);
    });
    return out.errors > 0 || refused > 0 ? 3 : 0;
  },
});

/** One answer of the server for each line of stdin. */
async function answerLines(flags: { readonly engine?: string; readonly files?: string }, io: Io): Promise<number> {
  if (io.mode !== 'jsonl')
    throw new CwfError('USAGE', {
      command: 'validate',
      reason: 'name a file, or say --jsonl and give prompts on stdin',
    });
  const { validateLines } = await import('../../src/porcelain/validate-lines.ts');
  const { invalid } = await validateLines(flags, {
    cwd: io.cwd,
    input: 0,
    write: (answers) => writeAll(1, Buffer.from(answers.map((one) => `${jsonText(one, 0)}\n`).join(''))),
  });
  if (invalid === 0) return 0;
  io.note(`${count(invalid, 'line')} could not be read`);
  return 3;
}
