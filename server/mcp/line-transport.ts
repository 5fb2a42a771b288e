import type { Readable, Writable } from 'node:stream';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { type JSONRPCMessage, JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js';
import type { Json } from '../../src/base/json.ts';
import { jsonText } from '../../src/base/json-out.ts';
import { parseJson } from '../../src/base/json-parse.ts';

/** As large as a workflow may be, and what stands around it. */
const MOST_LINE = 8 * 1024 * 1024 + 65_536;
const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
const NEWLINE = 0x0a;

/**
 * Messages of MCP as lines of JSON. Not the SDK's own: that one reads as JavaScript does, and would round the seeds of
 * ComfyUI, which have 64 bits. Lines that are no messages are answered, and what comes after them is read. [MC-8]
 */
export class LineTransport implements Transport {
  onmessage?: (message: JSONRPCMessage) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  private readonly input: Readable;
  private readonly output: Writable;
  private parts: Buffer[] = [];
  private size = 0;
  /** Requests that have no answer yet. */
  private open = 0;
  private isEnded = false;
  private isClosed = false;

  constructor(input: Readable, output: Writable) {
    this.input = input;
    this.output = output;
  }

  async start(): Promise<void> {
    this.input.on('data', (data: Buffer) => this.take(data));
    this.input.on('end', () => this.end());
    this.input.on('error', () => this.end());
    // Whoever reads no more asks for no more.
    this.output.on('error', () => void this.close());
  }

  async send(message: JSONRPCMessage): Promise<void> {
    this.write(message);
    if (!('method' in message)) this.answered();
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.input.pause();
    this.onclose?.();
  }

  private take(data: Buffer): void {
    let from = 0;
    for (let at = data.indexOf(NEWLINE); at >= 0; at = data.indexOf(NEWLINE, from)) {
      this.keep(data.subarray(from, at));
      from = at + 1;
      this.line();
    }
    this.keep(data.subarray(from));
  }

  /** A part of a line; of one that is too long no more than that it is. */
  private keep(part: Buffer): void {
    this.size += part.length;
    if (this.size > MOST_LINE) this.parts = [];
    else if (part.length > 0) this.parts.push(part);
  }

  private line(): void {
    const { size } = this;
    const bytes = Buffer.concat(this.parts);
    this.parts = [];
    this.size = 0;
    if (size <= MOST_LINE && bytes.toString('latin1').trim() === '') return;
    try {
      if (size > MOST_LINE) throw new Error(`a line is over ${MOST_LINE} bytes`);
      this.message(parseJson(bytes, { source: 'line' }));
    } catch (error) {
      this.refuse(PARSE_ERROR, (error as Error).message);
    }
  }

  private message(json: Json): void {
    const read = JSONRPCMessageSchema.safeParse(json);
    if (read.success) {
      if ('method' in read.data && 'id' in read.data) this.open++;
      this.onmessage?.(read.data);
    } else this.refuse(INVALID_REQUEST, 'it is no message of JSON-RPC 2.0');
  }

  private refuse(code: number, message: string): void {
    this.write({ jsonrpc: '2.0', id: null, error: { code, message } });
  }

  private write(message: object): void {
    if (!this.isClosed) this.output.write(`${jsonText(message, 0)}\n`);
  }

  private answered(): void {
    this.open--;
    if (this.isEnded && this.open <= 0) void this.close();
  }

  private end(): void {
    this.isEnded = true;
    if (this.open <= 0) void this.close();
  }
}
