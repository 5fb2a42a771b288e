import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Clock } from './clock.ts';
import { namedFiles } from './outputs.ts';
import type { RunEvent, Timings } from './runner.ts';

/** A picture that came over the socket, and of whom where the server says so. */
export interface PreviewFrame {
  readonly node?: string;
  readonly promptId?: string;
  /** A media type. */
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** Nodes whose times are kept: those of the largest prompt that is read. */
const MOST_NODES = 100_000;

/**
 * What one run hears from its runner. All of it is a hint: it makes events and wakes the one who asks the server, and
 * decides nothing. Messages of other prompts are passed over; the server sends some of those to everybody.
 */
export class Watch {
  private readonly clock: Clock;
  private readonly emit: (event: RunEvent) => void;
  private readonly times = new Map<string, number>();
  private waking = new AbortController();
  private current: { readonly node: string; readonly since: number } | undefined;
  private promptId: string;
  private isStarted = false;
  /** Whether the prompt runs, as far as was heard. */
  running = false;
  /** When the end was heard of. */
  endedAt: number | undefined;
  /** Whether the socket broke. */
  isDropped = false;

  constructor(promptId: string, clock: Clock, emit: (event: RunEvent) => void) {
    this.promptId = promptId;
    this.clock = clock;
    this.emit = emit;
  }

  /** Sets the id that the server gave the prompt: old ones do not take ours. */
  follow(promptId: string): void {
    this.promptId = promptId;
  }

  get nodes(): Timings['nodes'] {
    return [...this.times].map(([node, ms]) => ({ node, ms }));
  }

  /** Ends a wait, or the next one. */
  wake(): void {
    this.waking.abort();
  }

  /** Waits so long, or until something was heard that is worth a question. */
  async wait(ms: number): Promise<void> {
    await this.clock.sleep(ms, this.waking.signal);
    if (this.waking.signal.aborted) this.waking = new AbortController();
  }

  /** It runs: heard of, or found when the server was asked. */
  start(): void {
    this.running = true;
    if (!this.isStarted) this.emit({ kind: 'started', promptId: this.promptId });
    this.isStarted = true;
  }

  message(type: string, data: JsonObject): void {
    if (data.prompt_id !== this.promptId) return;
    switch (type) {
      case 'execution_start':
        this.start();
        return;
      case 'execution_cached':
        this.emit({ kind: 'cached', nodes: textsOf(data.nodes) });
        return;
      case 'executing':
        this.executing(data.node ?? null);
        return;
      case 'progress':
        this.progress(data);
        return;
      case 'executed':
        this.executed(data);
        return;
      case 'execution_success':
      case 'execution_error':
      case 'execution_interrupted':
        this.end();
        return;
      default:
    }
  }

  /** Frames without a prompt id are taken while this prompt runs: a server runs one at a time. */
  preview({ node, promptId, type, bytes }: PreviewFrame): void {
    const isOurs = promptId === undefined ? this.running : promptId === this.promptId;
    const of = node ?? this.current?.node;
    if (isOurs) this.emit({ kind: 'preview', ...(of === undefined ? {} : { node: of }), type, bytes });
  }

  /** The socket is gone, and nobody asked for that. */
  dropped(): void {
    this.isDropped = true;
    this.wake();
  }

  private executing(node: Json): void {
    this.closeNode();
    if (typeof node === 'string') {
      this.current = { node, since: this.clock.now() };
      this.emit({ kind: 'node', node });
    } else this.end();
  }

  private progress({ node, value, max }: JsonObject): void {
    const of = typeof node === 'string' ? node : this.current?.node;
    if (of === undefined || typeof value !== 'number' || typeof max !== 'number') return;
    this.emit({ kind: 'progress', node: of, value, max });
  }

  private executed({ node, output }: JsonObject): void {
    if (typeof node !== 'string' || !isObject(output)) return;
    this.emit({ kind: 'output', node, files: namedFiles({ [node]: output }).files });
  }

  private end(): void {
    this.closeNode();
    this.running = false;
    this.endedAt ??= this.clock.now();
    this.wake();
  }

  private closeNode(): void {
    if (!this.current) return;
    const { node, since } = this.current;
    this.current = undefined;
    if (this.times.size >= MOST_NODES && !this.times.has(node)) return;
    this.times.set(node, (this.times.get(node) ?? 0) + this.clock.now() - since);
  }
}

function textsOf(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
