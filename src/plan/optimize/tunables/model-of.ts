import { detectDistilled, detectFamily } from '../../../core/families/detect.ts';
import type { LiveGraph, LiveNode } from './live.ts';
import type { FoundModel } from './tunable.ts';

/** Inputs that name the file of a model; loaders of other things have other names. */
const MODEL_FILES = ['ckpt_name', 'unet_name', 'unet', 'model_name', 'gguf_name', 'diffusion_model'];
const LORA_FILES = ['lora_name'];
/** Inputs on the way from a sampler to its model. */
const MODEL_INPUTS = ['model', 'guider', 'model1', 'model_high', 'unet'];
const ENCODERS = /CLIPLoader|TextEncoderLoader/;

/** The models of the samplers of a workflow: found once for each node that asks. */
export class ModelFinder {
  private readonly graph: LiveGraph;
  private readonly known = new Map<LiveNode, FoundModel>();
  private rest: readonly LiveNode[] | undefined;

  constructor(graph: LiveGraph) {
    this.graph = graph;
  }

  /** The model that a node works with: on its own way, else on that of the samplers it feeds, else the only one. */
  of(node: LiveNode): FoundModel {
    const known = this.known.get(node);
    if (known) return known;
    const found = this.find(node);
    this.known.set(node, found);
    return found;
  }

  /** The different models of the workflow, by file. */
  all(): readonly FoundModel[] {
    const samplers = [...this.graph.nodes].filter((node) => node.inputs.has('steps') || node.inputs.has('sampler'));
    const found = samplers.map((node) => this.of(node)).filter(({ file, detected }) => file ?? detected);
    return [...new Map(found.map((one) => [`${one.file ?? ''} ${one.distilled?.evidence ?? ''}`, one])).values()];
  }

  private find(node: LiveNode): FoundModel {
    const upward = this.modelWay(node);
    const way = upward.some((one) => fileOf(this.graph, one, MODEL_FILES)) ? upward : this.downwardWay(node);
    const files = (names: readonly string[]): string[] => way.flatMap((one) => fileOf(this.graph, one, names) ?? []);
    const around = [...way, ...this.others()];
    const traits = {
      models: files(MODEL_FILES),
      loras: way.flatMap((one) =>
        strengthOf(this.graph, one) === 0 ? [] : (fileOf(this.graph, one, LORA_FILES) ?? []),
      ),
      classes: around.map(({ classType }) => classType),
      encoders: around.flatMap((one) => {
        const type = ENCODERS.test(one.classType) ? this.graph.valueOf(one, 'type') : undefined;
        return typeof type === 'string' ? [type] : [];
      }),
    };
    const detected = detectFamily(traits);
    const distilled = detectDistilled(traits, detected);
    const [file] = traits.models;
    return {
      ...(file === undefined ? {} : { file }),
      ...(detected ? { detected } : {}),
      ...(distilled ? { distilled } : {}),
    };
  }

  /** The nodes that a model passes on its way to a node, nearest first, the node itself included. */
  private modelWay(node: LiveNode): LiveNode[] {
    const way = [node];
    for (const one of way) {
      for (const input of MODEL_INPUTS) {
        const source = this.graph.source(one, input);
        if (source && !way.includes(source)) way.push(source);
      }
    }
    return way;
  }

  /** The way of the first sampler that a latent or a list of sigmas comes to. */
  private downwardWay(node: LiveNode): LiveNode[] {
    const seen = new Set([node]);
    for (const one of seen) {
      const way = this.modelWay(one);
      if (way.some((step) => fileOf(this.graph, step, MODEL_FILES))) return way;
      for (const { node: user } of this.graph.usersOf(one)) seen.add(user);
    }
    return [node];
  }

  /** Nodes that make latents or load text encoders, which may tell a family. */
  private others(): readonly LiveNode[] {
    this.rest ??= [...this.graph.nodes].filter(
      ({ classType }) => ENCODERS.test(classType) || /^(Empty|Wan22|ADE_)/.test(classType),
    );
    return this.rest;
  }
}

function fileOf(graph: LiveGraph, node: LiveNode, inputs: readonly string[]): string | undefined {
  for (const input of inputs) {
    const value = node.inputs.has(input) ? graph.valueOf(node, input) : undefined;
    if (typeof value === 'string') return value;
  }
  return undefined;
}

/** A LoRA of strength 0 changes nothing. */
function strengthOf(graph: LiveGraph, node: LiveNode): unknown {
  return graph.valueOf(node, 'strength_model');
}
