import { isObject, type Json, type JsonObject } from '../../../base/json.ts';
import { visibleText } from '../../../base/visible-text.ts';
import type { Capabilities, Device, Environment, SampledMemory } from '../runner.ts';
import type { Server } from './address.ts';
import { askObject, type HttpLimits } from './http.ts';

const MOST_ARGUMENTS = 100;
const MOST_TEXT = 300;
/** A list offers files when one of its options ends like one; an empty list may be a folder without files. */
const FILE = /\.[a-z][a-z0-9]{1,11}$/i;
/** Inputs whose files come with the run. */
const UPLOAD = /_upload$/;
const SECRET = /(key|token|password)$/i;

/** What `/system_stats` tells. */
export interface Stats {
  readonly environment: Environment;
  readonly memory: SampledMemory | undefined;
  readonly vramFree: number | undefined;
}

/** Asks what a server is and what memory is in use. Throws as `ask` does. */
export async function readStats(server: Server, limits: HttpLimits): Promise<Stats> {
  const { system, devices } = await askObject(server, '/system_stats', limits);
  const about = isObject(system) ? system : {};
  const all = (Array.isArray(devices) ? devices : []).filter(isObject);
  const optional = (key: string, value: Json | undefined) => (typeof value === 'string' ? { [key]: shown(value) } : {});
  return {
    environment: {
      ...optional('engine', about.comfyui_version),
      ...optional('python', about.python_version),
      ...optional('pytorch', about.pytorch_version),
      ...optional('os', about.os),
      argv: argvOf(about.argv),
      devices: all.slice(0, MOST_ARGUMENTS).map(deviceOf),
    },
    memory: memoryOf(all[0]),
    vramFree: typeof all[0]?.vram_free === 'number' ? all[0].vram_free : undefined,
  };
}

/** The greater of two samples. */
export function greatest(a: SampledMemory | undefined, b: SampledMemory | undefined): SampledMemory | undefined {
  if (!a || !b) return a ?? b;
  const samples = a.samples + b.samples;
  return { ...a, samples, used: Math.max(a.used, b.used), torch: Math.max(a.torch, b.torch) };
}

/** Classes and files of `/object_info`. Names of the server become keys of sets and maps only. */
export function readObjectInfo(info: JsonObject): Pick<Capabilities, 'classes' | 'files'> {
  const files = new Map<string, ReadonlySet<string>>();
  for (const [name, definition] of Object.entries(info)) {
    const sections = isObject(definition) && isObject(definition.input) ? Object.values(definition.input) : [];
    for (const [input, spec] of sections.filter(isObject).flatMap((section) => Object.entries(section))) {
      const options = fileOptions(spec);
      if (options) files.set(`${name}.${input}`, new Set(options));
    }
  }
  return { classes: new Set(Object.keys(info)), files };
}

/** Options of a combo, in the old form `[list, settings]` or the new one `["COMBO", {options: list}]`. */
function fileOptions(spec: Json): string[] | undefined {
  const [type, settings] = Array.isArray(spec) ? spec : [];
  const set = isObject(settings) ? settings : {};
  const list = Array.isArray(type) ? type : type === 'COMBO' ? set.options : undefined;
  if (!Array.isArray(list) || Object.entries(set).some(([key, value]) => UPLOAD.test(key) && value === true)) return;
  const texts = list.filter((option) => typeof option === 'string');
  return texts.length === 0 || texts.some((text) => FILE.test(text)) ? texts : undefined;
}

function deviceOf({ name, type, vram_total: total }: JsonObject): Device {
  const vram = typeof total === 'number' ? { vramTotal: total } : {};
  return { name: shown(name), type: shown(type), ...vram };
}

/** On a CPU the numbers are those of the whole machine and say nothing of the run. */
function memoryOf(device: JsonObject | undefined): SampledMemory | undefined {
  if (!device || device.type === 'cpu') return undefined;
  const { vram_total, vram_free, torch_vram_total, torch_vram_free } = device;
  if (typeof vram_total !== 'number' || typeof vram_free !== 'number') return undefined;
  const torch = typeof torch_vram_total === 'number' && typeof torch_vram_free === 'number';
  return {
    kind: 'sampled',
    device: shown(device.name),
    samples: 1,
    used: vram_total - vram_free,
    torch: torch ? torch_vram_total - torch_vram_free : 0,
  };
}

/** What follows `--api-key` and the like is nobody's business. */
function argvOf(argv: Json | undefined): string[] {
  const all = (Array.isArray(argv) ? argv : []).slice(0, MOST_ARGUMENTS).map(shown);
  return all.map((one, i) => (SECRET.test(all[i - 1] ?? '') ? '…' : one.replace(/(key|token|password)=.*/i, '$1=…')));
}

function shown(value: Json | undefined): string {
  return typeof value === 'string' ? visibleText(value.slice(0, MOST_TEXT)) : '';
}
