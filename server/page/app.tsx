import type { ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { get } from './api.ts';
import { StandingContext, useStanding } from './events.ts';
import { useLoad } from './load.ts';
import { BranchMenu } from './parts/branch-menu.tsx';
import { KeyHelp, useKeys } from './parts/keys.tsx';
import { LiveRegion } from './parts/say.tsx';
import { Trouble } from './parts/shown.tsx';
import { ThemeSwitch } from './parts/theme.tsx';
import { go, type Route, toRoute, useRoute } from './route.ts';
import { VIEWS } from './views/index.ts';

interface Session {
  readonly actor: string;
  readonly scope: string;
  readonly version: string;
  readonly folder: string;
}

/** The shell around all views: where one is, who one is, and what can be reached from here. */
export function App() {
  const standing = useStanding();
  const route = useRoute();
  const session = useLoad((signal) => get<Session>('session', {}, signal), [], { follow: false });
  const view = VIEWS.find(({ name }) => name === route.view) ?? VIEWS[0]!;
  const heading = useRef<HTMLElement>(null);
  useKeys(
    Object.fromEntries(
      VIEWS.flatMap((one, at) =>
        one.label === undefined
          ? []
          : [[`g ${at + 1}`, { label: `Go to ${one.label}`, run: () => go(toRoute(one.name)) }]],
      ),
    ),
  );
  return (
    <StandingContext.Provider value={standing}>
      <button type="button" class="skip" onClick={() => heading.current?.focus()}>
        Skip to content
      </button>
      <header class="bar">
        <a class="brand" href={toRoute('')}>
          cwf
        </a>
        <nav aria-label="Views">
          {VIEWS.filter(({ label }) => label).map(({ name, label }) => (
            <a key={name} href={toRoute(name)} aria-current={name === (view.under ?? view.name) ? 'page' : undefined}>
              {label}
            </a>
          ))}
        </nav>
        <span class="grow" />
        {standing.isOnline ? (
          <BranchMenu
            where={standing.branch?.replace(/^refs\/heads\//, '') ?? standing.head?.slice(0, 10) ?? 'no commit yet'}
            folder={session.value?.folder}
          />
        ) : (
          <span class="where">not connected</span>
        )}
        {session.value && (
          <span class="who" title={`may ${session.value.scope}`}>
            {session.value.actor}
          </span>
        )}
        <ThemeSwitch />
        <KeyHelp />
      </header>
      <main id="main" ref={heading} tabIndex={-1}>
        <Viewed key={view.name} load={view.load} route={route} />
      </main>
      <LiveRegion />
    </StandingContext.Provider>
  );
}

type Component = ComponentType<{ readonly route: Route }>;

/** A view, once its code is there. */
function Viewed({
  load,
  route,
}: {
  readonly load: () => Promise<{ readonly View: Component }>;
  readonly route: Route;
}) {
  const [loaded, setLoaded] = useState<{ readonly View: Component }>();
  const [error, setError] = useState<unknown>();
  useEffect(() => void load().then(setLoaded, setError), [load]);
  if (error !== undefined) return <Trouble error={error} />;
  return loaded ? <loaded.View route={route} /> : <p class="quiet">Loading…</p>;
}
