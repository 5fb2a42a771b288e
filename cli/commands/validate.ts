import { CwfError } from '../../src/base/errors.ts';
import { defineCommand } from '../command.ts';
import { count } from '../output/commits.ts';
import { jsonText } from '../output/json-out.ts';
import { writeAll } from '../output/sink.ts';

export const command = defineCommand({
  name: 'validate',
  summary: 'Judge prompts as a ComfyUI server would',
  description:
    'With --jsonl: reads lines {"name", "prompt"} from stdin (and "partial_execution_targets", as the server takes them) and writes for each {"name", "status", "error", "node_errors"}, the answer of POST /prompt of that version of ComfyUI, without a server. A line that cannot be read is answered with status null and the error LINE_INVALID; the others are judged all the same, and the exit code is 3. What is wrong with a prompt does not change the exit code. --files is a JSON object of folder -> list of names; without it every file that a prompt names counts as there.',
  examples: [
    ['One answer a line', 'cwf validate --jsonl --engine 0.33.0 < prompts.jsonl'],
    ['With the files of a server', 'cwf validate --jsonl --files files.json < prompts.jsonl'],
  ],
  streams: true,
  args: { files: { description: 'workflow files', multiple: true, complete: 'file' } },
  flags: {
    engine: {
      type: 'string',
      value: 'version',
      description: 'version of ComfyUI; the newest that is known by default',
    },
    files: { type: 'string', value: 'json', description: 'the files of the server, by folder', complete: 'file' },
  },
  async run({ args, flags }, io) {
    const usage = (reason: string) => new CwfError('USAGE', { command: 'validate', reason });
    if (io.mode !== 'jsonl') throw usage('say --jsonl and give prompts on stdin');
    if (args.files.length > 0) throw usage('--jsonl reads prompts from stdin, not from files');
    const { validateLines } = await import('../../src/porcelain/validate-lines.ts');
    const { invalid } = await validateLines(flags, {
      cwd: io.cwd,
      input: 0,
      write: (answers) => writeAll(1, Buffer.from(answers.map((one) => `${jsonText(one, 0)}\n`).join(''))),
    });
    if (invalid === 0) return 0;
    io.note(`${count(invalid, 'line')} could not be read`);
    return 3;
  },
});
