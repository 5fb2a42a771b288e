import { plainPng } from '../../src/io/media/png-write.ts';
import type { Runner } from '../../src/io/runner/runner.ts';
import { type Simulation, simulatedRunner } from '../../src/io/runner/simulated/runner.ts';
import { VirtualClock } from '../../src/io/runner/simulated/virtual-clock.ts';
import type { OpenRunners } from '../../src/porcelain/runners.ts';

/** A workflow of a picture that is blurred and sharpened: two numbers to search, and no seed. */
export const BLURRED = {
  '1': { class_type: 'EmptyImage', inputs: { width: 32, height: 32, batch_size: 1, color: 5 } },
  '2': { class_type: 'ImageBlur', inputs: { image: ['1', 0], blur_radius: 3, sigma: 1 } },
  '3': { class_type: 'ImageSharpen', inputs: { image: ['2', 0], sharpen_radius: 1, sigma: 1, alpha: 1 } },
  '9': { class_type: 'SaveImage', inputs: { images: ['3', 0], filename_prefix: 'x' } },
};

/** A prompt whose inputs are looked at as numbers. */
export type Prompt = Readonly<Record<string, { readonly inputs: Readonly<Record<string, number>> }>>;

/** Says of a prompt, by its number on its runner, how long it takes and how it ends. */
export type Simulating = (prompt: Prompt, number: number) => Partial<Simulation>;

/** Runners in virtual time that leave a picture, and what was sent to them. */
export function simulatedWith(simulate: Simulating, count = 1) {
  const clock = new VirtualClock();
  const sent: Prompt[] = [];
  const runners = Array.from(
    { length: count },
    (_, i): Runner =>
      simulatedRunner({
        name: `sim${i}`,
        clock,
        simulate(json, number) {
          const prompt = json as unknown as Prompt;
          sent.push(prompt);
          const outputs = { '9': [{ filename: 'x.png', bytes: plainPng }] };
          return { duration: 1000, outputs, ...simulate(prompt, number) };
        },
      }),
  );
  const open = async (): Promise<OpenRunners> => ({ runners, close: async () => {} });
  return { sent, open };
}
