import type { Catalog } from '../../catalog/catalog.ts';
import { type FileLists, isLinkOnly } from '../../catalog/check-value.ts';
import { own } from '../../workflow/names.ts';
import type { Workflow } from '../../workflow/types.ts';
import type { Diagnostic, Fix } from '../diagnostic.ts';
import { bridgeFixes } from './bridge.ts';
import { Facts } from './facts.ts';
import type { FixContext, Remedy } from './fixer.ts';
import { FIXERS } from './index.ts';
import { misclassedNodes } from './misclassed.ts';
import { isIsolated, removalOf } from './node.ts';

/** What a search for fixes may know. */
export interface FixOptions {
  /** Names of files that the server has, by folder: told, never put in the place of others. */
  readonly files?: FileLists;
  /** Findings that are looked at; those after it come back as they are. */
  readonly most?: number;
}

/** Enough for any file of a person; a search takes time with the size of the file. */
const MOST_FINDINGS = 1000;
const MOST_FIXES = 4;
const REMOVE_BROKEN = 0.75;
const REMOVE_OUTPUT = 0.6;
/** A source that serves others already, for a node that hangs on nothing. */
const MAYBE = 0.5;

/**
 * Findings with what would cure them, best first, and with advice where no cure is safe. Pure: fixes are edits, nothing
 * is changed. The texts of a file (titles, notes) decide nothing; a file name is never replaced by another at more than
 * a confidence that only shows it.
 */
export function withFixes(
  diagnostics: readonly Diagnostic[],
  workflow: Workflow,
  catalog: Catalog,
  { files = {}, most = MOST_FINDINGS }: FixOptions = {},
): Diagnostic[] {
  const scopes = new Map<string | undefined, Facts>();
  const contextOf = (scope: string | undefined): FixContext => {
    const facts = scopes.get(scope) ?? new Facts(workflow, catalog, scope);
    scopes.set(scope, facts);
    return { workflow, catalog, files, facts };
  };
  const unused = new Set(
    diagnostics.filter(({ code }) => code === 'NODE_UNUSED').map(({ scope, node }) => `${scope} ${node}`),
  );
  const looked = diagnostics.slice(0, most);
  const misclassed = new Map(
    [...new Set(looked.map(({ scope }) => scope))].map((scope) => [
      scope,
      misclassedNodes(
        looked.filter((one) => one.scope === scope),
        contextOf(scope),
      ),
    ]),
  );
  return diagnostics.map((diagnostic, at) => {
    if (at >= most) return diagnostic;
    const context = contextOf(diagnostic.scope);
    const isUnused = unused.has(`${diagnostic.scope} ${diagnostic.node}`);
    const remedy = ofClass(diagnostic, misclassed.get(diagnostic.scope)!) ?? remedyFor(diagnostic, context, isUnused);
    const fixes = distinct([...remedy.fixes].sort((a, b) => b.confidence - a.confidence));
    const { fixes: _old, advice: _advice, ...bare } = diagnostic;
    return {
      ...bare,
      ...(fixes.length > 0 ? { fixes: fixes.slice(0, MOST_FIXES) } : {}),
      ...(remedy.advice === undefined ? {} : { advice: remedy.advice }),
    };
  });
}

/** What a class that is not the node's own means for a finding: the right class first, and nothing built on the wrong one. */
function ofClass({ node, code, data }: Diagnostic, misclassed: ReadonlyMap<string, Fix>): Remedy | undefined {
  const fix = node === undefined ? undefined : misclassed.get(node);
  if (fix) return code === 'NODE_MALFORMED' || code === 'NODE_UNUSED' ? undefined : { fixes: [fix] };
  const from = code === 'TYPE_MISMATCH' || code === 'SLOT_OUT_OF_RANGE' ? data?.from : undefined;
  if (typeof from !== 'string' || !misclassed.has(from)) return undefined;
  return { fixes: [], advice: `see to the class of node ${from} first` };
}

function remedyFor(diagnostic: Diagnostic, context: FixContext, isUnused: boolean): Remedy {
  const { node: id, code } = diagnostic;
  const remedy = FIXERS[code](diagnostic, context);
  if (id === undefined || diagnostic.severity !== 'error' || !isIsolated(context, id)) {
    return code === 'LINK_DANGLING' ? { ...remedy, fixes: [...remedy.fixes, ...bridges(diagnostic, context)] } : remedy;
  }
  // A broken node that hangs on nothing is no part of anything: it goes, rather than that something is made up for it.
  if (isUnused) return { fixes: [removalOf(context, id, REMOVE_BROKEN)] };
  const { facts } = context;
  const isOnlyEnd = !Object.keys(facts.nodes).some((other) => other !== id && facts.isOutput(other));
  const definition = facts.definition(id);
  // Only a node that can hold nothing itself is lost without a loss.
  const isBare =
    definition === undefined
      ? code === 'CLASS_UNKNOWN' && Object.keys(facts.nodes[id]!.widgets).length === 0
      : code === 'INPUT_MISSING' && definition.inputs.every((input) => input.section === 'hidden' || isLinkOnly(input));
  if (isOnlyEnd || !isBare || Object.keys(facts.nodes[id]!.links).length > 0) return remedy;
  const fixes = remedy.fixes.map((fix) =>
    takesIdle(fix, context) ? fix : { ...fix, confidence: Math.min(fix.confidence, MAYBE) },
  );
  return { ...remedy, fixes: [...fixes, removalOf(context, id, REMOVE_OUTPUT)] };
}

/** Whether a fix takes from a node that nothing else is taken from. */
function takesIdle({ edits }: Fix, { facts }: FixContext): boolean {
  return edits.every(
    ({ kind, to }) => kind !== 'connect' || facts.isUnread((to as { from?: string } | undefined)?.from ?? ''),
  );
}

/** A node for the one that a dangling link names. */
function bridges({ node, input }: Diagnostic, context: FixContext): readonly Fix[] {
  const link =
    node === undefined || input === undefined ? undefined : own(own(context.facts.nodes, node)?.links ?? {}, input);
  return link && !own(context.facts.nodes, link.from) && context.facts.declared(node!).has(input!)
    ? bridgeFixes(context, link.from)
    : [];
}

function distinct(fixes: readonly Fix[]): Fix[] {
  const seen = new Set<string>();
  return fixes.filter(({ edits }) => {
    const key = JSON.stringify(edits, (_name, value) => (typeof value === 'bigint' ? `${value}n` : value));
    const isNew = edits.length > 0 && !seen.has(key);
    seen.add(key);
    return isNew;
  });
}
