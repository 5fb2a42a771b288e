import type { Params } from '../../src/plan/optimize/space.ts';
import type { Constants, SamplerRow, Task } from './specification.ts';

/** The formulas of the problems over one set of constants; all without noise, all to be made small. */
export interface Formulas {
  /** One value for each objective. */
  values(fn: string, x: Params): readonly number[];
  /** `comfy`, or one of the tasks that the transfer problem learned before. */
  comfy(x: Params, task?: Task): number;
  /** Seconds for one image. */
  latency(x: Params): number;
  /** Memory in GB. */
  vram(x: Params): number;
  /** Loss on one of 27 images; their mean is `comfy`. */
  prompt(x: Params, image: number): number;
  /** Loss at a low resolution `z` of 1 to 27; biased below 27. */
  lowres(x: Params, z: number): number;
}

const { exp, sqrt, sin, cos, PI, max } = Math;

/** Makes the formulas; `research/hpo.md` section 3 and its `problems.py` define them. */
export function formulasOf(constants: Constants): Formulas {
  const { k } = constants;
  const rows = new Map(constants.samplers.map((row, i) => [row.name, { row, i }]));
  const samplerOf = (x: Params): SamplerRow => rows.get(String(x['sampler']))!.row;
  const schedulerOf = (x: Params): number => constants.schedulers.indexOf(String(x['scheduler']));

  const comfy = (x: Params, task?: Task): number => {
    const s = samplerOf(x);
    const scheduler = schedulerOf(x);
    const res = constants.res.indexOf(num(x, 'res'));
    const [steps, cfg, denoise] = [num(x, 'steps'), num(x, 'cfg'), num(x, 'denoise')];
    const tau = s.tau * (task?.tau_mul ?? 1);
    const base = s.base + (task ? task.base_jit[rows.get(s.name)!.i]! : 0);
    const best =
      (task?.cfg0 ?? k['cfg0']!) +
      constants.sched_cfg[scheduler]! +
      k['cfgpp_shift']! * s.cfgpp +
      k['cfg_stoch']! * s.stoch;
    const width = cfg < best ? k['wl']! : k['wr']!;
    const ofCfg = k['cfg_floor']! + (1 - k['cfg_floor']!) * exp(-0.5 * ((cfg - best) / width) ** 2);
    const bestDenoise = (task?.d0 ?? k['d0']!) + k['d_res']! * (res - 3) + k['d_stoch']! * s.stoch;
    const ofDenoise = 1 - k['d_amp']! * (1 - exp(-(((denoise - bestDenoise) / k['dw']!) ** 2)));
    const burn = k['burn']! * max(0, cfg - k['burn_cfg']!) * exp(-steps / k['burn_tau']!);
    const over = k['over']! * max(0, steps - k['over_k']! * tau);
    const quality = base * (1 - exp(-steps / tau)) * ofCfg * ofDenoise * constants.qres[res]!;
    return 1 - (quality + constants.compat[s.fam]![scheduler]! - burn - over);
  };
  const latency = (x: Params): number => {
    const s = samplerOf(x);
    const share = k['latb']! + (1 - k['latb']!) / batchOf(x);
    const work = s.nfe * num(x, 'steps') * (0.5 + num(x, 'denoise')) * megapixels(x) ** k['latp']!;
    return k['lat0']! + k['lat1']! * work * share * (s.gpu ? k['gpu_speed']! : 1);
  };
  const vram = (x: Params): number => {
    const m = megapixels(x);
    return k['v0']! + (k['v1']! * m + k['v2']! * m * m) * batchOf(x) ** k['vb']! + k['vo']! * samplerOf(x).order;
  };
  const prompt = (x: Params, image: number): number => {
    const { offset, het, het_amp } = constants.prompts;
    const own = comfy(x) + offset[image]!;
    if (image >= 2 * het.length) return own;
    const [u, v, phase] = het[image >> 1]!;
    const angle = 2 * PI * ((u * (num(x, 'cfg') - 1.5)) / 7.5 + (v * (num(x, 'denoise') - 0.2)) / 0.6) + phase;
    return own + (image % 2 === 0 ? 1 : -1) * het_amp * sin(angle);
  };
  const lowres = (x: Params, z: number): number => {
    const { amp1, amp2, freq, phase } = constants.lowres;
    const angle = (2 * PI * freq * (num(x, 'cfg') - 1.5)) / 7.5 + phase[rows.get(samplerOf(x).name)!.i]!;
    const bias = amp1 * (0.5 + 0.5 * sin(angle)) + (amp2 * num(x, 'steps')) / 40;
    return comfy(x) + bias * (1 - sqrt(z / 27));
  };
  const table: Readonly<Record<string, (x: Params) => readonly number[]>> = {
    branin: (x) => [branin(x)],
    hartmann6: (x) => [hartmann6(x, constants.hartmann6)],
    ackley_mixed: (x) => [ackley(x, constants.ackley)],
    comfy: (x) => [comfy(x)],
    comfy_oom: (x) => [comfy(x) + constants.lat_weight * latency(x)],
    comfy_mo: (x) => [comfy(x), latency(x)],
    comfy_cond: (x) => [conditional(x, constants, samplerOf(x), schedulerOf(x))],
    zdt1: (x) => zdt(x, (a, g) => 1 - sqrt(a / g)),
    zdt2: (x) => zdt(x, (a, g) => 1 - (a / g) ** 2),
  };
  const values = (fn: string, x: Params): readonly number[] => {
    const formula = table[fn];
    if (!formula) throw new Error(`no formula ${fn}; there are ${Object.keys(table).join(', ')}`);
    return formula(x);
  };
  return { values, comfy, latency, vram, prompt, lowres };
}

function num(x: Params, name: string): number {
  return x[name] as number;
}

function batchOf(x: Params): number {
  return (x['batch'] as number | undefined) ?? 1;
}

function megapixels(x: Params): number {
  return num(x, 'res') ** 2 / 1048576;
}

function branin(x: Params): number {
  const [a, b] = [num(x, 'x1'), num(x, 'x2')];
  return (b - (5.1 / (4 * PI ** 2)) * a * a + (5 / PI) * a - 6) ** 2 + 10 * (1 - 1 / (8 * PI)) * cos(a) + 10;
}

function hartmann6(x: Params, { A, P, alpha }: Constants['hartmann6']): number {
  const terms = alpha.map((weight, i) => {
    const square = A[i]!.reduce((sum, a, j) => sum + a * (num(x, `x${j}`) - P[i]![j]! * 1e-4) ** 2, 0);
    return weight * exp(-square);
  });
  return -terms.reduce((sum, term) => sum + term, 0);
}

function ackley(x: Params, c: Constants['ackley']): number {
  const z = [
    num(x, 'a') - c.shift_a,
    num(x, 'b') - c.shift_b,
    (num(x, 'i') - c.i0) * c.step,
    (num(x, 'j') - c.j0) * c.step,
    c.c[String(x['c'])]!,
    c.d[String(x['d'])]!,
    x['e'] === c.e ? 0 : 1,
    x['g'] === c.g ? 0 : 1,
  ];
  const squares = z.reduce((sum, t) => sum + t * t, 0);
  const waves = z.reduce((sum, t) => sum + cos(2 * PI * t), 0);
  return -20 * exp(-0.2 * sqrt(squares / z.length)) - exp(waves / z.length) + 20 + Math.E;
}

function zdt(x: Params, front: (a: number, g: number) => number): readonly number[] {
  const g = 1 + (9 * [1, 2, 3, 4, 5].reduce((sum, i) => sum + num(x, `x${i}`), 0)) / 5;
  const a = num(x, 'x0');
  return [a, g * front(a, g)];
}

function conditional(x: Params, { cond, compat, sched_cfg }: Constants, s: SamplerRow, scheduler: number): number {
  const family = String(x['family']);
  const bell = (name: string, middle: number, width: number): number =>
    exp(-0.5 * ((num(x, name) - middle) / width) ** 2);
  let q = cond.base[family]! * (s.base / 0.955) * (1 - exp(-num(x, 'steps') / s.tau));
  if (family === 'flux') {
    q *= bell('guidance', cond.guid, cond.guid_w) * 0.6 + 0.4;
    q *= bell('shift', cond.shift, cond.shift_w) * 0.3 + 0.7;
    q += cond.flux_bad[s.name] ?? 0;
  } else q *= bell('cfg', cond.cfg[family]! + sched_cfg[scheduler]!, cond.cfg_w) * 0.7 + 0.3;
  q += compat[s.fam]![scheduler]!;
  if (x['hires'] === true) {
    const bump = exp(-(((num(x, 'hires_denoise') - cond.hd) / cond.hdw) ** 2));
    const converged = 1 - exp(-num(x, 'hires_steps') / cond.hs_tau);
    q += cond.hires_cost + cond.hires_gain * bump * converged + cond.up[String(x['upscaler'])]!;
  }
  for (const [count, lora] of [
    [1, 'lora1'],
    [2, 'lora2'],
  ] as const) {
    if (num(x, 'lora_count') < count) continue;
    const { gain, opt, w } = cond[lora];
    q += cond.lora_load + gain[family]! * (2 * exp(-(((num(x, `${lora}_w`) - opt) / w) ** 2)) - 1);
  }
  return 1 - q;
}
