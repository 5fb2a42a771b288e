import { type AnyVerb, VERBS, type VerbName } from '../src/porcelain/index.ts';
import { changes } from '../src/porcelain/verb.ts';

/** How a verb is reached over HTTP. */
export interface Route {
  readonly path: string;
  readonly verb: AnyVerb;
  readonly name: VerbName;
  /** Methods, the reading one first. */
  readonly methods: readonly ('GET' | 'POST')[];
}

/** The route of every verb that has one, by the words of its name: `op log` is `GET /api/op/log`. [SV-1] */
export async function verbRoutes(): Promise<readonly Route[]> {
  const routes: Route[] = [];
  for (const [name, load] of Object.entries(VERBS) as [VerbName, () => Promise<AnyVerb>][]) {
    const verb = await load();
    if (verb.local) continue;
    const path = `/api/${name.replaceAll(' ', '/')}`;
    const methods = changes(verb) ? [...(verb.lists ? (['GET'] as const) : []), 'POST' as const] : ['GET' as const];
    routes.push({ path, verb, name, methods });
  }
  return routes;
}

/** Whether a call of the verb may be asked for as a task, and is not let stand before other changes. */
export function isLong({ reports, long }: Pick<AnyVerb, 'reports' | 'long'>): boolean {
  return reports === true || long === true;
}
