import { CwfError, isCwfError } from '../../src/base/errors.ts';
import type { Context } from '../../src/porcelain/context.ts';
import type { EditInput } from '../../src/porcelain/edit.ts';
import {
  callOf,
  type FlagWords,
  isGiven,
  transformFlags,
  transformShapes,
} from '../../src/porcelain/transform-words.ts';
import { defineCommand, type FlagSpec, type FlagSpecs } from '../command.ts';
import { PROPOSE_FLAGS } from '../flags.ts';
import type { Io } from '../io.ts';
import { printChanges } from '../output/changes.ts';
import { noteEdit, printRecorded } from '../output/edit.ts';
import { writeAll } from '../output/sink.ts';

const OWN = {
  ops: { type: 'string', value: 'file', description: 'transforms from a JSON file, or - for stdin', complete: 'file' },
  message: { type: 'string', char: 'm', value: 'text', description: 'subject of the commit' },
  strict: { type: 'boolean', description: 'refuse an edit that brings errors; else they are told' },
  out: {
    type: 'string',
    char: 'o',
    value: 'file',
    description: 'write the result there, - for stdout, and commit nothing',
  },
  ...PROPOSE_FLAGS,
  'allow-secrets': { type: 'boolean', description: 'commit values that look like keys or passwords' },
} as const satisfies FlagSpecs;

export const command = defineCommand({
  name: 'edit',
  summary: 'Change the graph of a workflow by name and commit',
  description:
    'Checked by the catalog, written with ids, defaults and places as ComfyUI makes them; files of the page and prompts, the root and subgraphs. A node is an id, a title or a class, inside a subgraph <subgraph>/<node>; an input <node>.<input>, an output <node>.<output>. With --ops several at once, all or none: a JSON list or a line each of {"op": "<transform>", "args": {"<name>": <value>}}. A value is JSON or plain text, in a file of --ops JSON as it stands. With --out no repository is needed. docs/editing.md has the rules.',
  examples: [
    ['A node, linked', 'cwf edit portrait.json add-node LoadImage --set image=pose.png --title Pose'],
    ['A link', 'cwf edit portrait.json connect 4.MODEL 3.model'],
    [
      'A LoRA between the model and all that uses it',
      'cwf edit portrait.json insert-lora detail.safetensors --strength 0.8',
    ],
    ['What a second pass would change', 'cwf edit portrait.json insert-upscale hires --denoise 0.4 --dry-run'],
    [
      'Many at once, as an agent proposes them',
      'cwf edit portrait.json --ops edits.jsonl --propose --actor agent/tuner',
    ],
    ['Without a repository', 'cwf edit portrait.json remove 12 --out smaller.json'],
  ],
  list: {
    title: 'transforms',
    rows: transformShapes().map(({ name, usage, summary }) => [`${name} ${usage}`, summary]),
  },
  mutates: true,
  args: {
    file: { description: 'workflow file', required: true, complete: 'file' },
    transform: {
      description: 'what to do: a name of the list below',
      suggest: transformShapes().map(({ name }) => name),
    },
    words: { description: 'its arguments', multiple: true },
  },
  flags: { ...ofTransforms(), ...OWN },
  async run({ args, flags }, io) {
    const { file, transform } = args;
    const { ops, message, strict, out, propose, proposal, 'allow-secrets': allowSecrets } = flags;
    const calls = await callsOf(transform, args.words, flags, io);
    const input = { file, calls, isTyped: ops === undefined, strict, dryRun: io.dryRun };
    if (out !== undefined) {
      if (propose || proposal !== undefined) throw usage('--out proposes nothing, and takes no --propose');
      if (message !== undefined) throw usage('--out commits nothing, and takes no --message');
      return intoFile({ ...input, out }, io);
    }
    const ctx = await openFor(io);
    const { edit } = await import('../../src/porcelain/edit.ts');
    const done = await edit.run(ctx, { ...input, message, reason: io.reason, allowSecrets, propose, proposal });
    io.result('cwf.edit/1', done, () => printRecorded(io, done));
    noteEdit(io, done);
    return undefined;
  },
});

/** The flags of all transforms as flags of this command. */
function ofTransforms(): Record<never, never> {
  const flags = Object.entries(transformFlags()).map(([name, { kind, value, description }]): [string, FlagSpec] => {
    if (kind === 'boolean') return [name, { type: 'boolean', description }];
    return [name, { type: 'string', value, description, ...(kind === 'list' ? { multiple: true } : {}) }];
  });
  return Object.fromEntries(flags);
}

async function callsOf(
  transform: string | undefined,
  words: readonly string[],
  flags: Readonly<Record<string, unknown>> & { readonly ops?: string },
  io: Io,
): Promise<EditInput['calls']> {
  const given = Object.fromEntries(Object.keys(transformFlags()).map((name) => [name, flags[name]])) as FlagWords;
  if (flags.ops === undefined) {
    const names = transformShapes().map(({ name }) => name);
    if (transform === undefined) throw usage(`say what to do: ${names.join(', ')}; or give --ops <file>`);
    return [callOf(transform, words, given)];
  }
  if (transform !== undefined || Object.values(given).some(isGiven))
    throw usage('--ops takes the place of a transform and its arguments');
  const { readTransformFile } = await import('../../src/porcelain/transform-file.ts');
  return readTransformFile(flags.ops, { cwd: io.cwd, stdin: () => process.stdin });
}

async function intoFile(
  input: Pick<EditInput, 'file' | 'calls' | 'isTyped' | 'strict' | 'dryRun'> & { readonly out: string },
  io: Io,
): Promise<undefined> {
  const isStream = input.out === '-';
  if (isStream && io.mode === 'json') throw usage('--out - and --json both write to stdout');
  const { editDocument } = await import('../../src/porcelain/edit.ts');
  const { out: _stream, ...rest } = input;
  const world = { cwd: io.cwd, now: Date.now, stdin: () => process.stdin, open: () => io.open() };
  const { bytes, ...done } = await editDocument(isStream ? rest : input, world);
  if (isStream && !input.dryRun) writeAll(1, bytes);
  else
    io.result('cwf.edit/1', { ...done, ...(input.dryRun ? {} : { out: input.out }) }, () =>
      printChanges(io, [done.file]),
    );
  noteEdit(io, done);
}

/** Where there is no repository, --out is a way too. */
async function openFor(io: Io): Promise<Context> {
  try {
    return await io.open();
  } catch (error) {
    if (!isCwfError(error, 'REPO_NOT_FOUND')) throw error;
    const hint = `${error.hint} Without one give --out <file>.`;
    throw new CwfError(error.code, error.data, { cause: error, hint });
  }
}

function usage(reason: string): CwfError {
  return new CwfError('USAGE', { command: 'edit', reason });
}
