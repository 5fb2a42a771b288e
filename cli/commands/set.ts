import { CwfError } from '../../src/base/errors.ts';
import { defineCommand } from '../command.ts';
import { PROPOSE_FLAGS } from '../flags.ts';
import { noteEdit, printRecorded } from '../output/edit.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'set',
  summary: 'Change inputs of a workflow and commit',
  description:
    'An input is <node>.<input>: the node by id, title or class; inside a subgraph <subgraph>/<node>.<input>. A value is JSON, or plain text. Where a link feeds the input, the primitive it comes from is set.',
  examples: [
    ['More steps in node 3', 'cwf set portrait.json 3.steps 30'],
    ['Two inputs, with a reason', 'cwf set portrait.json KSampler.cfg 7.5 KSampler.steps 30 --reason "smoother skin"'],
    ['A text', 'cwf set portrait.json 6.text "a photo of a cat"'],
    ['Proposed by an agent', 'cwf set portrait.json 3.steps 30 --propose --actor agent/tuner'],
  ],
  mutates: true,
  args: {
    file: { description: 'workflow file', required: true, complete: 'file' },
    values: { description: 'pairs of input and value', required: true, multiple: true },
  },
  flags: {
    message: { type: 'string', char: 'm', value: 'text', description: 'subject of the commit' },
    ...PROPOSE_FLAGS,
    'allow-secrets': { type: 'boolean', description: 'commit values that look like keys or passwords' },
  },
  async run({ args, flags }, io) {
    if (args.values.length % 2 !== 0)
      throw new CwfError('USAGE', {
        command: 'set',
        reason: unpaired(args.file, args.values.at(-1)!),
      });
    const values = [];
    for (let i = 0; i < args.values.length; i += 2)
      values.push({ address: args.values[i]!, value: args.values[i + 1]! });
    const ctx = await io.open();
    const { set } = await import('../../src/porcelain/set.ts');
    const { message, propose, proposal } = flags;
    const input = { file: args.file, values, message, reason: io.reason, propose, proposal };
    const out = await set.run(ctx, { ...input, allowSecrets: flags['allow-secrets'], dryRun: io.dryRun });
    io.result('cwf.set/1', out, () => printRecorded(io, out));
    for (const { address, text } of out.followed) io.note(`${safe(address)} comes by a link: set at ${safe(text)}`);
    for (const warning of out.warnings) io.note(`warning: ${safe(warning)}`);
    noteEdit(io, out);
  },
});

/** What went wrong with words that make no pairs of input and value. */
function unpaired(file: string, last: string): string {
  if (!file.endsWith('.json')) return `${file} is no workflow file: it comes first, then inputs and values`;
  const [, address, value] = /^([^=]+)=(.*)$/s.exec(last) ?? [];
  if (address !== undefined) return `write ${last} as two words: ${address} ${value || '<value>'}`;
  return `${last} has no value: give pairs of input and value`;
}
