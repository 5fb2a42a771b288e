import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { JsonObject } from '../../../../src/base/json.ts';
import { defaultCatalog } from '../../../../src/core/catalog/catalog.ts';
import { Engine, type ExecuteOptions } from '../../../../src/io/runner/embedded/execute.ts';
import type { Emit, EngineMessage, Outcome } from '../../../../src/io/runner/embedded/messages.ts';
import type { Folders } from '../../../../src/io/runner/embedded/operation.ts';

/** An engine with folders of its own. */
export interface Bench {
  readonly folders: Folders;
  run(prompt: object, options?: Partial<ExecuteOptions>, heard?: Emit): Promise<Ran>;
}

/** What a run said and left. */
export interface Ran extends Outcome {
  readonly said: readonly EngineMessage[];
}

/** A picture as bytes, channels side by side. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly bytes: Buffer;
}

/** Runs `use` with an engine whose input folder holds what stands in `inputs`. */
export async function withEngine<T>(use: (bench: Bench) => Promise<T>, inputs?: string): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), 'cwf-engine-'));
  try {
    const folders = { input: join(root, 'input'), output: join(root, 'output'), temp: join(root, 'temp') };
    for (const folder of Object.values(folders)) mkdirSync(folder);
    if (inputs !== undefined) cpSync(inputs, folders.input, { recursive: true });
    const engine = new Engine(defaultCatalog());
    let count = 0;
    let suffixes = 0;
    const run: Bench['run'] = async (prompt, options = {}, heard = () => {}) => {
      const said: EngineMessage[] = [];
      const outcome = await engine.execute(
        prompt as JsonObject,
        {
          promptId: `prompt-${count++}`,
          folders,
          now: () => new Date(1_700_000_000_000),
          suffix: () => lettersOf(suffixes++),
          isInterrupted: () => false,
          ...options,
        },
        (message) => {
          said.push(message);
          heard(message);
        },
      );
      return { ...outcome, said };
    };
    return await use({ folders, run });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** The pictures that a node saved or showed. */
export async function picturesOf(bench: Bench, ran: Ran, node: string): Promise<Picture[]> {
  const shown = ran.outputs[node] as unknown as { images: { filename: string; subfolder: string; type: string }[] };
  return Promise.all(
    shown.images.map(({ filename, subfolder, type }) =>
      readPicture(join(bench.folders[type as 'output' | 'temp'], subfolder, filename)),
    ),
  );
}

/** The pixels of a file. */
export async function readPicture(path: string): Promise<Picture> {
  const { data, info } = await sharp(readFileSync(path)).raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: info.channels, bytes: data };
}

/** The greatest difference of two pictures in steps of 255, and how many bytes differ; infinite for other sizes. */
export function difference(a: Picture, b: Picture): { most: number; count: number } {
  if (a.width !== b.width || a.height !== b.height || a.channels !== b.channels) {
    return { most: Number.POSITIVE_INFINITY, count: Number.POSITIVE_INFINITY };
  }
  let most = 0;
  let count = 0;
  for (let i = 0; i < a.bytes.length; i++) {
    const step = Math.abs(a.bytes[i]! - b.bytes[i]!);
    if (step > 0) count++;
    most = Math.max(most, step);
  }
  return { most, count };
}

/** Five letters for each number. */
function lettersOf(number: number): string {
  return [...String(number).padStart(5, '0')].map((digit) => 'abcdefghij'[Number(digit)]).join('');
}
