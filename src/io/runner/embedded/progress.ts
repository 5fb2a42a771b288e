import type { Json } from '../../../base/json.ts';
import type { Emit } from './messages.ts';

interface State {
  value: number;
  max: number;
  state: 'running' | 'finished';
}

/** How far each node is; tells the state of all with every change, as ComfyUI does. */
export class Progress {
  private readonly states = new Map<string, State>();
  private readonly promptId: string;
  private readonly emit: Emit;
  private readonly previewMetadata: boolean;

  constructor(promptId: string, emit: Emit, previewMetadata: boolean) {
    this.promptId = promptId;
    this.emit = emit;
    this.previewMetadata = previewMetadata;
  }

  start(node: string): void {
    this.states.set(node, { value: 0, max: 1, state: 'running' });
    this.tellAll();
  }

  finish(node: string): void {
    const max = this.states.get(node)?.max ?? 1;
    this.states.set(node, { value: max, max, state: 'finished' });
    this.tellAll();
  }

  /** A client that knows metadata gets the picture before the number, another one after it. */
  update(node: string, value: number, max: number, png: Uint8Array | undefined): void {
    this.states.set(node, { value, max, state: 'running' });
    this.tellAll();
    const about = this.about(node);
    const preview = () => {
      if (png) this.emit({ kind: 'preview', png, metadata: { ...about, image_type: 'image/png' } });
    };
    if (this.previewMetadata) preview();
    this.emit({ kind: 'json', type: 'progress', data: { value, max, prompt_id: this.promptId, node } });
    if (!this.previewMetadata) preview();
  }

  private tellAll(): void {
    const nodes = Object.fromEntries([...this.states].map(([id, state]) => [id, { ...state, ...this.about(id) }]));
    this.emit({ kind: 'json', type: 'progress_state', data: { prompt_id: this.promptId, nodes } });
  }

  private about(node: string): { [key: string]: Json } {
    return {
      node_id: node,
      prompt_id: this.promptId,
      display_node_id: node,
      parent_node_id: null,
      real_node_id: node,
    };
  }
}
