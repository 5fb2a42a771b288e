import { type ErrorRow, row } from './error-row.ts';

/** Errors of runs and of what is measured of them: part of the one table of errors. */
export const RUN_ERRORS = {
  ENGINE_CLASSES: row(
    'invalid',
    (d) => `the embedded engine does not run ${d.classes}`,
    () => 'Run this workflow on a ComfyUI server; the embedded engine runs only nodes that need no model.',
  ),
  ENGINE_PROMPT: row(
    'invalid',
    (d) => `the prompt cannot run: node ${d.node}: ${d.reason}`,
    () => 'Check the workflow and make the prompt again.',
  ),
  ENGINE_NO_OUTPUTS: row(
    'invalid',
    () => 'the prompt has no node that saves or shows anything',
    () => 'Add a node such as SaveImage or PreviewImage.',
  ),
  ENGINE_STOPPED: row(
    'failed',
    (d) => `the embedded engine was stopped: ${d.reason}`,
    () => 'Use smaller images, or give the run more time.',
  ),
  ENGINE_PORT: row(
    'failed',
    (d) => `the embedded engine cannot listen on port ${d.port}: ${d.reason}`,
    () => 'Choose another port, or 0 for any that is free.',
  ),
  IMAGE_TOO_LARGE: row(
    'too-large',
    (d) => `${d.source}: ${d.what} is over the limit of ${d.limit}`,
    () => 'Measure a smaller file; docs/limits.md has the limits.',
  ),
  IMAGE_SIZES_DIFFER: row(
    'invalid',
    (d) => `${d.source} is ${d.size}, and ${d.reference} is ${d.other}`,
    () => 'Compare images of one size: save both at the size of the workflow.',
  ),
  METRIC_NOT_FOUND: row(
    'not-found',
    (d) => `no metric ${d.metric}`,
    (d) => (d.near ? `Did you mean: ${d.near}?` : 'docs/metrics.md lists them all.'),
  ),
  METRIC_STOPPED: row(
    'failed',
    (d) => `${d.source}: the measurement was stopped: ${d.reason}`,
    () => 'Ask for fewer metrics, or give it more time.',
  ),
  MODEL_MANIFEST: row(
    'config',
    (d) => `${d.source}: ${d.reason}`,
    () => 'docs/metrics.md shows a manifest.',
  ),
  MODEL_MISSING: row(
    'not-found',
    (d) => `model ${d.model}: ${d.file} is in none of ${d.folders}`,
    () => 'Put the file there, or name its folder in CWF_MODELS; cwf does not fetch models of metrics.',
  ),
  MODEL_INVALID: row(
    'invalid',
    (d) => `model ${d.model}: ${d.file}: ${d.reason}`,
    () => 'Fetch the file again from where its manifest says.',
  ),
  RUNTIME_MISSING: row(
    'config',
    (d) => `the package ${d.package} cannot be loaded: ${d.reason}`,
    (d) => `Run \`npm ci\` again, or \`npm install ${d.package} --ignore-scripts\`; docs/metrics.md tells more.`,
  ),
  RUNNER_URL: row(
    'config',
    (d) => `${d.url}: not the address of a ComfyUI server: ${d.reason}`,
    () => 'Give an address such as http://127.0.0.1:8188.',
  ),
  RUNNER_UNREACHABLE: row(
    'remote',
    (d) => `${d.runner} cannot be reached at ${d.url}: ${d.reason}`,
    () => 'Start the server, or correct its address in .cwfrc.',
  ),
  RUNNER_AUTH: row(
    'auth',
    (d) => `${d.runner} refuses ${d.path} with ${d.status}`,
    () => 'Check the token of this runner, and what stands between: nothing is tried again.',
  ),
  RUNNER_ANSWER: row(
    'remote',
    (d) => `${d.runner} gives no usable answer to ${d.path}: ${d.reason}`,
    () => 'Check that the address is that of a ComfyUI server and not of a page or proxy before it.',
  ),
  RUNNER_OUTPUT: row(
    'remote',
    (d) => `${d.runner}: output ${d.file} is not taken: ${d.reason}`,
    () => 'Look at the file on the server; nothing was written.',
  ),
  RUN_INVALID: row(
    'invalid',
    (d) => `${d.source} would be refused: ${d.first}${d.more ? `, and ${d.more} more` : ''}`,
    () => 'See `cwf validate` for every fault, and `cwf repair` for what would cure it; nothing was sent.',
  ),
  RUN_AMBIGUOUS: row(
    'usage',
    (d) => `${d.rev} has several workflows: ${d.files}`,
    (d) => `Name one: \`cwf run ${d.rev}:<file>\`, or --file <file> with --all.`,
  ),
  RUN_NOTHING: row(
    'not-found',
    (d) => `no branch or tag fits ${d.what}`,
    () => 'See `cwf branch` and `cwf tag`; in patterns * stands for anything but a slash. Quote them for the shell.',
  ),
  RUN_INPUT_MISSING: row(
    'not-found',
    (d) => `node ${d.node} (${d.class_type}) needs ${d.file}, which is not in ${d.folder}`,
    () => 'Put the file there, or name another folder with --input.',
  ),
  RUN_UNCOMMITTED: row(
    'conflict',
    (d) => `${d.file} is not what HEAD has: there is no commit that a note could hang on`,
    (d) => `Commit it first with \`cwf commit ${d.file}\`, or run it without a note with --no-note.`,
  ),
  RUNNER_NOT_FOUND: row(
    'not-found',
    (d) => `no runner ${d.runner}; there are: ${d.known}`,
    () => 'Add it to "runners" in .cwfrc, or give the address of a server.',
  ),
  RUN_FAILED: row(
    'run-failed',
    (d) => `${d.source} failed on ${d.runner} in ${d.node}: ${d.reason}`,
    (d) => (d.note ? `\`cwf show ${d.note}\` has the trace.` : 'Correct the node and run it again.'),
  ),
  RUN_OUT_OF_MEMORY: row(
    'run-failed',
    (d) => `${d.source} ran out of memory on ${d.runner} in ${d.node}: ${d.reason}`,
    () => 'Use a smaller picture or batch, or a runner with more memory.',
  ),
  RUN_LOST: row(
    'run-failed',
    (d) => `${d.source} was lost on ${d.runner}: ${d.reason}`,
    () => 'Look at the server, and run it again; it may have left files there.',
  ),
  RUN_PARTIAL: row(
    'run-failed',
    (d) => `${d.source} ran in part on ${d.runner}: nothing came of ${d.nodes}`,
    () => 'See `cwf validate` for these nodes, and the log of the server.',
  ),
  RUN_REFUSED: row(
    'run-failed',
    (d) => `${d.runner} refuses ${d.source}: ${d.reason}`,
    () => 'Correct the workflow, or choose a runner that has these nodes and models; `cwf help run` tells how.',
  ),
  RUN_STOPPED: row(
    'run-failed',
    (d) => `${d.source} was stopped on ${d.runner}: ${d.reason}`,
    () => 'Run it again, with more time where it ran out of it: --timeout.',
  ),
  RUN_OUTPUT_LOST: row(
    'run-failed',
    (d) => `${d.source} finished on ${d.runner}, but ${d.file} of node ${d.node} cannot be had: ${d.reason}`,
    () => 'Look at the file on the server, and run it again.',
  ),
} as const satisfies Record<string, ErrorRow>;
