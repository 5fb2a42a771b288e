import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { readWorkflow } from '../../../src/core/workflow/read.ts';
import { eventFact, type ReviewEvent, readEvent } from '../../../src/plan/review/event.ts';
import { approvers, demandOf, missing } from '../../../src/plan/review/gate.ts';
import { newReach } from '../../../src/plan/review/reach.ts';
import { reviewState } from '../../../src/plan/review/state.ts';
import { apiGraph } from '../../porcelain/samples.ts';

const ID = '3f9a21c4';
const [A, B] = ['a'.repeat(40), 'b'.repeat(40)];
const person = (name: string) => ({ actor: 'person', name, email: `${name}@example.org` });
const agent = { actor: 'agent/tuner', name: 'bot', email: 'bot@example.org' };
const at = (seq: number, on = A) => ({ proposal: ID, on, seq, time: 100 + seq });
const OPEN: ReviewEvent = { event: 'open', title: 'softer', target: 'main', ...agent, ...at(0) };
const approval = (who: string, seq: number, on = A): ReviewEvent => ({
  event: 'approve',
  ...person(who),
  ...at(seq, on),
});

const events: fc.Arbitrary<ReviewEvent> = fc
  .record({
    seq: fc.nat(6),
    on: fc.constantFrom(A, B),
    who: fc.constantFrom(person('ada'), person('bob'), agent),
    act: fc.oneof(
      fc.constantFrom('approve' as const, 'request-changes' as const, 'reject' as const).map((event) => ({ event })),
      fc.record({
        event: fc.constant('comment' as const),
        id: fc.constantFrom('00000a', '00000b', '00000c'),
        text: fc.string({ minLength: 1 }),
        reply: fc.constantFrom('00000a', '00000b', '00000c', '0000ff'),
      }),
      fc.constant({ event: 'merge' as const, base: A, as: B }),
    ),
  })
  .map(({ seq, on, who, act }) => ({ ...act, ...who, ...at(seq, on) }));

describe('the state of a review', () => {
  it('[RV-6] is the same in whatever order its lines come, and with any of them twice', () => {
    fc.assert(
      fc.property(fc.array(events, { maxLength: 12 }), fc.integer(), (lines, seed) => {
        const all = [OPEN, ...lines];
        const shuffled = [...all, ...lines.slice(0, 3)].sort(
          (a, b) => ((JSON.stringify(a).length * seed) % 7) - ((JSON.stringify(b).length * seed) % 7),
        );
        expect(reviewState(ID, shuffled, A)).toEqual(reviewState(ID, all, A));
      }),
    );
  });

  it('[RV-6] goes through notes and back; other lines are none of it', () => {
    fc.assert(
      fc.property(events, (event) => {
        expect(readEvent(JSON.parse(JSON.stringify(eventFact(event))), event.on)).toEqual(event);
      }),
    );
    for (const bad of [
      { text: 'a remark' },
      { ...OPEN, proposal: '../x' },
      { ...OPEN, seq: -1 },
      { ...OPEN, event: 'pay' },
      'x',
      null,
    ])
      expect(readEvent(bad as never, A)).toBeUndefined();
    expect(reviewState(ID, [approval('ada', 1)], A)).toBeUndefined();
  });

  it('[RV-6] is merged where two copies merged and rejected it at once', () => {
    const merge: ReviewEvent = { event: 'merge', base: A, as: B, ...person('ada'), ...at(1) };
    const reject: ReviewEvent = { event: 'reject', ...person('bob'), ...at(1) };
    for (const lines of [
      [merge, reject],
      [reject, merge],
    ])
      expect(reviewState(ID, [OPEN, ...lines], A)).toMatchObject({ state: 'merged', closed: { name: 'ada', as: B } });
  });

  it('[RV-6] ends, whatever lines name each other', () => {
    const ring = (id: string, reply: string): ReviewEvent => ({
      event: 'comment',
      id,
      text: 'x',
      reply,
      ...agent,
      ...at(1),
    });
    expect(reviewState(ID, [OPEN, ring('00000a', '00000b'), ring('00000b', '00000a')], A)!.comments).toEqual([]);
    // Two of one id, each an answer to two others of one id, and so on: 2^40 places, if each line stood in every one.
    const steps = Array.from({ length: 40 }, (_, n) => n);
    const id = (n: number) => n.toString(16).padStart(6, '0');
    const lines = steps.flatMap((n) => [1, 2].map((seq) => ({ ...ring(id(n), id(n - 1)), ...at(seq) })));
    const { comments } = reviewState(ID, [OPEN, ...lines], A)!;
    const count = (list: typeof comments): number => list.reduce((sum, { replies }) => sum + 1 + count(replies), 0);
    expect(count(comments)).toBe(80);
  });
});

describe('what a proposal needs', () => {
  const needs = (lines: readonly ReviewEvent[], approvals = 1, head = A, failed: string[] = []): string[] =>
    missing(reviewState(ID, [OPEN, ...lines], head)!, { approvals, checks: ['validate'] }, failed);

  it('[RV-7] is an approval of a person, of the head as it is, and not of their own proposal', () => {
    expect(needs([])).toEqual(['0 of 1 approval']);
    expect(needs([approval('ada', 1)])).toEqual([]);
    expect(needs([approval('ada', 1)], 1, B)).toEqual(['0 of 1 approval; 1 is of an earlier commit']);
    expect(needs([{ ...approval('ada', 1), ...agent }])).toEqual(['0 of 1 approval']);
    expect(needs([approval('ada', 1), approval('ada', 2)], 2)).toEqual(['1 of 2 approvals']);
    const own = reviewState(ID, [{ ...OPEN, ...person('ada') }, approval('ada', 1), approval('bob', 2)], A)!;
    expect(approvers(own)).toEqual(['bob']);
  });

  it('[RV-7] is that nobody asks for changes, until that person approves; the word of an agent is advice', () => {
    const asks: ReviewEvent = { event: 'request-changes', ...person('ada'), ...at(2) };
    expect(needs([approval('bob', 1), asks])).toEqual(['ada asks for changes']);
    expect(needs([approval('bob', 1), asks, approval('ada', 3)])).toEqual([]);
    expect(needs([approval('bob', 1), { ...asks, ...agent }])).toEqual([]);
    expect(needs([approval('bob', 1)], 1, A, ['validate'])).toEqual(['the check validate fails']);
    expect(needs([approval('bob', 1)], 1, A, ['reach'])).toEqual([]);
  });

  it('[RV-7] of several rules is the most that any asks', () => {
    const [one, two] = [
      { approvals: 1, checks: ['validate'] },
      { approvals: 2, checks: ['reach', 'validate'] },
    ];
    expect(demandOf([one, two])).toEqual({ approvals: 2, checks: ['reach', 'validate'] });
    expect(demandOf([])).toEqual({ approvals: 0, checks: [] });
  });
});

describe('reach', () => {
  const read = (graph: object) => readWorkflow(graph as never, { catalog: defaultCatalog(), source: 'a.json' });
  const added = (class_type: string, inputs = {}) => ({ ...apiGraph(), '20': { class_type, inputs } });
  const kinds = (graph: object): string[] =>
    newReach(read(apiGraph()), read(graph), defaultCatalog()).map(({ kind, node }) => `${kind} ${node}`);

  it('[RV-9] tells hosted nodes, unknown code, downloads, programs and addresses that are new', () => {
    expect(kinds(apiGraph())).toEqual([]);
    expect(kinds(added('LoadImage', { image: 'x.png' }))).toEqual([]);
    expect(kinds(added('BriaEraser'))).toEqual(['paid 20']);
    expect(kinds(added('SomethingElse'))).toEqual(['unknown 20']);
    expect(kinds(added('PythonExec'))).toEqual(['program 20']);
    expect(kinds(added('CivitaiDownloader'))).toEqual(['download 20']);
    expect(kinds(added('LoadImage', { image: 'https://evil.example/x' }))).toEqual(['address 20']);
    expect(newReach(undefined, read(added('BriaEraser')), defaultCatalog())).toHaveLength(1);
  });

  it('[RV-9] tells nothing of what was there before, be it renumbered', () => {
    const before = read(added('PythonExec', { url: 'https://a.example' }));
    const { '20': moved, ...rest } = added('PythonExec', { url: 'https://a.example' });
    expect(newReach(before, read({ ...rest, '77': moved }), defaultCatalog())).toEqual([]);
    const changed = { ...rest, '20': { ...moved, inputs: { url: 'https://b.example' } } };
    expect(newReach(before, read(changed), defaultCatalog()).map(({ kind }) => kind)).toEqual(['address']);
  });
});
