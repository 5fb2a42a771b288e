import type { Has } from './needs.ts';
import { lacking, modelsOf } from './needs.ts';
import { type Dispatch, type Lease, type ServerState, withServer } from './state.ts';

/** How a run ended, in the words of runners; `unreachable`: it was never sent. `ms`: how long it ran. */
export interface Ended {
  readonly kind:
    | 'finished'
    | 'failed'
    | 'out-of-memory'
    | 'interrupted'
    | 'interrupted-by-others'
    | 'lost'
    | 'partial'
    | 'refused'
    | 'unreachable';
  readonly ms?: number;
}

/**
 * What a report means. `credited`: it is the result of the job. `again`: the job is back in the queue. `given-up`: it is
 * the result, and the job was started as often as it may be. `stale`: the job went on without it; keep it as a fact, and
 * count it nowhere.
 */
export type Credit = 'credited' | 'again' | 'given-up' | 'stale';

/** The weight of the last run in the mean. */
const WEIGHT = 0.3;
const FIRST_MS = 1_000;
const MOST_MS = 60_000;

/** Takes the end of a run. */
export function ended(state: Dispatch, token: string, end: Ended, now: number): { state: Dispatch; credit: Credit } {
  const lease = state.leases.find((one) => one.token === token);
  if (!lease) return { state, credit: 'stale' };
  const left = { ...state, leases: state.leases.filter((one) => one !== lease) };
  const after = withServer(left, lease.server, (old) => afterRun(old, lease, end, now));
  switch (end.kind) {
    case 'unreachable':
      // Not an attempt: nothing has run.
      return { state: requeued(after, { ...lease, attempts: lease.attempts - 1 }), credit: 'again' };
    case 'lost':
    case 'interrupted-by-others':
      if (lease.attempts >= state.settings.attempts) return { state: after, credit: 'given-up' };
      return { state: requeued(after, lease), credit: 'again' };
    case 'out-of-memory': {
      const avoid = avoidedAfter(state, lease);
      if (avoid === lease.avoid) return { state: after, credit: 'credited' };
      return { state: requeued(after, { ...lease, avoid }), credit: 'again' };
    }
    default:
      return { state: after, credit: 'credited' };
  }
}

/** Takes what a server says of itself. */
export function told(state: Dispatch, name: string, has: Has): Dispatch {
  return withServer(state, name, (old) => ({ ...old, has, isAsked: false, failures: 0 }));
}

/** Takes how much of others a server has to do, and what memory it has left. */
export function loaded(
  state: Dispatch,
  name: string,
  facts: { readonly foreign: number; readonly vramFree?: number },
): Dispatch {
  return withServer(state, name, (old) => ({ ...old, ...facts }));
}

/** Takes that a server cannot be reached: it is asked again after 1 s, twice that each time, a minute at most. */
export function unreachable(state: Dispatch, name: string, now: number): Dispatch {
  return withServer(state, name, (old) => down(old, now));
}

/** Takes a lease that has run out: its server is as slow as that, and the job goes elsewhere where it can. */
export function ranOut(
  state: Dispatch,
  lease: Lease,
): { readonly state: Dispatch; readonly credit: 'again' | 'given-up' } {
  const left = { ...state, leases: state.leases.filter((one) => one !== lease) };
  const after = withServer(left, lease.server, (old) => measured(old, state.settings.lease));
  if (lease.attempts >= state.settings.attempts) return { state: after, credit: 'given-up' };
  return { state: requeued(after, { ...lease, avoid: avoidedAfter(state, lease) }), credit: 'again' };
}

/** Puts a job back at the head of the queue: it has waited before. */
function requeued(state: Dispatch, { job, attempts, avoid }: Pick<Lease, 'job' | 'attempts' | 'avoid'>): Dispatch {
  return { ...state, waiting: [{ job, attempts, avoid }, ...state.waiting] };
}

/** The servers that a job does not go to, with its last one where another can run it; else as they were. */
function avoidedAfter({ servers }: Dispatch, { job, avoid, server }: Lease): readonly string[] {
  const more = [...avoid, server];
  const isElsewhere = servers.some(
    ({ name, has }) => has && !more.includes(name) && lacking(job.needs, has).length === 0,
  );
  return isElsewhere ? more : avoid;
}

function measured(old: ServerState, ms: number): ServerState {
  return { ...old, latency: old.latency === undefined ? ms : old.latency + WEIGHT * (ms - old.latency) };
}

function afterRun(old: ServerState, lease: Lease, { kind, ms }: Ended, now: number): ServerState {
  const { warm: _warm, ...cold } = old;
  if (kind === 'unreachable') return down(old, now);
  // It may have started anew with other nodes, or have other files than it said.
  if (kind === 'lost' || kind === 'refused') {
    const { has: _has, ...unknown } = cold;
    return { ...unknown, askAt: now };
  }
  if (kind === 'out-of-memory') return cold;
  const warm = { ...old, warm: modelsOf(lease.job.needs) };
  if (kind !== 'finished' || ms === undefined) return warm;
  return measured(warm, ms);
}

function down(old: ServerState, now: number): ServerState {
  const { has: _has, warm: _warm, ...rest } = old;
  return { ...rest, isAsked: false, failures: old.failures + 1, askAt: now + pauseAfter(old.failures) };
}

/** Milliseconds until a server that did not answer is asked again, after so many failures before that one. [RN-28] */
export function pauseAfter(failures: number): number {
  return Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(failures, 16));
}
