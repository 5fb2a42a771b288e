import type { Json, JsonObject } from '../../base/json.ts';

/** Why a node failed, cut to what can be kept. */
export interface RunError {
  readonly node: string;
  readonly classType: string;
  /** The name of Python's exception. */
  readonly type: string;
  readonly message: string;
  /** Its last lines. */
  readonly trace: readonly string[];
}

/** Characters of a message, of one line, and lines of a trace: an out-of-memory error brings dumps of whole tensors. */
const MOST_MESSAGE = 2_000;
const MOST_LINE = 500;
const MOST_LINES = 20;

const MEMORY_TYPE = /(^|\.)(OutOfMemoryError|MemoryError)$/;
const MEMORY_TEXT = /out of memory|can't allocate memory|not enough memory|would exceed allowed memory/i;

/** Reads ComfyUI's `execution_error`; inputs and outputs of the node are left out. */
export function runErrorOf(data: JsonObject): RunError {
  const trace = Array.isArray(data.traceback) ? data.traceback : [];
  return {
    node: text(data.node_id, MOST_LINE),
    classType: text(data.node_type, MOST_LINE),
    type: text(data.exception_type, MOST_LINE),
    message: text(data.exception_message, MOST_MESSAGE).trim(),
    trace: trace.slice(-MOST_LINES).map((line) => text(line, MOST_LINE)),
  };
}

/**
 * Whether a node failed for want of memory: by the exception (`torch.OutOfMemoryError` under its names of all versions,
 * Python's own MemoryError) or by the words that torch's allocators use where they raise something else.
 */
export function isOutOfMemory({ type, message }: RunError): boolean {
  return MEMORY_TYPE.test(type) || MEMORY_TEXT.test(message);
}

function text(value: Json | undefined, most: number): string {
  const whole = typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
  return whole.length <= most ? whole : `${whole.slice(0, most)}…`;
}
