import type { ServerResponse } from 'node:http';
import type { Context } from '../src/porcelain/context.ts';
import { type StudyStep, studyProgress } from '../src/porcelain/study-progress.ts';
import type { Clients } from './broadcast.ts';
import { type EventClient, eventText } from './event-stream.ts';
import type { RepositoryStream } from './repository-stream.ts';

/** A process that dies changes nothing in the repository: it is looked for after this. */
const EVERY_MS = 5000;

type Told = Awaited<ReturnType<typeof studyProgress>>;

/** A study that somebody follows. */
interface Followed {
  /** Clients, each with the id of the last trial that it was told of. */
  readonly clients: Map<EventClient, string>;
  /** What is to be told next is read; another change meanwhile is told after it. */
  reading: Promise<void> | undefined;
  isStale: boolean;
  /** The last `progress` that was told. */
  last: string;
  unfollow(): void;
}

/**
 * `/api/optimize/progress/<run_id>`: how studies go on, whichever process runs them. What is told is read from the
 * repository (`trial`, `progress`, `done`), so it can be taken up after any break, of the line or of the server; `step`,
 * what a trial is doing, is only told of those that run here, and is not repeated. [SV-31]
 */
export class StudyStreams {
  private readonly ctx: Context;
  private readonly clients: Clients;
  private readonly events: RepositoryStream;
  private readonly followed = new Map<string, Followed>();

  constructor(ctx: Context, clients: Clients, events: RepositoryStream) {
    this.ctx = ctx;
    this.clients = clients;
    this.events = events;
  }

  /**
   * Lets a client follow a study, from behind the trial that it had last. Throws STUDY_NOT_FOUND, STUDY_CORRUPT,
   * STUDY_BASE_GONE, TOO_BUSY.
   */
  async open(
    name: string,
    response: ServerResponse,
    lastId: string | undefined,
    isAllowed: () => boolean,
  ): Promise<void> {
    const told = await studyProgress(this.ctx, name);
    const study = told.progress.study;
    const followed = this.followed.get(study) ?? (await this.follow(study));
    const client = this.clients.add(response, isAllowed, () => this.leave(study, followed, client));
    followed.clients.set(client, lastId ?? '');
    this.tell(followed, client, told);
    client.send(progressText(told));
    if (told.progress.status !== 'running') this.end(study, followed, told);
    else await this.look(study, followed);
  }

  /** Tells those who follow a study what one of its trials is doing. */
  step(study: string, step: StudyStep): void {
    const followed = this.followed.get(study);
    if (!followed || step.kind === 'begun' || step.kind === 'done') return;
    const text = eventText({ event: 'step', data: step });
    for (const client of followed.clients.keys()) client.send(text);
  }

  close(): void {
    for (const [study, followed] of this.followed) this.forget(study, followed);
  }

  private async follow(study: string): Promise<Followed> {
    const followed: Followed = {
      clients: new Map(),
      reading: undefined,
      isStale: false,
      last: '',
      unfollow: () => undefined,
    };
    this.followed.set(study, followed);
    const look = (): void => void this.look(study, followed);
    const unfollow = await this.events.follow(look);
    const timer = setInterval(look, EVERY_MS);
    timer.unref();
    followed.unfollow = () => {
      clearInterval(timer);
      unfollow();
    };
    return followed;
  }

  /** Reads how the study stands and tells what is new; once at a time. */
  private look(study: string, followed: Followed): Promise<void> {
    followed.isStale = true;
    followed.reading ??= (async () => {
      while (followed.isStale && followed.clients.size > 0) {
        followed.isStale = false;
        const told = await studyProgress(this.ctx, study);
        for (const client of followed.clients.keys()) this.tell(followed, client, told);
        const text = progressText(told);
        if (text !== followed.last) for (const client of followed.clients.keys()) client.send(text);
        followed.last = text;
        if (told.progress.status !== 'running') this.end(study, followed, told);
      }
    })()
      // A repository that cannot be read now is read again at the next change.
      .catch(() => undefined)
      .finally(() => {
        followed.reading = undefined;
      });
    return followed.reading;
  }

  /** The trials that a client has not been told of. */
  private tell(followed: Followed, client: EventClient, { records, commits }: Told): void {
    const last = followed.clients.get(client) ?? '';
    const at = records.findIndex((record) => idOf(record) === last);
    for (const record of records.slice(at + 1)) {
      const data = { record, commit: commits.get(record.number) };
      client.send(eventText({ id: idOf(record), event: 'trial', data }));
      followed.clients.set(client, idOf(record));
    }
  }

  private end(study: string, followed: Followed, { progress }: Told): void {
    const text = eventText({ event: 'done', data: progress });
    for (const client of followed.clients.keys()) {
      client.send(text);
      client.end();
    }
    followed.clients.clear();
    this.forget(study, followed);
  }

  private leave(study: string, followed: Followed, client: EventClient): void {
    followed.clients.delete(client);
    if (followed.clients.size === 0) this.forget(study, followed);
  }

  private forget(study: string, followed: Followed): void {
    if (this.followed.get(study) === followed) this.followed.delete(study);
    followed.unfollow();
  }
}

/** A trial that is taken up again ends once more, and is told of once more. */
function idOf({ number, end }: Told['records'][number]): string {
  return `${number}.${Math.round(end * 1000)}`;
}

function progressText({ progress }: Told): string {
  return eventText({ event: 'progress', data: progress });
}
