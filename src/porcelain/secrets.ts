import { isObject, type Json } from '../base/json.ts';
import { jsonEqual } from '../base/json-text.ts';
import type { Scope, Workflow } from '../core/workflow/types.ts';

/** A value that must not enter a history by accident; the value itself is never repeated. */
export interface Secret {
  readonly file: string;
  /** Subgraph definition (uuid); absent for the root. */
  readonly scope?: string;
  readonly node: string;
  readonly class_type: string;
  readonly input: string;
  /** What it looks like, e.g. `an OpenAI key`. */
  readonly looks: string;
}

const SHAPES: readonly [looks: string, shape: RegExp][] = [
  ['an API key (sk-...)', /(?<![A-Za-z0-9_-])sk-[A-Za-z0-9_-]{20,}/],
  ['a Hugging Face token', /(?<![A-Za-z0-9_])hf_[A-Za-z0-9]{20,}/],
  ['a GitHub token', /(?<![A-Za-z0-9_])gh[pousr]_[A-Za-z0-9]{30,}/],
  ['an AWS key', /(?<![A-Za-z0-9])A[KS]IA[0-9A-Z]{16}(?![A-Za-z0-9])/],
  ['a JSON web token', /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/],
  ['a URL with a password', /[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{1,200}:[^\s/:@]{1,200}@/i],
];
const SECRET_NAME = /(^|[_\-. ])(api[_-]?key|token|password|passwd|secret|access[_-]?key)$/i;
/** Not values but references to where the value is kept. */
const REFERENCE = /^(\$\{?\w+\}?|%\w+%|\{\{.*\}\}|env:\w+)$/;
/** A long text cannot be matched for ever: what lies behind is looked at in pieces that overlap. */
const PIECE = 65_536;
const OVERLAP = 512;
/** Levels of a file of settings that are looked at; a real one has two. */
const MAX_LEVELS = 8;
/** Shorter values stand everywhere by chance. */
const MIN_KNOWN = 4;

/** Finds values that look like keys or passwords in `after` and are not already in `before` at the same place. */
export function findSecrets(file: string, after: Workflow, before?: Workflow): Secret[] {
  const found: Secret[] = [];
  scanScope(after, before, undefined, file, found);
  for (const [uuid, subgraph] of Object.entries(after.subgraphs)) {
    scanScope(subgraph, before?.subgraphs[uuid], uuid, file, found);
  }
  return found;
}

/** Where a file of settings holds a key itself: the way to it (`llm.key`), undefined when nowhere. */
export function keyInSettings(json: unknown, way: readonly string[] = []): string | undefined {
  if (typeof json === 'string') return looksLike(undefined, [json]) === undefined ? undefined : way.join('.');
  if (typeof json !== 'object' || json === null || way.length > MAX_LEVELS) return undefined;
  for (const [name, value] of Object.entries(json)) {
    const here = [...way, name];
    if (/^(api_?)?key$/i.test(name) || (SECRET_NAME.test(name) && typeof value === 'string')) return here.join('.');
    const found = keyInSettings(value, here);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A text with everything that looks like a key or a password, and every copy of `known` ones, replaced by `***`. */
export function withoutSecrets(text: string, known: readonly string[] = []): string {
  const plain = known.filter((one) => one.length >= MIN_KNOWN).reduce((all, one) => all.replaceAll(one, '***'), text);
  return SHAPES.reduce((all, [, shape]) => all.replace(new RegExp(shape, `${shape.flags}g`), '***'), plain);
}

function scanScope(
  scope: Scope,
  before: Scope | undefined,
  uuid: string | undefined,
  file: string,
  found: Secret[],
): void {
  for (const [id, node] of Object.entries(scope.nodes)) {
    const old = before?.nodes[id];
    for (const part of ['widgets', 'positional', 'ui'] as const) {
      for (const [input, value] of Object.entries(node[part] ?? {})) {
        // Most of a file is what it was.
        if (jsonEqual(value, old?.[part]?.[input])) continue;
        const known = texts(old?.[part]?.[input] ?? null);
        const fresh = texts(value).filter((text) => !known.includes(text));
        const looks = looksLike(part === 'ui' ? undefined : input, fresh);
        if (looks) found.push({ file, scope: uuid, node: id, class_type: node.class_type, input, looks });
      }
    }
  }
}

function looksLike(input: string | undefined, values: readonly string[]): string | undefined {
  for (const value of values) {
    const shape = SHAPES.find(([, pattern]) => pieces(value).some((piece) => pattern.test(piece)));
    if (shape) return shape[0];
    if (input !== undefined && SECRET_NAME.test(input) && value.trim() !== '' && !REFERENCE.test(value.trim())) {
      return `a literal ${input}`;
    }
  }
  return undefined;
}

function pieces(text: string): string[] {
  const out: string[] = [];
  for (let at = 0; at < text.length; at += PIECE) out.push(text.slice(at, at + PIECE + OVERLAP));
  return out;
}

/** Every text inside a value. */
function texts(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  return isObject(value) ? Object.values(value).flatMap(texts) : [];
}

/** How a place is named to a person: `portrait.json: node 3 (KSampler), input api_key`. */
export function describeSecret(secret: Secret): string {
  const scope = secret.scope === undefined ? '' : ` of subgraph ${secret.scope}`;
  return `${secret.file}: node ${secret.node} (${secret.class_type})${scope}, input ${secret.input}: ${secret.looks}`;
}
