import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { palette } from '../../../cli/output/color.ts';
import { printStyled } from '../../../cli/output/styled.ts';
import { width } from '../../../src/base/columns.ts';
import { plainText } from '../../../src/base/styled-text.ts';
import { type Chart, chartDocument } from '../../../src/core/chart/document.ts';
import { plotLeaderboard } from '../../../src/plan/optimize/plots/board.ts';
import { plotIntermediate, plotTimeline } from '../../../src/plan/optimize/plots/course.ts';
import { plotHistory } from '../../../src/plan/optimize/plots/history.ts';
import { imageHref, type TrialImages } from '../../../src/plan/optimize/plots/images.ts';
import { plotImportance } from '../../../src/plan/optimize/plots/importance.ts';
import { drawStudyPage, summaryText } from '../../../src/plan/optimize/plots/page.ts';
import { plotParallel } from '../../../src/plan/optimize/plots/parallel.ts';
import { plotPareto } from '../../../src/plan/optimize/plots/pareto.ts';
import { plotSlices } from '../../../src/plan/optimize/plots/slice.ts';
import type { PlottedStudy } from '../../../src/plan/optimize/plots/study.ts';
import {
  terminalHistory,
  terminalImportance,
  terminalLeaderboard,
  terminalPareto,
} from '../../../src/plan/optimize/plots/terminal.ts';
import { terminalBoard } from '../../../src/plan/optimize/plots/terminal-board.ts';
import type { Parameter, ParamValue } from '../../../src/plan/optimize/space.ts';
import { type Element, elementsOf, parseXml, textOf, withClass } from '../../core/picture/xml.ts';
import { anyTrials, randomStudy, SPACE } from './studies.ts';

const CHARTS: Readonly<Record<string, (study: PlottedStudy) => Chart>> = {
  history: plotHistory,
  importance: plotImportance,
  slices: plotSlices,
  parallel: plotParallel,
  pareto: plotPareto,
  intermediate: plotIntermediate,
  timeline: plotTimeline,
  leaderboard: plotLeaderboard,
};
const TERMINAL = [terminalHistory, terminalImportance, terminalLeaderboard, terminalPareto];
const PIXEL = 'data:image/png;base64,iVBORw0KGgo=';
const named = (more: Partial<PlottedStudy> & Pick<PlottedStudy, 'trials'>): PlottedStudy => ({
  name: 'a study',
  objectives: ['loss', 'seconds', 'detail'].slice(0, more.directions?.length ?? 1),
  space: SPACE,
  directions: ['minimize'],
  ...more,
});
const one = named(randomStudy(40, [({ cfg }) => Math.abs(Number(cfg) - 4)]));
const two = named(randomStudy(60, [({ cfg }) => Number(cfg), ({ cfg, steps }) => Number(steps) / Number(cfg)]));
const draw = (chart: Chart): Element => parseXml(chartDocument(chart));

/** Any study: all states, NaN, infinities, constraints, reports, times, one to three objectives. */
const anyStudy: fc.Arbitrary<PlottedStudy> = fc.integer({ min: 1, max: 3 }).chain((size) =>
  fc.record({ trials: anyTrials(size), ends: fc.boolean(), isMax: fc.boolean() }).map(({ trials, ends, isMax }) =>
    named({
      directions: Array(size).fill(isMax ? 'maximize' : 'minimize'),
      trials: trials.map((trial) => ({
        ...trial,
        intermediate: trial.values
          ? [
              { step: 1, values: trial.values },
              { step: 3, values: trial.values },
            ]
          : [],
      })),
      ...(ends && { base: { cfg: 7, sampler: 'euler' } }),
      times: new Map(
        trials.map(({ number }) => [number, { start: number * 10, ...(ends && { end: number * 10 + 7 }) }]),
      ),
    }),
  ),
);

describe('[PL-9] charts', () => {
  it.each(Object.entries(CHARTS))('%s of any study is a well-formed document with finite places', (_, plot) => {
    fc.assert(
      fc.property(anyStudy, (study) => {
        const markup = chartDocument(plot(study));
        const root = parseXml(markup);
        expect(root.name).toBe('svg');
        for (const { attributes } of elementsOf(root)) {
          for (const value of Object.values(attributes)) expect(value).not.toMatch(/NaN|Infinity|undefined/);
        }
      }),
      { numRuns: 40 },
    );
  });

  it.each(Object.entries(CHARTS))('%s says what it lacks of a study without trials', (_, plot) => {
    const text = textOf(draw(plot(named({ trials: [] }))));
    expect(text).toContain('a study');
  });

  it('history has a mark for each trial, with what it was in its tip', () => {
    const trials = one.trials.map((trial, i) =>
      i === 3 ? { ...trial, state: 'FAIL' as const, failure: 'out-of-memory' as const, values: undefined } : trial,
    );
    const root = draw(plotHistory({ ...one, trials }));
    const tips = elementsOf(root)
      .filter(({ name }) => name === 'title')
      .map(({ text }) => text);
    for (const { number } of trials) expect(tips.filter((tip) => tip.startsWith(`trial ${number}:`))).toHaveLength(1);
    expect(tips.find((tip) => tip.startsWith('trial 3:'))).toContain('failed: out-of-memory');
    expect(tips.find((tip) => tip.startsWith('trial 4:'))).toMatch(/loss .*\n.*cfg /s);
  });

  it('marks the front, and only that', () => {
    const root = draw(plotPareto(two));
    const front = withClass(root, 'cwf-best').filter(
      ({ name, children }) => name === 'circle' && children[0]?.text.startsWith('trial '),
    );
    expect(front.length).toBeGreaterThan(0);
    expect(front.length).toBeLessThan(two.trials.length);
    expect(
      draw(plotPareto(named(randomStudy(9, [() => 1]))))
        .children.map(textOf)
        .join(),
    ).toContain('two objectives');
  });

  it('has a slice for each parameter, and no mark where a parameter is not there', () => {
    const root = draw(plotSlices(one));
    const inactive = one.trials.filter(({ params }) => params['upscale'] === undefined).length;
    const drawn = withClass(root, 'cwf-dot').filter(({ children }) => children[0]?.text.startsWith('trial '));
    expect(drawn).toHaveLength(one.trials.length * SPACE.parameters.length - inactive);
  });

  it('puts trials that ran one after another in one row, and others below each other', () => {
    const rows = (ends: readonly (readonly [number, number])[]): number => {
      const times = new Map(ends.map(([start, end], i) => [i, { start, end }]));
      const bars = withClass(draw(plotTimeline({ ...one, times })), 'cwf-bar').filter(({ children }) =>
        children[0]?.text.startsWith('trial '),
      );
      expect(bars).toHaveLength(ends.length);
      return new Set(bars.map(({ attributes }) => attributes['y'])).size;
    };
    expect(
      rows([
        [0, 5],
        [5, 9],
        [9, 30],
      ]),
    ).toBe(1);
    expect(
      rows([
        [0, 5],
        [1, 9],
        [5, 30],
        [2, 3],
      ]),
    ).toBe(3);
  });

  it('names each of many choices, none on top of another', () => {
    const choices = Array.from({ length: 42 }, (_, i) => `dpmpp_${i}_sde_gpu`);
    const many: Parameter = { name: 'sampler', kind: 'categorical', choices };
    const study = named(randomStudy(50, [() => 1], { space: { parameters: [many] } }));
    const texts = withClass(draw(plotSlices({ ...study, space: { parameters: [many] } })), 'cwf-tick').filter(
      ({ text }) => text.startsWith('dpmpp_'),
    );
    expect(texts.map(({ text }) => text)).toEqual(choices);
    const places = texts.map(({ attributes }) => Number(attributes['x']));
    for (const [i, x] of places.entries()) if (i > 0) expect(x - places[i - 1]!).toBeGreaterThan(11);
  });
});

describe('[PL-10] the page of a study', () => {
  const ALLOWED = new Set(
    'html head meta title style body main h1 h2 p section div table thead tbody tr th td span img details summary svg g rect path circle text'.split(
      ' ',
    ),
  );
  const HOSTILE = [
    '</script><script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onload='alert(1)",
    '</style></svg>&lt;&#0;',
    '\u0000\u001b[31m\r\n\t',
    '\u202egnp.exe\u2066',
    '\ud800 half',
    '__proto__',
    'x'.repeat(4000),
  ];
  const hostile = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 30 }));
  const images = fc
    .array(
      fc.oneof(
        fc.constantFrom('https://example.org/a.png', '//example.org/a.png', 'javascript:alert(1)', PIXEL),
        hostile,
      ),
    )
    .map((list): TrialImages => new Map(list.map((href, i) => [i, href])));

  it('holds no element, attribute or address but its own, whatever names and values are', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 6, maxLength: 6 }), images, ([a, b, c, d, e, f], pictures) => {
        const parameters: Parameter[] = [
          { name: `1${a}`, kind: 'categorical', choices: [b!, `2${c}`] },
          { name: `3${d}`, kind: 'float', low: 0, high: 1 },
        ];
        const study: PlottedStudy = {
          ...named(randomStudy(6, [(point) => Number(point[`3${d}`])], { space: { parameters } })),
          name: e!,
          objectives: [f!],
          base: { [`1${a}`]: `2${c}`, [`3${d}`]: 0.5 } as Record<string, ParamValue>,
        };
        const page = drawStudyPage(study, pictures);
        const elements = elementsOf(parseXml(page));
        for (const { name, attributes } of elements) {
          expect(ALLOWED.has(name), name).toBe(true);
          for (const [key, value] of Object.entries(attributes)) {
            expect(key).not.toMatch(/^on|^style$|^srcset$/i);
            if (key === 'src' || key === 'href') expect(value).toMatch(/^data:image\/|^[^:]*$/);
          }
        }
        // Outside of attributes of the program nothing steers a reader.
        expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/);
        for (const text of TERMINAL.flatMap((print) => print(study, { columns: 80 })).map(plainText)) {
          expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('forbids a browser everything but its style and pictures', () => {
    const page = drawStudyPage(two, new Map([[0, PIXEL]]));
    const policy = elementsOf(parseXml(page)).find(({ attributes }) => attributes['http-equiv'])!.attributes[
      'content'
    ]!;
    expect(policy).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'",
    );
    expect(page).not.toMatch(/<script|url\(|@import|https?:(?!\/\/www\.w3\.org\/)/);
  });

  it('shows pictures that stand in it or beside it, and no others', () => {
    const href = (text: string) => imageHref(new Map([[0, text]]), 0);
    for (const good of [PIXEL, 'images/12.png', 'a b.webp', '%2e.png']) expect(href(good)).toBe(good);
    const bad = [
      'http://x/a.png',
      '//x/a',
      '/etc/passwd',
      '../a.png',
      'a/../../b',
      'C:\\a.png',
      'javascript:1',
      'data:text/html,x',
    ];
    for (const text of [...bad, 'data:image/svg+xml;base64,AAAA', '', ' a', '\u0000'])
      expect(href(text)).toBeUndefined();
  });

  it('of any study is well-formed, and says how it stands', () => {
    fc.assert(
      fc.property(anyStudy, (study) => {
        const text = textOf(parseXml(drawStudyPage(study)));
        expect(text).toContain('Leaderboard');
      }),
      { numRuns: 25 },
    );
    const trials = [...one.trials.slice(0, 3), { ...one.trials[3]!, state: 'FAIL' as const, values: undefined }];
    expect(summaryText({ ...one, trials })).toMatch(/^4 trials: 3 complete, 1 failed\. Best: trial \d, loss [\d.]+\.$/);
    expect(summaryText({ ...one, trials: [] })).toBe('0 trials. No feasible value yet.');
  });
});

describe('[PL-11] the terminal', () => {
  it('gets lines that fit, of any study', () => {
    fc.assert(
      fc.property(anyStudy, fc.integer({ min: 60, max: 160 }), fc.boolean(), (study, columns, ascii) => {
        for (const print of TERMINAL) {
          for (const line of print(study, { columns, ascii }).map(plainText)) {
            expect(width(line)).toBeLessThanOrEqual(columns);
            if (ascii) expect(line).toMatch(/^[ -~]*$/);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('[PL-12] gets a board that fits into its rows and columns, of any study', () => {
    const running = fc.array(
      fc.record({
        number: fc.nat(500),
        runner: fc.string({ maxLength: 20 }),
        doing: fc.string({ maxLength: 80 }),
        part: fc.double({ min: 0, max: 1, noNaN: true }),
        time: fc.constant('3 s'),
      }),
      { maxLength: 3 },
    );
    const size = fc.record({ columns: fc.integer({ min: 10, max: 160 }), rows: fc.integer({ min: 3, max: 60 }) });
    fc.assert(
      fc.property(anyStudy, running, size, fc.boolean(), (study, trials, { columns, rows }, ascii) => {
        const live = { budget: 40, running: trials, time: '1 min 3 s', notice: '5 trials wait' };
        const lines = terminalBoard(study, live, { columns, rows, ascii }).map(plainText);
        expect(lines.length).toBeLessThanOrEqual(rows);
        for (const line of lines) {
          // A chart has a least width; below that there is none.
          expect(width(line)).toBeLessThanOrEqual(columns);
          if (ascii) expect(line).toMatch(/^[ -~]*$/);
        }
      }),
      { numRuns: 200 },
    );
    const lines = terminalBoard(two, { budget: 99, running: [], time: '3 s' }, { columns: 100, rows: 40 });
    expect(lines.map(plainText).at(-1)).toMatch(/^hypervolume {2}[▁-█]+ {2}\d+ on the front, the last by trial \d+$/);
    expect(plainText(lines[0]!)).toMatch(/\d+ of 99 trials.* {2}3 s$/);
  });

  it('shows each new best and the front', () => {
    const count = (lines: readonly string[], sign: string) => lines.slice(0, -1).join('').split(sign).length - 1;
    const history = terminalHistory(one, { columns: 100 }).map(plainText);
    expect(count(history, '●')).toBeGreaterThan(0);
    expect(count(terminalPareto(two, { columns: 100 }).map(plainText), '●')).toBeGreaterThan(1);
    expect(terminalHistory(one, { columns: 80, rows: 5 }).length).toBe(5 + 4);
  });

  it('ranks, with decimals under each other and what differs', () => {
    const base = { ...one.trials[0]!.params };
    const [head, first, ...rest] = terminalLeaderboard({ ...one, base }, { columns: 100 }, 3).map(plainText);
    expect(head).toMatch(/^rank {2}trial +loss {2}changed from the base$/);
    expect(first).toMatch(/^ {3}1 +\d+ +0\.\d+ {2}\w+ .* → /);
    expect(rest.at(-1)).toBe('and 37 more');
    const points = [first!, ...rest.slice(0, 2)].map((line) => line.indexOf('.'));
    expect(new Set(points).size).toBe(1);
  });

  it('is coloured by whoever prints it', () => {
    const lines = terminalLeaderboard(one, { columns: 80 }, 2);
    const printed = (on: boolean): string[] => {
      const out: string[] = [];
      printStyled({ color: palette(on), print: (line = '') => out.push(line) }, lines);
      return out;
    };
    expect(printed(false)).toEqual(lines.map(plainText));
    expect(
      printed(true)
        .join('\n')
        .replace(/\u001b\[\d+m/g, ''),
    ).toBe(lines.map(plainText).join('\n'));
    expect(printed(true).join('')).toContain('\u001b[33m');
  });
});
