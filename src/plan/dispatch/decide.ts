import { lacking, modelsOf } from './needs.ts';
import { ranOut } from './report.ts';
import { type Dispatch, type Lease, type ServerState, type Waiting, withServer } from './state.ts';

/** What is to be done now. */
export type Action =
  /** Run it, and report under the token. */
  | { readonly kind: 'start'; readonly lease: Lease }
  /** Stop the run of a lease that has run out; its job is already elsewhere or in the queue. */
  | { readonly kind: 'stop'; readonly lease: Lease }
  /** Ask a server what it can run, and report with `told` or `unreachable`. */
  | { readonly kind: 'ask'; readonly server: string }
  /** No server has what the job needs: what the one that lacks least lacks. */
  | { readonly kind: 'impossible'; readonly id: string; readonly lacks: readonly string[] }
  /** It was started as often as it may be. */
  | { readonly kind: 'give-up'; readonly id: string; readonly attempts: number };

/** What a server has on it in this round: leases, and jobs that wait for it. */
interface Load {
  readonly server: ServerState;
  leased: number;
  held: number;
  warm: string | undefined;
}

/**
 * Decides what is to be done at a time. Jobs go in their order, each to the server that would have it done first by what
 * is known: what is before it there, how long a run takes there, whether its models are loaded. A server takes one
 * more than it runs at once; a job whose best server is full waits for it rather than go where it takes longer.
 * Of equal servers one is taken that need not give up other models, then the one with more free memory.
 */
export function decide(
  before: Dispatch,
  now: number,
): { readonly state: Dispatch; readonly actions: readonly Action[] } {
  const actions: Action[] = [];
  let state = expired(before, now, actions);
  for (const { name, has, isAsked, askAt } of state.servers) {
    if (has !== undefined || isAsked || askAt > now) continue;
    actions.push({ kind: 'ask', server: name });
    state = withServer(state, name, (old) => ({ ...old, isAsked: true }));
  }
  const loads = state.servers.map((server): Load => {
    const leased = state.leases.filter((lease) => lease.server === server.name).length;
    return { server, leased, held: 0, warm: server.warm };
  });
  const isFull = ({ server, leased }: Load) => leased > server.workers;
  for (const one of state.waiting) {
    if (loads.length > 0 && loads.every(isFull)) break;
    const able = loads.filter((load) => isAble(load.server, one));
    const best = soonest(able, one, state);
    if (!best) {
      state = hopeless(state, one, actions);
      continue;
    }
    best.warm = modelsOf(one.job.needs);
    if (isFull(best)) {
      best.held++;
      continue;
    }
    best.leased++;
    state = started(state, one, best.server.name, now, actions);
  }
  return { state, actions };
}

/** When `decide` has something to do that no report brings about: the end of a lease, a server to ask again. */
export function nextTime({ leases, servers }: Dispatch): number | undefined {
  const asks = servers.filter(({ has, isAsked }) => has === undefined && !isAsked).map(({ askAt }) => askAt);
  const times = [...leases.map(({ until }) => until), ...asks];
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b));
}

function expired(state: Dispatch, now: number, actions: Action[]): Dispatch {
  let next = state;
  for (const lease of state.leases.filter(({ until }) => until <= now)) {
    actions.push({ kind: 'stop', lease });
    const { state: after, credit } = ranOut(next, lease);
    next = after;
    if (credit === 'given-up') actions.push({ kind: 'give-up', id: lease.job.id, attempts: lease.attempts });
  }
  return next;
}

function isAble({ name, has }: ServerState, { job, avoid }: Waiting): boolean {
  return has !== undefined && !avoid.includes(name) && lacking(job.needs, has).length === 0;
}

function soonest(able: readonly Load[], { job }: Waiting, { servers, settings }: Dispatch): Load | undefined {
  // Servers that have run nothing are taken for as fast as the fastest, so that they are tried; where none has run
  // anything a run is taken for as long as loading, so that they are tried side by side.
  const known = servers.flatMap(({ latency }) => (latency === undefined ? [] : [latency]));
  const usual = known.length === 0 ? settings.load : known.reduce((a, b) => Math.min(a, b));
  const models = modelsOf(job.needs);
  const cost = ({ server, leased, held, warm }: Load) => {
    const latency = server.latency ?? usual;
    const load = models === '' || warm === models ? 0 : settings.load;
    return ((leased + held + server.foreign) / server.workers + 1) * latency + load;
  };
  const order = (a: Load, b: Load) =>
    cost(a) - cost(b) ||
    Number(a.warm !== undefined) - Number(b.warm !== undefined) ||
    (b.server.vramFree ?? 0) - (a.server.vramFree ?? 0);
  // Stable: of wholly equal ones the first.
  return able.reduce<Load | undefined>((best, one) => (best && order(best, one) <= 0 ? best : one), undefined);
}

function started(state: Dispatch, one: Waiting, server: string, now: number, actions: Action[]): Dispatch {
  const lease: Lease = {
    ...one,
    attempts: one.attempts + 1,
    token: `${state.tokens}`,
    server,
    until: now + state.settings.lease,
  };
  actions.push({ kind: 'start', lease });
  return {
    ...state,
    waiting: state.waiting.filter((other) => other !== one),
    leases: [...state.leases, lease],
    tokens: state.tokens + 1,
  };
}

/** A job that no server can run, once all of them have been heard. */
function hopeless(state: Dispatch, one: Waiting, actions: Action[]): Dispatch {
  if (state.servers.some(({ has }) => has === undefined)) return state;
  const lacks = state.servers.map(({ has }) => lacking(one.job.needs, has!));
  const least = lacks.reduce<string[]>(
    (best, next) => (best.length === 0 || next.length < best.length ? next : best),
    [],
  );
  actions.push({ kind: 'impossible', id: one.job.id, lacks: least });
  return { ...state, waiting: state.waiting.filter((other) => other !== one) };
}
