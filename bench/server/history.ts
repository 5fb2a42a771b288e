import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { defaultCatalog } from '../../src/core/catalog/catalog.ts';
import { parseWorkflow } from '../../src/core/workflow/read.ts';
import { formatWorkflow } from '../../src/core/workflow/write.ts';
import { openContext } from '../../src/porcelain/context.ts';
import { init } from '../../src/porcelain/init.ts';

/** Text to image, as a prompt: what most of a history of values is about. */
const GRAPH = {
  '3': {
    class_type: 'KSampler',
    inputs: {
      seed: 42,
      steps: 20,
      cfg: 8,
      sampler_name: 'euler',
      scheduler: 'normal',
      denoise: 1,
      model: ['4', 0],
      positive: ['6', 0],
      negative: ['7', 0],
      latent_image: ['5', 0],
    },
  },
  '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'a.safetensors' } },
  '5': { class_type: 'EmptyLatentImage', inputs: { width: 512, height: 512, batch_size: 1 } },
  '6': { class_type: 'CLIPTextEncode', inputs: { text: 'a cat', clip: ['4', 1] } },
  '7': { class_type: 'CLIPTextEncode', inputs: { text: 'blurry', clip: ['4', 1] } },
  '8': { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
  '9': { class_type: 'SaveImage', inputs: { filename_prefix: 'out', images: ['8', 0] } },
};
const IDENTITY = 'Bench <bench@example.org>';
const START = 1_700_000_000;

/** A repository with `files` workflows, `w0.json` and so on, of which each commit changes a value of one. */
export async function longHistory(dir: string, commits: number, files: number): Promise<void> {
  mkdirSync(dir, { recursive: true });
  await init(dir);
  const texts = Array.from({ length: files }, (_, file) => textWith(20 + file));
  const parts: string[] = [];
  const blob = (file: number): string => {
    const text = texts[file]!;
    return `M 100644 inline w${file}.json\ndata ${Buffer.byteLength(text)}\n${text}\n`;
  };
  for (let at = 0; at < commits; at++) {
    const file = at % files;
    texts[file] = textWith(1 + (at % 9999));
    const message = `KSampler #3: steps ${at}`;
    const changed = at === 0 ? texts.map((_, each) => blob(each)).join('') : blob(file);
    parts.push(
      `commit refs/heads/main\ncommitter ${IDENTITY} ${START + at} +0000\ndata ${message.length}\n${message}\n${changed}`,
    );
  }
  run(dir, ['fast-import', '--quiet'], `${parts.join('\n')}\ndone\n`);
  run(dir, ['symbolic-ref', 'HEAD', 'refs/heads/main']);
  run(dir, ['reset', '--hard', '--quiet']);
  const ctx = await openContext({ cwd: dir });
  if ((await ctx.repo.head()).oid === undefined) throw new Error('the history was not made');
}

function textWith(steps: number): string {
  const graph = structuredClone(GRAPH);
  graph['3'].inputs.steps = steps;
  return formatWorkflow(parseWorkflow(JSON.stringify(graph), { catalog: defaultCatalog(), source: 'graph' }));
}

function run(cwd: string, args: readonly string[], input = ''): void {
  const { status, stderr } = spawnSync('git', args, { cwd, input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ${args[0]}: ${stderr}`);
}
