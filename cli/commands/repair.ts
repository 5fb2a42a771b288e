import { CwfError } from '../../src/base/errors.ts';
import { jsonText } from '../../src/base/json-out.ts';
import type { RepairInput, RepairOutput, RepairSettings } from '../../src/porcelain/repair.ts';
import { defineCommand } from '../command.ts';
import { confidenceIn } from '../confidence.ts';
import { DEFINITION_FLAGS } from '../flags.ts';
import type { Io } from '../io.ts';
import { count, short } from '../output/commits.ts';
import { noteProposal } from '../output/edit.ts';
import { findingLine, printRuns, stepLine } from '../output/repair.ts';
import { safe } from '../output/safe.ts';
import { writeAll } from '../output/sink.ts';
import { STOPPED, stopSignal } from '../run-flags.ts';

const AGENTS = ['link', 'parameter', 'structural'] as const;

export const command = defineCommand({
  name: 'repair',
  summary: 'Repair a workflow on a branch, or prompts by the line',
  description:
    'Agents look after links, values and nodes, and propose; a rule accepts only what leaves fewer faults, brings no new ones and touches nothing else. Each accepted proposal is a commit of its agent on a branch of its own, and your branch and file stay as they are; --switch goes there. What cannot be repaired without knowing what was meant is told with what to decide, and the exit code is 3. With --model the language model of .cwfrc is asked about errors that are left; what it says goes through the same rule. With --run what has no error left is run, and a run that ends for want of memory, or is refused, becomes a finding: VAEs in tiles, half the batch, smaller sides; such changes are kept only when a run finishes with them, and runs are noted on the commits they are of. One `cwf undo` takes a whole repair back. A file that the server has not got is never replaced by another. With --jsonl and no file, no repository is needed: lines {"name", "prompt"} on stdin, {"name", "prompt", "accepted", "left", "status"} for each. docs/repair.md explains it.',
  examples: [
    ['Onto the branch repair/portrait', 'cwf repair portrait.json'],
    ['Only told, links alone', 'cwf repair --dry-run --agent link portrait.json'],
    ['What is sure, and stay on the branch', 'cwf repair --min-confidence 0.8 --switch portrait.json'],
    ['For somebody to review', 'cwf repair --propose portrait.json'],
    ['And ask the language model about the rest', 'cwf repair --model portrait.json'],
    ['And run it: of too little memory, a smaller batch', 'cwf repair --run --on desk portrait.json'],
    ['For a newer ComfyUI, many prompts', 'cwf repair --jsonl --engine 0.33.0 < prompts.jsonl'],
  ],
  mutates: true,
  streams: true,
  args: { file: { description: 'workflow file', complete: 'file' } },
  flags: {
    branch: { type: 'string', char: 'b', value: 'name', description: 'new branch; repair/<file> when absent' },
    propose: { type: 'boolean', description: 'onto a proposal instead of a branch' },
    switch: { type: 'boolean', description: 'go to the branch and write the file' },
    agent: { type: 'string', multiple: true, value: 'names', description: `only these: ${AGENTS.join(', ')}` },
    'max-rounds': { type: 'integer', min: 1, max: 50, description: 'rounds of proposals; 8 when absent' },
    'min-confidence': { type: 'string', value: 'number', description: 'least confidence, 0 to 1; 0.5 when absent' },
    ...DEFINITION_FLAGS,
    run: { type: 'boolean', description: 'run it, and repair from what the run says' },
    on: { type: 'string', value: 'runner', description: 'a runner of .cwfrc, embedded, or the address of a server' },
    input: {
      type: 'string',
      value: 'dir',
      description: 'folder that pictures are loaded from; input/ at the top by default',
    },
    'max-runs': { type: 'integer', min: 1, max: 20, description: 'runs at most; 5 when absent' },
    timeout: { type: 'integer', min: 1, value: 'seconds', description: 'interrupt a run after so long' },
    model: { type: 'boolean', description: 'ask the language model of .cwfrc about errors that are left' },
    'allow-secrets': { type: 'boolean', description: 'commit values that look like keys or passwords' },
  },
  async run({ args, flags }, io) {
    const settings: RepairSettings = {
      agents: agentsIn(flags.agent),
      minConfidence: confidenceIn('repair', 'min-confidence', flags['min-confidence']),
      maxRounds: flags['max-rounds'],
      lists: flags.files,
      engine: flags.engine,
      objectInfo: flags['object-info'],
    };
    if (flags.engine !== undefined && flags['object-info'] !== undefined)
      throw usage('--engine and --object-info exclude each other');
    if (!flags.run && (flags.on ?? flags.input ?? flags['max-runs'] ?? flags.timeout) !== undefined)
      throw usage('--on, --input, --max-runs and --timeout belong to --run');
    if (args.file !== undefined) {
      const { branch, propose, switch: isSwitch } = flags;
      const asked = flags.model ? { model: true } : {};
      const place = { file: args.file, branch, propose, isSwitch, allowSecrets: flags['allow-secrets'], ...asked };
      const input = { ...settings, ...place, dryRun: io.dryRun };
      if (!flags.run) return repairFile(input, io);
      const { on, input: folder, timeout } = flags;
      const stop = stopSignal();
      try {
        const run = { on, input: folder, timeout, most: flags['max-runs'] };
        const code = await repairFile({ ...input, run, signal: stop.signal }, io);
        return stop.signal.aborted ? STOPPED : code;
      } finally {
        stop.done();
      }
    }
    if (io.mode !== 'jsonl') throw usage('name a file, or say --jsonl and give prompts on stdin');
    if (flags.branch !== undefined || flags.switch || flags.propose)
      throw usage('prompts from stdin go onto no branch');
    if (flags.run) throw usage('prompts from stdin are not run: name a file');
    if (flags.model)
      throw usage('a language model is asked about a file in a repository, not about prompts from stdin');
    const { repairLines } = await import('../../src/porcelain/repair-lines.ts');
    const { left, unreadable } = await repairLines(settings, {
      cwd: io.cwd,
      input: 0,
      write: (answers) => writeAll(1, Buffer.from(answers.map((one) => `${jsonText(one, 0)}\n`).join(''))),
    });
    if (unreadable > 0) io.note(`${count(unreadable, 'line')} could not be read`);
    if (left > 0) io.note(`${count(left, 'prompt')} with errors left`);
    return left + unreadable > 0 ? 3 : 0;
  },
});

async function repairFile(input: RepairInput, io: Io): Promise<number> {
  const ctx = await io.open();
  const { repair } = await import('../../src/porcelain/repair.ts');
  const out = await repair.run(ctx, {
    ...input,
    report: (step) => {
      if (io.mode === 'jsonl') io.json({ schema: 'cwf.repair-step/1', ...step });
      else if (io.mode === 'text') io.note(safe(stepLine(step)));
    },
  });
  io.result('cwf.repair/1', toldJson(out), () => print(io, out, input.isSwitch === true));
  if (out.after.errors > 0) return 3;
  const { ran } = out;
  if (!ran) return 0;
  if (ran.error && ran.left.length === 0 && io.mode !== 'json') {
    io.note(`error: ${safe(ran.error.message)}`);
    io.note(`hint: ${safe(ran.error.hint)}`);
  }
  if (ran.error) return ran.error.exit;
  return ran.finished ? 0 : 7;
}

/** The output without what is not data. */
function toldJson({ ran, ...out }: RepairOutput): object {
  if (!ran) return out;
  const { error, ...rest } = ran;
  const told = error && { error: { ...error.toJSON().error, message: error.message } };
  return { ...out, ran: { ...rest, ...told } };
}

function print(io: Io, out: RepairOutput, isSwitch: boolean): void {
  const { color } = io;
  if (io.mode === 'porcelain') {
    io.print(out.commits?.at(-1)?.oid ?? '');
    return;
  }
  const { accepted, mended, commits, left, checkpoint, branch, proposal } = out;
  const where =
    proposal === undefined ? `branch ${color.bold(safe(branch ?? ''))}` : color.bold(`proposal/${safe(proposal)}`);
  const remain = left.filter(({ severity }) => severity === 'error');
  if (accepted.length + mended.length === 0 && commits === undefined) {
    io.print(remain.length > 0 ? 'Nothing can be repaired without your word' : 'Nothing to repair');
  } else if (commits === undefined) {
    io.print(`Would repair onto ${proposal === undefined ? color.bold(safe(branch ?? '')) : 'a proposal'}:`);
    for (const { agent, reason, confidence } of accepted)
      io.print(`  ${color.cyan(agent)} ${safe(reason)} ${color.dim(`(${confidence.toFixed(2)})`)}`);
  } else {
    io.print(`${isSwitch ? 'Now on' : 'On'} ${where}:`);
    for (const { oid, actor, subject } of commits)
      io.print(`  ${color.yellow(short(oid))} ${color.cyan(safe(actor))} ${safe(subject)}`);
  }
  const { before, after } = out;
  if (before.errors + before.warnings > 0)
    io.print(`errors ${before.errors} -> ${after.errors}, warnings ${before.warnings} -> ${after.warnings}`);
  for (const one of remain) io.print(findingLine(io, one));
  printModel(io, out);
  if (out.ran) printRuns(io, out.ran);
  if (checkpoint && proposal === undefined)
    io.note(`To go back: ${safe(checkpoint.command)}, or cwf undo for the whole repair`);
  if (commits && proposal !== undefined) noteProposal(io, out);
  else if (commits && !isSwitch) io.note(`To take it over: cwf merge ${safe(branch ?? '')}`);
}

function printModel(io: Io, { model }: RepairOutput): void {
  if (!model) return;
  const { questions, tokens, refused, stopped } = model;
  if (questions > 0) io.note(`${safe(model.model)}: ${count(questions, 'question')}, ${count(tokens, 'token')}`);
  for (const one of refused) io.note(`not taken from its answer: ${safe(one)}`);
  if (stopped) io.note(`it was asked no further: ${safe(stopped.message)}. ${safe(stopped.hint)}`);
}

function agentsIn(words: readonly string[]): RepairSettings['agents'] {
  const names = words.flatMap((word) => word.split(',')).map((name) => name.trim());
  if (names.length === 0) return undefined;
  return names.map((name) => {
    const agent = AGENTS.find((one) => one === name);
    if (agent === undefined) throw usage(`no agent ${name}; there are: ${AGENTS.join(', ')}`);
    return agent;
  });
}

function usage(reason: string): CwfError {
  return new CwfError('USAGE', { command: 'repair', reason });
}
