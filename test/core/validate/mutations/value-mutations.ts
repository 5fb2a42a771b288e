import { isObject, type Json } from '../../../../src/base/json.ts';
import { nestedInputs } from '../../../../src/core/catalog/nested-inputs.ts';
import { type Draft, type Mutation, put, type Site, typedSites, valueSites } from './draft.ts';
import { at, drop, isOptional, isRequired } from './link-mutations.ts';

/** Faults of values, and changes of values that are none, by the name of the mutation. */
export const VALUE_MUTATIONS: Readonly<Record<string, Mutation>> = {
  above_max: (draft) => bound(draft, 'max', (max, step, { random }) => max + random.pick([step, 1000])),
  below_min: (draft) => bound(draft, 'min', (min, step, { random }) => min - random.pick([step, 1000])),
  at_max: (draft) => bound(draft, 'max', (max) => max),
  at_min: (draft) => bound(draft, 'min', (min) => min),
  off_step: (draft) =>
    at(
      draft,
      typedSites(draft, 'INT').filter(
        ({ declared, value }) => isNumber(declared?.options.step, 2) && typeof value === 'number',
      ),
      (site) => put(site, (site.value as number) + 1),
    ),
  bool_coerce: (draft) =>
    at(draft, typedSites(draft, 'BOOLEAN'), (site) =>
      put(site, draft.random.pick<Json>([1, 'false', null, '', 2.5, 'no', {}])),
    ),
  float_bad: (draft) => typed(draft, 'FLOAT', ['abc', '1,5', null, {}]),
  float_coerce: (draft) => typed(draft, 'FLOAT', ['-inf', 'nan', '1e-1', true, 'inf', '1', '0.5']),
  int_bad: (draft) => typed(draft, 'INT', ['abc', '1.5', '1e3', '', null, {}]),
  int_coerce: (draft) =>
    at(draft, typedSites(draft, 'INT'), (site) =>
      put(
        site,
        draft.random.pick<Json>([String(site.value), ` ${site.value} `, '1_0', true, Number(site.value) + 0.7]),
      ),
    ),
  string_coerce: (draft) => typed(draft, 'STRING', [{ a: 1 }, true, 5, null, 1.5, { __value__: ['a', 'b'] }]),
  string_list: (draft) => typed(draft, 'STRING', [['a', 'b'], ['a'], ['a', 'b', 'c'], [1, 2]]),
  combo_bad: (draft) => typed(draft, 'COMBO', [true, '', ['a', 'b', 'c'], '__no_such__', 0, {}, null]),
  combo_case: (draft) =>
    at(draft, typedSites(draft, 'COMBO').filter(hasText), (site) => {
      const value = site.value as string;
      return value === value.toUpperCase() ? undefined : put(site, value.toUpperCase());
    }),
  combo_numeric: (draft) =>
    at(
      draft,
      typedSites(draft, 'COMBO').filter(({ value }) => typeof value === 'number'),
      (site) => put(site, String(site.value)),
    ),
  combo_other_valid: (draft) =>
    at(draft, typedSites(draft, 'COMBO'), (site) => {
      const others = optionsOf(draft, site).filter((one) => one !== site.value);
      return others.length === 0 ? undefined : put(site, draft.random.pick(others));
    }),
  multiselect_list: (draft) =>
    at(draft, typedSites(draft, 'COMBO'), (site) => put(site, { __value__: [site.value, 'zz'] })),
  file_missing: (draft) => at(draft, fileSites(draft), (site) => put(site, `missing_${String(site.value)}`)),
  file_traversal: (draft) =>
    at(draft, fileSites(draft), (site) => {
      const value = String(site.value);
      return put(
        site,
        draft.random.pick([`../${value}`, `sub/${value}`, '/etc/hostname', `${value} [output]`, `${value} [input]`]),
      );
    }),
  drop_optional_widget: (draft) => drop(draft, valueSites(draft).filter(isOptional)),
  drop_required_widget: (draft) => drop(draft, valueSites(draft).filter(isRequired)),
  dyn_key_bad: (draft) => typed(draft, 'COMFY_DYNAMICCOMBO_V3', ['', '__no_such__', null]),
  dyn_key_drop: (draft) => drop(draft, typedSites(draft, 'COMFY_DYNAMICCOMBO_V3')),
  dyn_key_other: (draft) =>
    at(draft, typedSites(draft, 'COMFY_DYNAMICCOMBO_V3'), (site) => {
      const keys = keysOf(site).filter((key) => key !== site.value && nestedInputs(site.declared!, key));
      return keys.length === 0 ? undefined : put(site, draft.random.pick(keys));
    }),
  dyn_sub_bad: (draft) =>
    at(draft, valueSites(draft).filter(isBelow), (site) =>
      put(site, draft.random.pick<Json>([['99999', 0], [], -99999999, '__bad__', null])),
    ),
  dyn_sub_drop: (draft) => drop(draft, valueSites(draft).filter(isBelow)),
  value_wrapper: (draft) =>
    at(draft, valueSites(draft).filter(isPlain), (site) => put(site, { __value__: site.value })),
  value_wrapper_type: (draft) =>
    at(draft, valueSites(draft).filter(isPlain), (site) => put(site, { __type__: 'x', __value__: site.value })),
};

function typed(draft: Draft, type: string, values: readonly Json[]): string | undefined {
  return at(draft, typedSites(draft, type), (site) => put(site, structuredClone(draft.random.pick(values))));
}

function bound(
  draft: Draft,
  side: 'min' | 'max',
  change: (limit: number, step: number, draft: Draft) => number,
): string | undefined {
  const sites = [...typedSites(draft, 'INT'), ...typedSites(draft, 'FLOAT')];
  const limited = sites.filter(({ declared }) => isNumber(declared?.options[side], -Infinity));
  return at(draft, limited, (site) => {
    const { options, type } = site.declared!;
    const step = typeof options.step === 'number' ? options.step : type === 'INT' ? 1 : 0.1;
    return put(site, change(options[side] as number, step, draft));
  });
}

/** Bounds of a double's whole numbers only: what lies beyond cannot be told apart by one step. */
function isNumber(value: Json | undefined, least: number): boolean {
  return typeof value === 'number' && value >= least && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
}

function hasText({ value, declared }: Site): boolean {
  return typeof value === 'string' && declared?.options.files === undefined;
}

function isPlain({ value }: Site): boolean {
  return typeof value !== 'object';
}

function isBelow({ declared }: Site): boolean {
  return declared?.below !== undefined && declared.section === 'required';
}

function fileSites(draft: Draft): Site[] {
  return typedSites(draft, 'COMBO').filter(
    ({ declared, value }) => declared?.options.files !== undefined && typeof value === 'string',
  );
}

function optionsOf({ files }: Draft, { declared }: Site): readonly Json[] {
  const { files: folder, options } = declared!.options;
  if (typeof folder === 'string') return files[folder] ?? [];
  return Array.isArray(options) ? options : [];
}

function keysOf({ declared }: Site): Json[] {
  const options = declared!.options.options;
  return Array.isArray(options)
    ? options.flatMap((one) => (isObject(one) && one.key !== undefined ? [one.key] : []))
    : [];
}
