import type { Caller } from './access.ts';
import type { World } from './app-env.ts';

/** The page behind a link: it goes on to the start by itself, so that the browser sends the cookie along. */
export function enteredPage(): string {
  return page('cwf', '<p><a href="/">Go on</a></p>', '<meta http-equiv="refresh" content="0; url=/">');
}

/** `/`: what this server is, and where its API is told. */
export function startPage({ ctx, version }: Pick<World, 'ctx' | 'version'>, { actor, scope }: Caller): string {
  return page(
    'cwf',
    `<h1>cwf ${text(version)}</h1>
<p>Serves <code>${text(ctx.repo.workDir)}</code> to ${text(actor)}, who may ${text(scope)}.</p>
<ul>
<li><a href="/api/openapi.json">Every route of the API</a> (OpenAPI 3.1)</li>
<li><a href="/api/log?limit=50">The last 50 commits</a></li>
<li><a href="/api/status">What is not committed</a></li>
</ul>`,
  );
}

function page(title: string, body: string, head = ''): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">${head}<title>${text(title)}</title></head>
<body>
${body}
</body>
</html>
`;
}

/** A text as HTML shows it. */
function text(value: string): string {
  const names: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": '#39' };
  return value.replace(/[&<>"']/g, (c) => `&${names[c]};`);
}
