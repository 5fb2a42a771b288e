import { VERSION } from '../../src/base/version.ts';
import { defineCommand } from '../command.ts';
import { safe } from '../output/safe.ts';
import { stopSignal } from '../stop-signal.ts';

export const command = defineCommand({
  name: 'serve',
  summary: 'Serve the repository to a browser, to agents and to programs',
  description:
    'Opens a page in the browser, and an API under /api for programs with a token (`cwf token add`). Only this machine reaches it. The link that is printed opens one session, once; in a folder that is served already it is a new link to that server. Ctrl-C (SIGINT) or SIGTERM stops it, with exit code 0. docs/server.md has the rules.',
  examples: [
    ['Open the page', 'cwf serve'],
    ['Only print the link', 'cwf serve --no-open'],
    ['For another program on this machine, on any free port', 'cwf serve --no-open --port 0 --json'],
    ['Behind a proxy with TLS that is called wf.example.org', 'cwf serve --no-open --allow-host wf.example.org'],
  ],
  flags: {
    port: {
      type: 'integer',
      min: 0,
      max: 65_535,
      description: 'port, 0 for any free one; else the first free from 8190',
    },
    host: {
      type: 'string',
      value: 'address',
      description: 'address to listen on; other than loopback asks for a token',
    },
    'allow-host': {
      type: 'string',
      multiple: true,
      value: 'name',
      description: 'also answer by this name, such as that of a proxy',
    },
    'no-open': { type: 'boolean', description: 'do not open the browser' },
  },
  async run({ flags }, io) {
    const { serve } = await import('../../server/serve.ts');
    // Listened for before anything is begun: there is a file to remove at the end.
    const stopped = stopSignal();
    const { port, host } = flags;
    const served = await serve({
      cwd: io.cwd,
      env: io.env,
      version: VERSION,
      log: io.note,
      allowHosts: flags['allow-host'],
      ...(port === undefined ? {} : { port }),
      ...(host === undefined ? {} : { host }),
    });
    const { url, link, pid, close } = served;
    const isNew = close !== undefined;
    io.result('cwf.serve/1', { url, link, pid, started: isNew }, () => {
      if (io.mode === 'porcelain') return io.print(link);
      io.print(
        isNew
          ? `Serving ${safe(io.cwd)} on ${io.color.bold(url)}`
          : `Process ${pid} serves this folder on ${io.color.bold(url)} already`,
      );
      io.print();
      io.print(`  ${io.color.bold(link)}`);
      io.print();
    });
    // What was printed goes out now, not at the end.
    await io.end();
    if (!flags['no-open'] && io.interactive) (await import('../open-browser.ts')).openBrowser(link, io.env);
    if (close === undefined) return;
    io.note('The link opens one session, once. Ctrl-C stops the server.');
    await stopped;
    await close();
  },
});
