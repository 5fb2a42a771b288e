import type { Json } from '../../../base/json.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { type EngineRules, engineRules } from './engine-rules.ts';
import type { ServerFiles } from './file-lists.ts';
import { pyStr } from './python-cast.ts';
import { setOrder } from './python-set.ts';
import { fromJson, type PyDict, PyError, type PyValue, pyContains, toJson } from './python-value.ts';
import { hashable, noAttribute, noMember, replaceClasses } from './replace-classes.ts';
import { LinkWalk } from './validate-links.ts';
import { type EngineError, type EngineVerdict, engineError, type NodeErrors } from './verdict.ts';

/** What is posted to a server. `prompt` is raw: nothing is known of its form. */
export interface EngineRequest<T = Json> {
  readonly prompt?: T;
  readonly partialExecutionTargets?: T;
}

/** What else the answer depends on. */
export interface EngineOptions {
  /** The files of the server; without them every file that is named is taken for there. */
  readonly files?: ServerFiles;
}

/**
 * The answer of ComfyUI's own `POST /prompt`, without a server: the version is that of the catalog. Nothing is thrown
 * for a prompt, whatever it is.
 */
export function validateAsEngine(request: EngineRequest, catalog: Catalog, options: EngineOptions = {}): EngineVerdict {
  return answered(() => {
    const read = (value: Json | undefined) => (value === undefined ? undefined : fromJson(value));
    const prompt = read(request.prompt);
    return validateRequest(
      { prompt, partialExecutionTargets: read(request.partialExecutionTargets) },
      catalog,
      options,
    );
  });
}

/** The same of a prompt in Python's values (parsePythonJson), which knows floats from integers. Changes the prompt. */
export function validatePython(
  request: EngineRequest<PyValue>,
  catalog: Catalog,
  options: EngineOptions = {},
): EngineVerdict {
  return answered(() => validateRequest(request, catalog, options));
}

/** Makes of an exception that leaves the server's code the answer 500. */
function answered(run: () => EngineVerdict): EngineVerdict {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof PyError)) throw error;
    const { type, message } = error;
    return { status: 500, error: null, node_errors: {}, exception: { type, message } };
  }
}

function validateRequest(request: EngineRequest<PyValue>, catalog: Catalog, { files }: EngineOptions): EngineVerdict {
  const { prompt, partialExecutionTargets } = request;
  if (prompt === undefined) return refused(engineError('no_prompt', 'No prompt provided', 'No prompt provided'));
  const rules = engineRules(catalog.engine);
  if (rules.replacesClasses) replaceClasses(prompt, catalog);
  const outputs = outputNodes(prompt, partialExecutionTargets ?? null, catalog, rules);
  if (!Array.isArray(outputs)) return refused(outputs);
  if (outputs.length === 0) return refused(engineError('prompt_no_outputs', 'Prompt has no outputs', ''));

  const world = { prompt: prompt as PyDict, catalog, rules, files, options: new Map() };
  const walk = new LinkWalk(world);
  const failed: string[] = [];
  const wrong: { id: string; since: number }[] = [];
  for (const output of setOrder(outputs)) {
    if (walk.validate(output).valid) continue;
    // The server takes every node that is wrong by now for one that blocks this output, and those that come.
    for (const id of walk.fresh) wrong.push({ id, since: failed.length });
    failed.push(output);
  }
  const node_errors: { [id: string]: NodeErrors } = Object.create(null);
  for (const { id, since } of wrong) {
    node_errors[id] = {
      errors: walk.results.get(id)?.errors ?? [],
      dependent_outputs: failed.slice(since, since + MAX_DEPENDENT),
      class_type: String((world.prompt.get(id) as PyDict).get('class_type')),
    };
  }
  if (failed.length < outputs.length) return { status: 200, error: null, node_errors };
  const errors = failed.flatMap((output) => walk.results.get(output)?.errors ?? []);
  const details = errors.map((one) => `${one.message}: ${one.details}`).join('\n');
  const message = 'Prompt outputs failed validation';
  return refused(engineError('prompt_outputs_failed_validation', message, details), node_errors);
}

/** The most outputs that are listed with each node: a prompt of 50,000 wrong ones has more than a thousand million. */
const MAX_DEPENDENT = 1000;

/** The output nodes that are to run; or the error of the first node without a known class. */
function outputNodes(prompt: PyValue, targets: PyValue, catalog: Catalog, rules: EngineRules): string[] | EngineError {
  const outputs: string[] = [];
  for (const [id, node] of nodesOf(prompt)) {
    if (!pyContains(node, 'class_type')) return missingClass(id, node, undefined, rules);
    if (!(node instanceof Map)) throw noMember(node, 'class_type');
    const classType = hashable(node.get('class_type') as PyValue);
    const definition = typeof classType === 'string' ? catalog.node(classType) : undefined;
    if (!definition) return missingClass(id, node, classType, rules);
    if (!definition.flags.includes('output_node')) continue;
    if (targets === null || pyContains(targets, id)) outputs.push(id);
  }
  return outputs;
}

/** The nodes of a prompt; before classes were replaced, an empty list or text passed for a prompt without any. */
function nodesOf(prompt: PyValue): Iterable<[string, PyValue]> {
  if (prompt instanceof Map) return prompt;
  if ((Array.isArray(prompt) || typeof prompt === 'string') && prompt.length === 0) return [];
  if (Array.isArray(prompt) || typeof prompt === 'string') throw noMember(prompt, 'class_type');
  throw new PyError('TypeError', `'${prompt === null ? 'NoneType' : typeof prompt}' object is not iterable`);
}

function missingClass(id: string, node: PyValue, classType: PyValue | undefined, rules: EngineRules): EngineError {
  const details = `Node ID '#${id}'`;
  if (rules.missingClass === 'invalid_prompt') {
    const reason =
      classType === undefined ? 'a node is missing the class_type property' : `node ${pyStr(classType)} does not exist`;
    return engineError('invalid_prompt', `Cannot execute because ${reason}.`, details);
  }
  const title = titleOf(node) ?? (classType === undefined ? null : classType);
  const shown = title === null || title === '' ? null : pyStr(title);
  const message =
    classType === undefined
      ? `Node '${shown ?? `ID #${id}`}' has no class_type. The workflow may be corrupted or a custom node is missing.`
      : `Node '${pyStr(title)}' not found. The custom node may not be installed.`;
  const info = { node_id: id, class_type: toJson(classType ?? null), node_title: toJson(title) };
  return engineError('missing_node_type', message, details, info);
}

/** The title in `_meta`, undefined where there is none; throws PyError AttributeError where that is no object. */
function titleOf(node: PyValue): PyValue | undefined {
  if (!(node instanceof Map)) throw noAttribute(node, 'get');
  const meta = node.has('_meta') ? (node.get('_meta') as PyValue) : new Map();
  if (!(meta instanceof Map)) throw noAttribute(meta, 'get');
  return meta.get('title') as PyValue | undefined;
}

function refused(error: EngineError, node_errors: EngineVerdict['node_errors'] = {}): EngineVerdict {
  return { status: 400, error, node_errors };
}
