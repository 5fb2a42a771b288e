import type { Has, Needs } from './needs.ts';

/**
 * Work for several servers, as data. Each function of this folder takes a state and gives the next one; time comes as
 * an argument, and the one who calls performs what `decide` says and reports what came of it.
 *
 *      submit -> waiting -- decide: start --> leased -- ended: credited
 *                   ^                           |
 *                   +--- lost, lease run out ---+     (a new token; what comes under the old one is stale)
 *
 * Invariants: a job waits or is leased, never both; at most `workers + 1` leases a server; a token is never
 * used twice, and a job that was submitted once is credited once.
 */
export interface Dispatch {
  readonly servers: readonly ServerState[];
  /** In the order in which they are to run. */
  readonly waiting: readonly Waiting[];
  readonly leases: readonly Lease[];
  /** How many tokens were given out. */
  readonly tokens: number;
  readonly settings: Settings;
}

/** What the caller decides. */
export interface Settings {
  /** Milliseconds that a lease lasts. */
  readonly lease: number;
  /** How often a job is started at most. */
  readonly attempts: number;
  /** Milliseconds that loading models takes, about. */
  readonly load: number;
}

/** Something to run. The id is its content, such as digest and seed: the same again is the same job. */
export interface Job {
  readonly id: string;
  readonly needs: Needs;
}

/** A job in the queue. */
export interface Waiting {
  readonly job: Job;
  /** How often it was started. */
  readonly attempts: number;
  /** Servers that had not the memory for it. */
  readonly avoid: readonly string[];
}

/** A job on a server, until a time. Whoever reports its end names the token. */
export interface Lease extends Waiting {
  readonly token: string;
  readonly server: string;
  readonly until: number;
}

/** A server as far as it is known. */
export interface ServerState {
  readonly name: string;
  /** Prompts that it runs at once. */
  readonly workers: number;
  /** Unknown until it was asked, and again when that may have changed. */
  readonly has?: Has;
  readonly isAsked: boolean;
  /** Failures to reach it in a row, and when it is asked again. */
  readonly failures: number;
  readonly askAt: number;
  /** Prompts of others in its queue. */
  readonly foreign: number;
  readonly vramFree?: number;
  /** The models it ran last. */
  readonly warm?: string;
  /** Milliseconds of a run, the last ones counting most. */
  readonly latency?: number;
}

/** As long as a trial of some minutes with a model to load; three starts; the load time of an SD 1.5 checkpoint. */
const DEFAULTS: Settings = { lease: 30 * 60_000, attempts: 3, load: 6_000 };

/** A state without jobs. Servers are not known until they are asked. */
export function emptyDispatch(
  servers: readonly { readonly name: string; readonly workers?: number }[],
  settings: Partial<Settings> = {},
): Dispatch {
  return {
    servers: servers.map(({ name, workers = 1 }) => ({
      name,
      workers,
      isAsked: false,
      failures: 0,
      askAt: 0,
      foreign: 0,
    })),
    waiting: [],
    leases: [],
    tokens: 0,
    settings: { ...DEFAULTS, ...settings },
  };
}

/** Puts a job at the end of the queue; one that waits or runs already is left where it is. */
export function submit(state: Dispatch, job: Job): Dispatch {
  const isKnown = [...state.waiting, ...state.leases].some((one) => one.job.id === job.id);
  return isKnown ? state : { ...state, waiting: [...state.waiting, { job, attempts: 0, avoid: [] }] };
}

/** Takes a job back. A lease of it is returned, for its run to be stopped: what that brings is stale. */
export function withdraw(state: Dispatch, id: string): { readonly state: Dispatch; readonly lease?: Lease } {
  const lease = state.leases.find(({ job }) => job.id === id);
  const next = {
    ...state,
    waiting: state.waiting.filter(({ job }) => job.id !== id),
    leases: state.leases.filter((one) => one !== lease),
  };
  return lease ? { state: next, lease } : { state: next };
}

/** A server with some of its facts changed. */
export function withServer(state: Dispatch, name: string, change: (old: ServerState) => ServerState): Dispatch {
  return { ...state, servers: state.servers.map((one) => (one.name === name ? change(one) : one)) };
}
