import { CwfError } from '../../src/base/errors.ts';
import { isObject, type Json } from '../../src/base/json.ts';
import { jsonText } from '../../src/base/json-out.ts';
import { loadWorkflows } from '../../src/porcelain/workflows.ts';
import type { Session } from './session.ts';

/** What there is to read at a URI. */
export interface Resource {
  readonly uri: string;
  readonly name: string;
  readonly mimeType: string;
}

const JSON_TYPE = 'application/json';
const PAGE = 100;
const MOST_CHARACTERS = 1_000_000;

/** Resources by what stands in their URI; in a part of it everything but letters and digits may be percent-encoded. */
export const TEMPLATES = [
  { uriTemplate: 'cwf://workflow/{rev}/{+file}', name: 'a workflow at a revision', mimeType: JSON_TYPE },
  { uriTemplate: 'cwf://diff/{from}/{to}', name: 'what changed between two revisions', mimeType: JSON_TYPE },
  { uriTemplate: 'cwf://diagnostics/{rev}/{+file}', name: 'every fault of a workflow', mimeType: JSON_TYPE },
  { uriTemplate: 'cwf://runs/{rev}', name: 'runs and numbers noted on a commit', mimeType: JSON_TYPE },
  { uriTemplate: 'cwf://proposal/{id}', name: 'a proposal, its checks and comments', mimeType: JSON_TYPE },
] as const;

/** The workflows of HEAD, a page at a time, and on the first page the open proposals. Throws INPUT_INVALID. */
export async function listResources(
  session: Session,
  cursor = '0',
): Promise<{ readonly resources: Resource[]; readonly nextCursor?: string }> {
  if (!/^\d{1,9}$/.test(cursor)) throw new CwfError('INPUT_INVALID', { verb: 'cursor', reason: 'it is none of ours' });
  const ctx = session.world.context();
  await ctx.loadCatalog();
  const files = [...(await loadWorkflows(ctx, (await ctx.repo.head()).oid)).values()];
  const from = Number(cursor);
  const resources: Resource[] = [];
  for (const { file, workflow } of files.slice(from, from + PAGE)) {
    const path = file.split('/').map(encodeURIComponent).join('/');
    // What cannot be read is no workflow to anybody here; `validate` tells what is wrong with it.
    const isWorkflow = (await workflow().catch(() => undefined)) !== undefined;
    if (isWorkflow) resources.push({ uri: `cwf://workflow/HEAD/${path}`, name: file, mimeType: JSON_TYPE });
  }
  if (from === 0) resources.push(...(await proposals(session)));
  return { resources, ...(from + PAGE < files.length ? { nextCursor: String(from + PAGE) } : {}) };
}

async function proposals(session: Session): Promise<Resource[]> {
  const output = await session.read('review list', {});
  const rows = isObject(output) && Array.isArray(output['proposals']) ? output['proposals'] : [];
  return rows.filter(isObject).map(({ id, title }) => ({
    uri: `cwf://proposal/${id}`,
    name: String(title).slice(0, 200),
    mimeType: JSON_TYPE,
  }));
}

/** The text of a resource. Throws RESOURCE_NOT_FOUND, ANSWER_TOO_LARGE, and what its verb throws. [MC-7] */
export async function readResource(session: Session, uri: string): Promise<string> {
  const output = await outputOf(session, uri);
  // A workflow is given as its file has it.
  const isFile = isObject(output) && output['kind'] === 'file' && typeof output['text'] === 'string';
  const text = isFile ? String(output['text']) : jsonText(output, 2);
  if (text.length > MOST_CHARACTERS)
    throw new CwfError('ANSWER_TOO_LARGE', { what: uri.slice(0, 200), limit: MOST_CHARACTERS });
  return text;
}

async function outputOf(session: Session, uri: string): Promise<Json> {
  const [kind, first = '', ...rest] = partsOf(uri);
  const file = rest.join('/');
  if (first !== '' && file !== '') {
    if (kind === 'workflow') return session.read('show', { what: `${first}:${file}` });
    if (kind === 'diagnostics') return session.read('validate', { files: [`${first}:${file}`], fixes: true });
    if (kind === 'diff' && rest.length === 1) return session.read('diff', { words: [first, file] });
  }
  if (first !== '' && rest.length === 0) {
    if (kind === 'runs') return session.read('note show', { rev: first });
    if (kind === 'proposal') return session.read('review show', { proposal: first });
  }
  throw notFound(uri);
}

function partsOf(uri: string): string[] {
  const path = /^cwf:\/\/([^?#]{1,4096})$/.exec(uri)?.[1];
  if (path === undefined) throw notFound(uri);
  try {
    return path.split('/').map(decodeURIComponent);
  } catch {
    throw notFound(uri);
  }
}

function notFound(uri: string): CwfError {
  return new CwfError('RESOURCE_NOT_FOUND', { uri: uri.slice(0, 200) });
}
