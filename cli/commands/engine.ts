import { defineCommand } from '../command.ts';
import { safe } from '../output/safe.ts';
import { stopSignal } from '../stop-signal.ts';

/** Port of a ComfyUI server. */
const PORT = 8188;

export const command = defineCommand({
  name: 'engine',
  summary: 'Serve the embedded engine as a ComfyUI server on this machine',
  description:
    'Runs prompts of the node classes that need no model, without Python or a graphics card, in the protocol of a ComfyUI server: /prompt, /ws, /history, /view, /upload/image, /queue, /interrupt, /object_info and more. Only programs on this machine reach it. A prompt with another class is refused with the list of those classes; any other mistake is answered as ComfyUI answers it. Ctrl-C (SIGINT) or SIGTERM stops it, with exit code 0. docs/engine.md has the details.',
  examples: [
    ["On ComfyUI's own port", 'cwf engine'],
    ['Beside a ComfyUI that runs, on any free port', 'cwf engine --port 0 --input pictures --output results'],
  ],
  flags: {
    port: { type: 'integer', min: 0, max: 65_535, default: PORT, description: 'port on 127.0.0.1, 0 for any free one' },
    output: { type: 'string', value: 'dir', default: 'output', description: 'folder that pictures are saved in' },
    input: { type: 'string', value: 'dir', default: 'input', description: 'folder that pictures are loaded from' },
  },
  async run({ flags }, io) {
    const { startEngine } = await import('../../src/porcelain/engine.ts');
    // Listened for before anything is begun: there is a folder to remove at the end.
    const stopped = stopSignal();
    const engine = await startEngine(flags, io.cwd);
    const { url, folders } = engine;
    io.result('cwf.engine/1', { url, engine: engine.engine, folders }, () => {
      io.print(io.mode === 'porcelain' ? url : `The embedded engine listens on ${io.color.bold(url)}`);
    });
    // What was printed goes out now, not at the end.
    await io.end();
    io.note(`loads from ${safe(folders.input)}, saves to ${safe(folders.output)}; Ctrl-C stops it`);
    await stopped;
    await engine.close();
  },
});
