import { type ErrorRow, row } from './error-row.ts';

/** The place in a JSON document, as a message ends with it: nothing for the root. */
const inside = (d: Record<string, string>): string => (d.path ? ` (at ${d.path})` : '');

/** Errors of JSON, workflows, definitions and patches: part of the one table of errors. */
export const DOCUMENT_ERRORS = {
  // documents
  JSON_SYNTAX: row(
    'invalid',
    (d) => `${d.source}:${d.at}: not valid JSON: ${d.reason}${inside(d)}`,
    () => 'Fix the file by hand, or restore it with `cwf restore`.',
  ),
  JSON_ENCODING: row(
    'invalid',
    (d) => `${d.source}: not valid UTF-8 at byte ${d.at}`,
    () => 'Save the file as UTF-8.',
  ),
  JSON_DUPLICATE_KEY: row(
    'invalid',
    (d) => `${d.source}:${d.at}: key ${d.key} stands twice${inside(d)}`,
    () => 'Keep one of the two; a reader cannot know which one was meant.',
  ),
  JSON_FORBIDDEN_KEY: row(
    'invalid',
    (d) => `${d.source}:${d.at}: key ${d.key} is not allowed${inside(d)}`,
    () => 'Rename the key: __proto__, constructor and prototype are refused.',
  ),
  JSON_NUMBER: row(
    'invalid',
    (d) => `${d.source}:${d.at}: number ${d.text} is not finite${inside(d)}`,
    () => 'Use a finite number.',
  ),
  JSON_SURROGATE: row(
    'invalid',
    (d) => `${d.source}:${d.at}: a text holds half of a surrogate pair${inside(d)}`,
    () => 'Replace the broken character.',
  ),
  JSON_DEPTH: row(
    'too-large',
    (d) => `${d.source}:${d.at}: nested deeper than ${d.limit} levels${inside(d)}`,
    () => 'Flatten the document; no real workflow is this deep.',
  ),
  JSON_SIZE: row(
    'too-large',
    (d) => `${d.source}${d.at ? `:${d.at}` : ''}: ${d.what} is over the limit of ${d.limit}${inside(d)}`,
    () => 'Split the file; see docs/limits.md for the limits.',
  ),
  NOT_A_WORKFLOW: row(
    'invalid',
    (d) => `${d.source}: not a ComfyUI workflow (${d.reason})`,
    () => 'Save it from ComfyUI with "Save" or "Export (API)".',
  ),
  WORKFLOW_SHAPE: row(
    'invalid',
    (d) => `${d.source}: ${d.path}: ${d.reason}`,
    () => 'Open the file in ComfyUI and save it again, or fix that place by hand.',
  ),
  WORKFLOW_DUPLICATE_NODE: row(
    'invalid',
    (d) => `${d.source}: node id ${d.node} stands twice in ${d.scope}`,
    () => 'Give one of the two nodes another id.',
  ),
  OUT_INVALID: row(
    'usage',
    (d) => `--out: ${d.reason}`,
    () => 'Give --out a folder of its own.',
  ),
  EMBED_INVALID: row(
    'usage',
    (d) => `--embed: ${d.reason}`,
    () => 'Name one workflow and one PNG file, which may be a new one.',
  ),
  CONVERT_REFUSED: row(
    'invalid',
    (d) => `${d.source}: cannot be converted to ${d.to}: ${d.first}${d.more ? ` (and ${d.more} more)` : ''}`,
    () => 'Open the file in ComfyUI, mend that place and save it again; docs/conversion.md explains each code.',
  ),
  NODE_NOT_FOUND: row(
    'not-found',
    (d) => `${d.source}: no node ${d.node}`,
    (d) =>
      `${d.inside ? `In a subgraph there is: ${d.inside}. ` : ''}${d.known ? `Its nodes are: ${d.known}.` : 'List them with `cwf show`.'}`,
  ),
  INPUT_NOT_FOUND: row(
    'not-found',
    (d) => `${d.source}: node ${d.node} (${d.class_type}) has no input ${d.input}`,
    (d) => (d.known ? `Its inputs are: ${d.known}.` : 'Check the name.'),
  ),
  FILES_INVALID: row(
    'config',
    (d) => `${d.source}: not a list of files: ${d.reason}`,
    () => 'Give a JSON object of folder -> list of names, such as {"checkpoints": ["a.safetensors"], "input": []}.',
  ),
  LINE_INVALID: row(
    'invalid',
    (d) => `line ${d.at}: ${d.reason}`,
    () => 'A line is a JSON object with "prompt", and "name" to find its answer by.',
  ),
  ENGINE_UNKNOWN: row(
    'not-found',
    (d) => `no node definitions of ComfyUI ${d.engine}`,
    (d) => `cwf ships those of ${d.known}.`,
  ),
  OUTPUT_NOT_FOUND: row(
    'not-found',
    (d) => `${d.source}: node ${d.node} (${d.class_type}) has no output ${d.output}`,
    (d) => (d.known ? `Its outputs are: ${d.known}.` : 'It has none.'),
  ),
  SUBGRAPH_NOT_FOUND: row(
    'not-found',
    (d) => `${d.source}: no subgraph ${d.subgraph}`,
    (d) => (d.known ? `Its subgraphs are: ${d.known}.` : 'The file has none.'),
  ),
  CLASS_NOT_FOUND: row(
    'not-found',
    (d) => `the catalog has no class ${d.class_type}`,
    (d) => `Did you mean: ${d.known}? A class of a pack that the catalog does not know is added with --force.`,
  ),
  CATALOG_INVALID: row(
    'invalid',
    (d) => `the catalog of node definitions cannot be read: ${d.reason}`,
    () => 'Take it again from the server (GET /object_info).',
  ),
  // patches
  POINTER_INVALID: row(
    'invalid',
    (d) => `${d.path}: not a JSON pointer: ${d.reason}`,
    () => 'See RFC 6901: a pointer is empty or starts with "/"; write ~ as ~0 and / as ~1.',
  ),
  PATCH_INVALID: row(
    'invalid',
    (d) => `patch op ${d.index}: ${d.reason}`,
    () => 'See RFC 6902; cwf takes add, remove, replace, move, copy and test.',
  ),
  PATCH_NOT_FOUND: row(
    'invalid',
    (d) => `patch op ${d.index}: nothing at ${d.path}`,
    () => 'The patch was made for another document.',
  ),
  PATCH_TEST_FAILED: row(
    'conflict',
    (d) => `patch op ${d.index}: ${d.path} holds ${d.actual}, not ${d.expected}`,
    () => 'The document changed since the patch was made; diff again.',
  ),
  PATCH_TOO_LARGE: row(
    'too-large',
    (d) => `patch: ${d.what} is over the limit of ${d.limit}`,
    () => 'Commit the new file as a whole instead.',
  ),
} as const satisfies Record<string, ErrorRow>;
