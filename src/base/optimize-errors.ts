import { type ErrorRow, row } from './error-row.ts';

/** Errors of studies and their search spaces: part of the one table of errors. */
export const OPTIMIZE_ERRORS = {
  SPACE_EMPTY: row(
    'invalid',
    () => 'the search space has no parameter',
    () => 'Name at least one parameter to search over.',
  ),
  SPACE_INVALID: row(
    'invalid',
    (d) => `parameter ${d.parameter}: ${d.reason}`,
    () => 'Correct that parameter of the search space.',
  ),
  GRID_TOO_LARGE: row(
    'invalid',
    (d) => `a grid of this space has more than ${d.limit} points`,
    () => 'Give parameters a step or fewer choices, or take the sampler sobol, which covers a space with any budget.',
  ),
  STUDY_NAME: row(
    'usage',
    (d) => `${d.study}: no name for a study: ${d.reason}`,
    () => 'Names are like portrait-1: lower-case letters, digits, dot, dash and underscore.',
  ),
  STUDY_EXISTS: row(
    'conflict',
    (d) => `study ${d.study} is there already`,
    (d) => `Go on with it by \`cwf exp resume ${d.study}\`, or give another --name.`,
  ),
  STUDY_NOT_FOUND: row(
    'not-found',
    (d) => `no study ${d.study}`,
    (d) => (d.known ? `There are: ${d.known}.` : '`cwf optimize <workflow>` begins one.'),
  ),
  STUDY_BUSY: row(
    'conflict',
    (d) => `study ${d.study} is run by another process`,
    (d) => `Wait for it, or end it after its trial by \`cwf exp stop ${d.study}\`.`,
  ),
  STUDY_TAKEN: row(
    'conflict',
    (d) => `study ${d.study} was taken over by another process: trial ${d.trial} was left to it`,
    (d) => `Its trials are kept; see \`cwf exp show ${d.study}\`.`,
  ),
  STUDY_CORRUPT: row(
    'corrupt',
    (d) => `study ${d.study}: ${d.reason}`,
    () => 'Fetch its ref again from where it was made, or begin another study.',
  ),
  STUDY_BASE_GONE: row(
    'not-found',
    (d) => `study ${d.study}: ${d.file} of its base ${d.base} is not here`,
    () => 'Fetch the history it began from; trials cannot be made on another version.',
  ),
  STUDY_PARAMETER: row(
    'invalid',
    (d) => `parameter ${d.parameter}: ${d.reason}`,
    () => 'See `cwf space <workflow>` for the parameters and their values.',
  ),
  STUDY_OBJECTIVE: row(
    'invalid',
    (d) => `objective ${d.objective}: ${d.reason}`,
    () =>
      'Give one that can be measured, such as --objective sharpness:max or latency:min; `cwf metric ls` lists metrics.',
  ),
  STUDY_LIMIT: row(
    'invalid',
    (d) => `limit ${d.limit}: ${d.reason}`,
    () => 'Write it as latency:10s, vram:8GB, or with a metric: --limit "noise-sigma:<=0.3" or "sharpness:>=40".',
  ),
  STUDY_FIDELITY: row(
    'invalid',
    (d) => `${d.source}: no fidelity ${d.fidelity}: ${d.reason}`,
    () => 'Give --repeats and --fidelity images, or leave --pruner away; docs/studies.md tells what each one needs.',
  ),
  STUDY_BASE_FAILS: row(
    'run-failed',
    (d) => `${d.source} as it is does not run: ${d.reason}`,
    (d) => `See \`cwf run ${d.source}\`; the study ${d.study} is kept and goes on by \`cwf exp resume\`.`,
  ),
  STUDY_RUNNERS: row(
    'remote',
    (d) => `study ${d.study}: no runner is left: ${d.reason}`,
    (d) => `What was measured is kept; \`${d.again ?? `cwf exp resume ${d.study}`}\` goes on.`,
  ),
  STUDY_UNCONFIRMED: row(
    'invalid',
    (d) => `study ${d.study} cannot be confirmed: ${d.reason}`,
    (d) => `See \`cwf exp show ${d.study}\` for its trials.`,
  ),
  TRIAL_NOT_FOUND: row(
    'not-found',
    (d) => `no trial ${d.trial}`,
    () => 'Trials are named <study>/<number>; see `cwf exp show <study>`.',
  ),
} as const satisfies Record<string, ErrorRow>;
