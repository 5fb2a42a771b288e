import type { PageFiles } from './page-files.ts';

/** The page behind a link: it goes on to the start by itself, so that the browser sends the cookie along. */
export function enteredPage(): string {
  return page('cwf', '<p><a href="/">Go on</a></p>', '<meta http-equiv="refresh" content="0; url=/">');
}

/** `/`: the page, whose scripts and styles are `files`. */
export function startPage({ script, style, first }: PageFiles): string {
  const early = first.map((file) => `<link rel="modulepreload" href="/page/${file}">`).join('');
  return page(
    'cwf',
    '<div id="app"></div><noscript>This page needs scripts. The same is told by <code>cwf</code> in a terminal.</noscript>',
    `<link rel="stylesheet" href="/page/${style}">${early}<script type="module" src="/page/${script}"></script>`,
  );
}

function page(title: string, body: string, head = ''): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">${head}<title>${title}</title></head>
<body>
${body}
</body>
</html>
`;
}
