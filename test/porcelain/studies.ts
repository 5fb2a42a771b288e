import { plainPng } from '../../src/io/media/png-write.ts';
import type { Runner } from '../../src/io/runner/runner.ts';
import { type Simulation, simulatedRunner } from '../../src/io/runner/simulated/runner.ts';
import { VirtualClock } from '../../src/io/runner/simulated/virtual-clock.ts';
import type { OpenRunners } from '../../src/porcelain/runners.ts';

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
