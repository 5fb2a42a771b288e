import fc from 'fast-check';
import { expect, test } from 'vitest';
import { liveScreen, plainLine } from '../../../cli/output/live-screen.ts';

/** What a terminal of many rows shows after what was written to it, without rows that are empty at the end. */
function shown(written: string, columns: number): string[] {
  const rows: string[] = [''];
  let [y, x] = [0, 0];
  for (const [token] of written.matchAll(/\x1b\[(\?)?(\d*)([A-Za-z])|[\s\S]/g)) {
    const control = /^\x1b\[(\?)?(\d*)(.)$/.exec(token);
    if (token === '\r') x = 0;
    else if (token === '\n') [y, x] = [y + 1, 0];
    else if (control?.[3] === 'A') y = Math.max(0, y - Number(control[2]));
    else if (control?.[3] === 'K') rows[y] = (rows[y] ?? '').slice(0, x);
    else if (control?.[3] === 'J') rows.splice(y, rows.length, (rows[y] ?? '').slice(0, x));
    else if (!control) {
      if (x === columns) [y, x] = [y + 1, 0];
      rows[y] = `${(rows[y] ?? '').slice(0, x)}${token}${(rows[y] ?? '').slice(x + 1)}`;
      x++;
    }
  }
  return Array.from(rows, (row) => row ?? '')
    .join('\n')
    .trimEnd()
    .split('\n');
}

const text = fc.string({ unit: fc.constantFrom('a', 'b', ' c'), minLength: 1, maxLength: 12 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ draw: fc.array(text, { minLength: 1, maxLength: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ above: text }) },
);

test('[PL-12] lines are written over in place, what stands above stays, and each frame leaves the cursor visible', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.constantFrom('clear', 'leave'), (steps, end) => {
      let written = '';
      const writes: string[] = [];
      const screen = liveScreen(
        (part) => {
          written += part;
          writes.push(part);
        },
        () => 40,
      );
      const above: string[] = [];
      let last: readonly string[] = [];
      for (const one of steps) {
        if ('draw' in one) {
          screen.draw(one.draw.map(plainLine));
          last = one.draw;
        } else {
          screen.above(one.above);
          above.push(one.above);
        }
        expect(shown(written, 40).map((row) => row.trimEnd())).toEqual(
          [...above, ...last]
            .map((row) => row.trimEnd())
            .join('\n')
            .trimEnd()
            .split('\n'),
        );
      }
      expect(writes).toHaveLength(steps.length);
      screen[end as 'clear' | 'leave']();
      const rest = end === 'clear' ? above : [...above, ...last];
      expect(shown(written, 40).map((row) => row.trimEnd())).toEqual(
        rest
          .map((row) => row.trimEnd())
          .join('\n')
          .trimEnd()
          .split('\n'),
      );
      for (const part of writes) expect(part).toMatch(/^\x1b\[\?2026h\x1b\[\?25l[\s\S]*\x1b\[\?25h\x1b\[\?2026l$/);
    }),
  );
});

test('[PL-12] a terminal that became narrower is gone back over by as many rows as the lines take there', () => {
  let written = '';
  let columns = 40;
  const screen = liveScreen(
    (part) => {
      written += part;
    },
    () => columns,
  );
  screen.draw([plainLine('x'.repeat(30)), plainLine('y'.repeat(5))]);
  columns = 10;
  written = '';
  screen.draw([plainLine('z')]);
  expect(written).toContain('\x1b[4A');
});
