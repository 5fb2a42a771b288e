import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../../src/base/json.ts';
import { encodePng } from '../../../../src/io/media/png-encode.ts';
import type { EngineMessage } from '../../../../src/io/runner/embedded/messages.ts';
import { withCorpus } from '../../../corpus.ts';
import { type Bench, withEngine } from './harness.ts';

interface Recording {
  readonly prompt: JsonObject;
  readonly history: {
    readonly body: Readonly<
      Record<string, { readonly prompt: [number, string, JsonObject, JsonObject, string[]]; outputs: Json; meta: Json }>
    >;
  };
  readonly ws: readonly Recorded[];
}

type Recorded = JsonObject & { readonly type?: string; readonly data?: JsonObject; readonly binary?: boolean };

/** The server's own messages: how many jobs wait, and that none runs any more. */
const isQueue = ({ type, data }: Recorded) => type === 'status' || (type === 'executing' && data?.node === null);

withCorpus('runs', (folder) => {
  const read = (name: string): Recording => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));

  test.each([
    ['an image chain', ['1_image_chain'], 0],
    [
      'the same again after another prompt, and with one value changed',
      ['1_image_chain_again_cached', '1_image_chain_changed_blur'],
      1,
    ],
    ['masks, a text, three outputs', ['2_load_mask_composite'], 0],
    ['primitives, a lazy switch, a picture over the socket', ['4_primitives_switch_ws'], 0],
    ['the same for a client without feature flags', ['4_primitives_switch_ws_noflags'], 0],
    ['a node that fails', ['5_execution_error'], 0],
    ['a prompt of which one output is invalid', ['6_partial_invalid'], 0],
  ])('%s: the messages of the real server, in its order', async (_, names, before) => {
    await withEngine(async (bench) => {
      putInputs(bench);
      // Counters of files go on from what earlier recordings left.
      for (let i = 0; i < before; i++) await play(bench, read('1_image_chain'));
      if (before > 0) await play(bench, read('6_partial_invalid'));
      for (const name of names) {
        const recording = read(name);
        const { said, outcome } = await play(bench, recording);
        expect(said.map(normal), name).toEqual(recording.ws.filter((one) => !isQueue(one)).map(normal));
        const { outputs, meta } = Object.values(recording.history.body)[0]!;
        expect(withoutSuffix(outcome.outputs as Json)).toEqual(withoutSuffix(outputs));
        expect(Object.keys(outcome.meta).sort()).toEqual(Object.keys(meta as JsonObject).sort());
      }
    });
  });

  test('an interrupt between nodes', async () => {
    const recording = shrunk(read('7_slow_interrupted'));
    await withEngine(async (bench) => {
      const { said, outcome } = await play(bench, recording, '3');
      expect(outcome.status).toBe('interrupted');
      expect(said.map(normal)).toEqual(recording.ws.filter((one) => !isQueue(one)).map(normal));
    });
  });

  const quirks: {
    name: string;
    post: number;
    status?: string;
    error?: JsonObject[];
    outputs?: Record<string, string[]>;
    prompt?: JsonObject;
  }[] = JSON.parse(readFileSync(join(folder, 'exec_quirks.json'), 'utf8'));

  test.each(quirks.filter(({ post }) => post === 200).map((one) => [one.name, one] as const))(
    'what the server lets through: %s',
    async (_, { prompt, status, error, outputs }) => {
      await withEngine(async (bench) => {
        putInputs(bench);
        const ran = await bench.run(prompt!);
        const told = ran.messages.filter(([type]) => type === 'execution_error').map(([, data]) => data);
        const fields = ['node_id', 'node_type', 'exception_type', 'exception_message'];
        expect(told.map((one) => Object.fromEntries(fields.map((key) => [key, one[key]])))).toEqual(error);
        expect(ran.status).toBe(status);
        const shown = Object.entries(ran.outputs).map(([id, ui]) => [id, Object.keys(ui as JsonObject)]);
        expect(Object.fromEntries(shown)).toEqual(outputs);
      });
    },
  );
});

function putInputs(bench: Bench): void {
  const bytes = new Uint8Array(256 * 256 * 3).map((_, i) => i);
  const png = encodePng({ width: 256, height: 256, channels: 3, bytes }, [], 1);
  writeFileSync(join(bench.folders.input, 'engine_src.png'), png);
  writeFileSync(join(bench.folders.input, 'corrupt.png'), 'no picture');
}

async function play(bench: Bench, recording: Recording, interruptedAt?: string) {
  const [[, promptId, , extra, outputs]] = Object.values(recording.history.body).map(({ prompt }) => prompt) as [
    [number, string, JsonObject, JsonObject, string[]],
  ];
  let last: EngineMessage | undefined;
  const options = {
    promptId,
    outputs,
    extraPnginfo: extra.extra_pnginfo as JsonObject,
    previewMetadata: recording.ws.some(({ event }) => event === 4),
    isInterrupted: () => last?.kind === 'json' && last.type === 'executing' && last.data.node === interruptedAt,
  };
  const outcome = await bench.run(recording.prompt, options, (message) => {
    last = message;
  });
  return { said: outcome.said, outcome };
}

/** Pictures of 64 x 64 instead of 2048 x 2048: the messages are the same. */
function shrunk(recording: Recording): Recording {
  const prompt = structuredClone(recording.prompt) as Record<string, { inputs: JsonObject }>;
  Object.assign(prompt['1']!.inputs, { width: 64, height: 64, batch_size: 1 });
  return { ...recording, prompt: prompt as unknown as JsonObject };
}

/** A message without what no two runs share: times, names of temporary files, Python's trace, the order of sets. */
function normal(message: EngineMessage | Recorded): Json {
  if ('kind' in message && message.kind === 'preview') return { preview: 'PNG' };
  if ('kind' in message && message.kind === 'text')
    return { node: message.node as string, text: message.text as string };
  const one = message as Recorded;
  if (one.binary === true && one.event !== 3) return { preview: 'PNG' };
  if (one.binary === true) {
    const [, node, text] = /^b'(?:\\x[\da-f]{2}){4}(\d\d)(.*)'$/s.exec(String(one.text))!;
    return { node: node!, text: text!.replaceAll('\\n', '\n') };
  }
  const data = withoutSuffix(one.data!) as JsonObject;
  if ('timestamp' in data) data.timestamp = 0;
  for (const set of ['executed', 'current_outputs'])
    if (Array.isArray(data[set])) data[set] = [...(data[set] as Json[])].sort();
  if ('traceback' in data) data.traceback = 'told';
  if (typeof data.exception_message === 'string') {
    data.exception_message = data.exception_message.replace(/'[^']*\/input\//, "'input/");
  }
  return { type: one.type as string, data };
}

function withoutSuffix(json: Json): Json {
  return JSON.parse(JSON.stringify(json).replace(/_temp_[a-z]{5}_/g, '_temp_xxxxx_'));
}
