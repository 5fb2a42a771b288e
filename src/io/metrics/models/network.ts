import type { InferenceSession } from 'onnxruntime-node';
import { CwfError } from '../../../base/errors.ts';

type Runtime = typeof import('onnxruntime-node');

/** Makes the error of one file of a model. */
export type Fail = (reason: string) => Error;

/** What one input takes: `undefined` for a size that is free. */
export interface InputShape {
  readonly name: string;
  readonly type: string;
  readonly sizes: readonly (number | undefined)[];
}

/** Numbers to feed: pixels as floats, tokens as integers. */
export interface Feed {
  readonly shape: readonly number[];
  readonly values: Float32Array | BigInt64Array;
}

/** A loaded ONNX network; lives until it is released. */
export interface Network {
  readonly inputs: readonly InputShape[];
  readonly outputs: readonly string[];
  /** Runs it and returns the rows of a two-dimensional output, one for each thing of the batch. */
  run(feeds: Readonly<Record<string, Feed>>, output: string): Promise<readonly Float32Array[]>;
  release(): Promise<void>;
}

/** The package that runs networks, loaded when the first model is. Throws RUNTIME_MISSING. */
export async function loadRuntime(): Promise<Runtime> {
  try {
    return await import('onnxruntime-node');
  } catch (error) {
    const reason = (error as Error).message.split('\n')[0];
    throw new CwfError('RUNTIME_MISSING', { package: 'onnxruntime-node', reason }, { cause: error });
  }
}

/** What values were computed with: values of different runtimes may differ in their last digits. */
export async function runtimeName(): Promise<string> {
  const { env } = await loadRuntime();
  return `onnxruntime-node ${env.versions.node ?? env.versions.common} cpu`;
}

/**
 * Loads a network onto the processor with one thread, which is as fast as two for small models and leaves room for other
 * workers. Throws RUNTIME_MISSING, and what `fail` makes for a file that is no network.
 */
export async function loadNetwork(path: string, fail: Fail): Promise<Network> {
  const ort = await loadRuntime();
  const options = {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  } as const;
  const session = await ort.InferenceSession.create(path, options).catch((error: Error) => {
    throw fail(loadReason(error.message));
  });
  return {
    inputs: session.inputMetadata.map(shapeOf),
    outputs: session.outputNames,
    run: (feeds, output) => run(ort, session, feeds, output, fail),
    release: () => session.release(),
  };
}

function shapeOf(meta: InferenceSession.ValueMetadata): InputShape {
  if (!meta.isTensor) return { name: meta.name, type: 'not a tensor', sizes: [] };
  const sizes = meta.shape.map((size) => (typeof size === 'number' && size > 0 ? size : undefined));
  return { name: meta.name, type: meta.type, sizes };
}

async function run(
  ort: Runtime,
  session: InferenceSession,
  feeds: Readonly<Record<string, Feed>>,
  output: string,
  fail: Fail,
): Promise<readonly Float32Array[]> {
  const tensors = Object.entries(feeds).map(([name, { shape, values }]) => [
    name,
    values instanceof Float32Array
      ? new ort.Tensor('float32', values, [...shape])
      : new ort.Tensor('int64', values, [...shape]),
  ]);
  const results = await session.run(Object.fromEntries(tensors), [output]).catch((error: Error) => {
    throw fail(`it does not run: ${firstLine(error.message)}`);
  });
  const { dims = [], data, type } = results[output] ?? {};
  const [rows = 0, columns = 0] = dims;
  if (dims.length !== 2 || type !== 'float32' || rows * columns === 0) {
    throw fail(`its output ${output} is ${type}[${dims.join(', ')}], not one vector of float32 for each input`);
  }
  const values = data as Float32Array;
  return Array.from({ length: rows }, (_, row) => values.slice(row * columns, (row + 1) * columns));
}

/** In plain words why a file did not load. */
function loadReason(message: string): string {
  if (/protobuf parsing failed|No graph was found/i.test(message)) return 'it is no ONNX model, or cut off';
  if (/external data|\.onnx[._]data/i.test(message))
    return `the file with its weights does not fit: ${firstLine(message)}`;
  return `onnxruntime does not load it: ${firstLine(message)}`;
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').trim().slice(0, 200);
}
