/** Hand-written ONNX (protobuf) networks: as small as networks get, and with the inputs and outputs of CLIP's. */

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

const number = (field: number, value: number): Buffer => Buffer.concat([varint(field << 3), varint(value)]);

function bytes(field: number, value: Buffer | string): Buffer {
  const body = Buffer.from(value as string);
  return Buffer.concat([varint((field << 3) | 2), varint(body.length), body]);
}

const FLOAT = 1;
const INT64 = 7;

function tensor(name: string, dims: readonly number[], values: Float32Array | BigInt64Array): Buffer {
  const type = values instanceof Float32Array ? FLOAT : INT64;
  const raw = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return Buffer.concat([...dims.map((dim) => number(1, dim)), number(2, type), bytes(8, name), bytes(9, raw)]);
}

function valueInfo(name: string, type: number, dims: readonly (number | string)[]): Buffer {
  const shape = Buffer.concat(dims.map((dim) => bytes(1, typeof dim === 'number' ? number(1, dim) : bytes(2, dim))));
  return Buffer.concat([bytes(1, name), bytes(2, bytes(1, Buffer.concat([number(1, type), bytes(2, shape)])))]);
}

function ints(name: string, values: readonly number[]): Buffer {
  return Buffer.concat([bytes(1, name), ...values.map((value) => number(8, value)), number(20, 7)]);
}

const int = (name: string, value: number): Buffer => Buffer.concat([bytes(1, name), number(3, value), number(20, 2)]);

function node(op: string, inputs: readonly string[], output: string, attributes: readonly Buffer[] = []): Buffer {
  return Buffer.concat([
    ...inputs.map((input) => bytes(1, input)),
    bytes(2, output),
    bytes(4, op),
    ...attributes.map((attribute) => bytes(5, attribute)),
  ]);
}

function model(parts: {
  readonly nodes: readonly Buffer[];
  readonly weights: readonly Buffer[];
  readonly inputs: readonly Buffer[];
  readonly output: Buffer;
}): Buffer {
  const graph = Buffer.concat([
    ...parts.nodes.map((each) => bytes(1, each)),
    bytes(2, 'tiny'),
    ...parts.weights.map((each) => bytes(5, each)),
    ...parts.inputs.map((each) => bytes(11, each)),
    bytes(12, parts.output),
  ]);
  // IR version 8, opset 17.
  return Buffer.concat([number(1, 8), bytes(7, graph), bytes(8, number(2, 17))]);
}

/** A vision network: strided convolution, tanh, mean, projection to `weights.length / 8` values. */
export function visionNetwork(
  kernel: Float32Array,
  projection: Float32Array,
  {
    side = 224,
    batch = 'batch',
    output = 'image_embeds',
  }: { side?: number; batch?: number | string; output?: string } = {},
): Buffer {
  const size = projection.length / 8;
  return model({
    nodes: [
      node('Conv', ['pixel_values', 'kernel'], 'c', [ints('kernel_shape', [4, 4]), ints('strides', [16, 16])]),
      node('Tanh', ['c'], 't'),
      node('GlobalAveragePool', ['t'], 'p'),
      node('Flatten', ['p'], 'f', [int('axis', 1)]),
      node('MatMul', ['f', 'projection'], output),
    ],
    weights: [tensor('kernel', [8, 3, 4, 4], kernel), tensor('projection', [8, size], projection)],
    inputs: [valueInfo('pixel_values', FLOAT, [batch, 3, side, side])],
    output: valueInfo(output, FLOAT, [batch, size]),
  });
}

/** A text network: one row of a table for each token, their mean, projection. With a mask it takes one and ignores it. */
export function textNetwork(
  table: Float32Array,
  projection: Float32Array,
  { mask = false, context = 77 }: { mask?: boolean; context?: number } = {},
): Buffer {
  const size = projection.length / 8;
  const inputs = [valueInfo('input_ids', INT64, ['batch', context])];
  const masked = mask
    ? [
        node('Cast', ['attention_mask'], 'm', [int('to', FLOAT)]),
        node('ReduceMax', ['m'], 'one', [ints('axes', [0, 1]), int('keepdims', 0)]),
      ]
    : [];
  return model({
    nodes: [
      node('Gather', ['table', 'input_ids'], 'g', [int('axis', 0)]),
      node('ReduceMean', ['g'], 'r', [ints('axes', [1]), int('keepdims', 0)]),
      ...masked,
      node('MatMul', ['r', 'projection'], mask ? 'raw' : 'text_embeds'),
      ...(mask ? [node('Mul', ['raw', 'one'], 'text_embeds')] : []),
    ],
    weights: [tensor('table', [table.length / 8, 8], table), tensor('projection', [8, size], projection)],
    inputs: mask ? [...inputs, valueInfo('attention_mask', INT64, ['batch', context])] : inputs,
    output: valueInfo('text_embeds', FLOAT, ['batch', size]),
  });
}

/** A network that ends in three dimensions, as one without a projection does. */
export function wrongShapeNetwork(): Buffer {
  return model({
    nodes: [
      node('Conv', ['pixel_values', 'kernel'], 'c', [ints('kernel_shape', [4, 4]), ints('strides', [16, 16])]),
      node('GlobalAveragePool', ['c'], 'image_embeds'),
    ],
    weights: [tensor('kernel', [8, 3, 4, 4], new Float32Array(384).fill(0.1))],
    inputs: [valueInfo('pixel_values', FLOAT, ['batch', 3, 224, 224])],
    output: valueInfo('image_embeds', FLOAT, ['batch', 8, 1, 1]),
  });
}

/** A safetensors file of 32-bit floats. */
export function safetensors(
  tensors: Readonly<Record<string, { shape: readonly number[]; values: readonly number[] }>>,
): Buffer {
  const header: Record<string, unknown> = {};
  const bodies: Buffer[] = [];
  let at = 0;
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    const body = Buffer.from(Float32Array.from(values).buffer);
    header[name] = { dtype: 'F32', shape, data_offsets: [at, at + body.length] };
    at += body.length;
    bodies.push(body);
  }
  return safetensorsOf(JSON.stringify(header), Buffer.concat(bodies));
}

/** A safetensors file with any header. */
export function safetensorsOf(
  header: string,
  body: Buffer = Buffer.alloc(0),
  length = BigInt(Buffer.byteLength(header)),
): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(length);
  return Buffer.concat([size, Buffer.from(header), body]);
}

/** A tokenizer of CLIP's kind with the bytes' letters and a few merges as its vocabulary. */
export function tinyTokenizer(): {
  readonly json: object;
  readonly config: object;
  readonly vocab: Record<string, number>;
} {
  const letters = [...'abcdefghijklmnopqrstuvwxyz0123456789.,!?:;-\'"()<>|'];
  const merges = ['c a', 'ca t</w>', 'd o', 'do g</w>', 'o f</w>', 'p h', 'ph o', 't o</w>', 'pho to</w>'];
  const words = [...letters, ...letters.map((each) => `${each}</w>`), ...merges.map((pair) => pair.replace(' ', ''))];
  const vocab = Object.fromEntries([...words, '<|startoftext|>', '<|endoftext|>'].map((word, id) => [word, id]));
  const special = (content: string) => ({
    ...{
      id: vocab[content],
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: true,
      special: true,
    },
  });
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [special('<|startoftext|>'), special('<|endoftext|>')],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        {
          type: 'Split',
          pattern: { Regex: "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+" },
          behavior: 'Removed',
          invert: true,
        },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: {
      type: 'RobertaProcessing',
      sep: ['<|endoftext|>', vocab['<|endoftext|>']],
      cls: ['<|startoftext|>', vocab['<|startoftext|>']],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: 'ByteLevel' },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: '<|endoftext|>',
      continuing_subword_prefix: '',
      end_of_word_suffix: '</w>',
      fuse_unk: false,
      vocab,
      merges,
    },
  };
  const config = {
    tokenizer_class: 'CLIPTokenizer',
    pad_token: '<|endoftext|>',
    unk_token: '<|endoftext|>',
    model_max_length: 77,
  };
  return { json, config, vocab };
}
