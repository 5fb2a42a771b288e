import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { BranchOutput } from '../../../src/porcelain/branch.ts';
import type { DiffOutput } from '../../../src/porcelain/diff.ts';
import type { ShowCommit, ShowFile } from '../../../src/porcelain/show.ts';
import { addressOf, get } from '../api.ts';
import { ChangeList } from '../compare/change-list.tsx';
import { type Compared, comparedOf, versionOf } from '../compare/compared.ts';
import { Graph, type Side } from '../graph/graph.tsx';
import { centred, fitted, showing, useSize, type Viewport, zoomed } from '../graph/use-view.ts';
import { useLoad } from '../load.ts';
import { AbSlider } from '../parts/ab-slider.tsx';
import { useKeys } from '../parts/keys.tsx';
import { Shown } from '../parts/shown.tsx';
import { adjust, go, type Route, toRoute } from '../route.ts';
import './compare.css';

/** Two points of history, or one, as pictures of the workflow with what differs marked. */
export function View({ route }: { readonly route: Route }) {
  const { parts, query } = route;
  const range = parts.join('/');
  const branches = useLoad((signal) => get<BranchOutput>('branch', {}, signal), []);
  const compared = useLoad(
    async (signal): Promise<readonly Compared[]> => {
      if (range === '') return [];
      if (range.includes('..'))
        return comparedOf(await get<DiffOutput>('diff', { words: [range], view: 'drawing' }, signal));
      const what = query.get('file');
      return [versionOf(await get<ShowFile>('show', { what: `${range}:${what}`, view: 'drawing' }, signal))];
    },
    [range, range.includes('..') ? '' : query.get('file')],
    // What two commits differ in never changes; HEAD and branches do.
    { follow: !/^[0-9a-f]{40}\.\.[0-9a-f]{40}$/.test(range) },
  );
  return (
    <div class="compare">
      <h1>Compare</h1>
      <Points range={range} branches={branches.value?.branches.map(({ name }) => name) ?? []} />
      {range === '' ? (
        <p class="quiet">Name two points of history: branches, commits, HEAD~1, trial/study/7.</p>
      ) : (
        <Shown what="Comparison" of={compared}>
          {(files) => (files.length === 0 ? <p>No workflow differs.</p> : <Files files={files} route={route} />)}
        </Shown>
      )}
      {range.includes('..') && <Pictures range={range} />}
    </div>
  );
}

/** Where two points are named. */
function Points({ range, branches }: { readonly range: string; readonly branches: readonly string[] }) {
  const [from = '', to = ''] = range.split(/\.{2,3}/);
  return (
    <form
      class="row points"
      key={range}
      onSubmit={(event) => {
        event.preventDefault();
        const values = new FormData(event.currentTarget);
        go(toRoute('compare', [`${values.get('from') || 'HEAD~1'}..${values.get('to') || 'HEAD'}`]));
      }}
    >
      <label>
        Before <input name="from" list="points" defaultValue={from} placeholder="HEAD~1" spellcheck={false} />
      </label>
      <label>
        After <input name="to" list="points" defaultValue={to} placeholder="HEAD" spellcheck={false} />
      </label>
      <datalist id="points">
        {['HEAD', ...branches].map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <button type="submit">Compare</button>
      {range.includes('..') && (
        <a class="quiet" href={toRoute('compare', [`${to || 'HEAD'}..${from || 'HEAD'}`])}>
          Swap
        </a>
      )}
    </form>
  );
}

function Files({ files, route }: { readonly files: readonly Compared[]; readonly route: Route }) {
  const { query } = route;
  const file = files.find((one) => one.file === query.get('file')) ?? files[0]!;
  const mode = query.get('mode') === 'side' ? 'side' : 'overlay';
  const change = (next: Readonly<Record<string, string>>): void => adjust(route, next, true);
  return (
    <>
      {files.length > 1 && (
        <nav class="row" aria-label="Changed files">
          {files.map((one) => (
            <button key={one.file} type="button" aria-pressed={one === file} onClick={() => change({ file: one.file })}>
              {one.file} <span class="badge">{one.kind === 'changed' ? one.lines.length : one.kind}</span>
            </button>
          ))}
        </nav>
      )}
      <File key={file.file} file={file} mode={mode} onMode={(next) => change({ mode: next })} />
    </>
  );
}

function File({
  file,
  mode,
  onMode,
}: {
  readonly file: Compared;
  readonly mode: 'side' | 'overlay';
  readonly onMode: (mode: 'side' | 'overlay') => void;
}) {
  const { drawing, lines } = file;
  const [scope, setScope] = useState<string>();
  const [at, setAt] = useState(-1);
  const [chosen, setChosen] = useState<string>();
  const [isPlacedSeen, setPlacedSeen] = useState(false);
  const [view, setView] = useState<Viewport>();
  const stage = useRef<HTMLDivElement>(null);
  const size = useSize(stage);
  const panel = drawing.panels.find((one) => one.scope === scope) ?? drawing.panels[0]!;
  const window = size && { width: mode === 'side' ? size.width / 2 : size.width, height: size.height };
  const fitAll = (): void => {
    if (window) setView(fitted(panel, window));
  };
  // The first look, and the first at another panel or another half of the window, shows all of it, or what was stepped to.
  useEffect(() => {
    const box = panel.boxes.find(({ key }) => key === chosen);
    if (window && box) setView(centred(fitted(panel, window), box, window));
    else fitAll();
  }, [panel, window?.width, window?.height]);
  const placed = useMemo(
    () => new Set(isPlacedSeen ? file.placed.filter((one) => one.scope === scope).map(({ node }) => node) : []),
    [isPlacedSeen, scope],
  );

  const open = (next: string | undefined): void => {
    setScope(next);
    setChosen(undefined);
  };
  const goTo = (next: number): void => {
    const line = lines[next];
    if (!line) return;
    setAt(next);
    const { place } = line;
    if (!place) return;
    const target = drawing.panels.find((one) => one.scope === place.scope);
    const box = target?.boxes.find(({ key }) => key === place.node);
    if (!target || !box) return;
    setScope(target.scope);
    setChosen(box.key);
    // After the panel that it lies in has been fitted.
    requestAnimationFrame(() => {
      if (window) setView((before) => centred(before ?? fitted(target, window), box, window));
      stage.current?.querySelector<SVGElement>(`[data-key="${CSS.escape(box.key)}"]`)?.focus({ preventScroll: true });
    });
  };
  const middle = window ? { x: window.width / 2, y: window.height / 2 } : { x: 0, y: 0 };
  const zoom = (factor: number): void => setView((before) => before && zoomed(before, factor, middle));
  useKeys({
    n: { label: 'Next change', run: () => goTo(at + 1 < lines.length ? at + 1 : 0) },
    p: { label: 'Change before', run: () => goTo(at > 0 ? at - 1 : lines.length - 1) },
    f: { label: 'See all of it', run: fitAll },
    o: { label: 'Side by side or on each other', run: () => onMode(mode === 'side' ? 'overlay' : 'side') },
    m: { label: 'Show what was only moved about', run: () => setPlacedSeen(!isPlacedSeen) },
    '+': { label: 'Larger', run: () => zoom(1.25) },
    '-': { label: 'Smaller', run: () => zoom(0.8) },
    Backspace: { label: 'Out of the subgraph', run: () => open(undefined) },
  });

  const sides: readonly Side[] = file.isOne ? ['after'] : mode === 'side' ? ['before', 'after'] : ['both'];
  return (
    <>
      <div class="row tools">
        <strong>{file.from === undefined ? file.file : `${file.from} → ${file.file}`}</strong>
        {!file.isOne && (
          <span class="row">
            <button type="button" aria-pressed={mode === 'overlay'} onClick={() => onMode('overlay')}>
              On each other
            </button>
            <button type="button" aria-pressed={mode === 'side'} onClick={() => onMode('side')}>
              Side by side
            </button>
          </span>
        )}
        <button type="button" onClick={fitAll}>
          See all
        </button>
        {file.placed.length > 0 && (
          <label class="row">
            <input
              type="checkbox"
              checked={isPlacedSeen}
              onChange={(event) => setPlacedSeen(event.currentTarget.checked)}
            />
            {file.placed.length} only moved about
          </label>
        )}
        {panel.scope !== undefined && (
          <nav aria-label="Subgraph" class="row">
            <button type="button" onClick={() => open(undefined)}>
              Workflow
            </button>
            <span>› {panel.way.join(' › ')}</span>
          </nav>
        )}
        <span class="grow" />
        {!file.isOne && (
          <span class="legend">
            <b class="added">+</b> added <b class="removed">−</b> removed <b class="changed">~</b> changed
          </span>
        )}
      </div>
      <div class={file.isOne ? 'stage is-one' : 'stage'}>
        <div class={`canvases ${sides.length > 1 ? 'are-two' : ''}`} ref={stage}>
          {view &&
            sides.map((side) => (
              <Graph
                key={side}
                label={side === 'before' ? 'Before' : side === 'after' ? 'After' : 'Before and after'}
                panel={panel}
                metrics={drawing.metrics}
                side={side}
                view={view}
                setView={(change) => setView((before) => before && change(before))}
                chosen={chosen}
                onChoose={(key) => {
                  setChosen(key);
                  const line = lines.findIndex(({ place }) => place?.node === key && place.scope === panel.scope);
                  if (line >= 0) setAt(line);
                }}
                onFocus={(box) => setView((before) => before && window && showing(before, box, window))}
                onOpen={open}
                placed={placed}
              />
            ))}
        </div>
        {!file.isOne && <ChangeList file={file} at={at} onGo={goTo} />}
      </div>
    </>
  );
}

/** The pictures that runs of both points left, where there are any. */
function Pictures({ range }: { readonly range: string }) {
  const [from = 'HEAD', to = 'HEAD'] = range.split(/\.{2,3}/);
  const notes = useLoad(
    (signal) =>
      Promise.all(
        [from, to].map(async (what) => pictureOf(await get<ShowCommit>('show', { what: what || 'HEAD' }, signal))),
      ),
    [range],
  );
  const [before, after] = notes.value ?? [];
  if (!before || !after) return null;
  return (
    <section aria-label="Pictures">
      <h2>Pictures</h2>
      <AbSlider before={addressOf(`outputs/${before}`)} after={addressOf(`outputs/${after}`)} />
    </section>
  );
}

/** The first picture of the last run of a commit. */
function pictureOf({ notes = [] }: ShowCommit): string | undefined {
  for (const { run } of [...notes].reverse()) {
    const output = run?.outputs?.find(({ type, folder }) => type.startsWith('image/') && folder === 'output');
    if (output) return output.id;
  }
  return undefined;
}
