import type { ListedRunner } from '../../../src/porcelain/runner-list.ts';
import type { Loaded } from '../load.ts';
import { Shown } from '../parts/shown.tsx';
import { DataTable } from '../parts/table.tsx';
import { bytes } from './words.ts';

/** The runners, as they said they are; asked by the server, never from here. */
export function Hosts({ of }: { readonly of: Loaded<{ readonly runners: readonly ListedRunner[] }> }) {
  return (
    <section aria-label="Runners" class="hosts">
      <Shown what="Runners" of={of}>
        {({ runners }) => (
          <DataTable<ListedRunner>
            caption="Runners"
            rows={runners}
            keyOf={({ name }) => name}
            columns={[
              {
                name: 'runner',
                cell: ({ name, url }) => (
                  <>
                    <strong>{name}</strong> {url !== undefined && <code class="quiet">{url}</code>}
                  </>
                ),
                value: ({ name }) => name,
              },
              {
                name: 'state',
                cell: ({ error, isUsual }) =>
                  error ? (
                    <>
                      <span class="badge removed">✗ not reached</span> {error.message}{' '}
                      <span class="quiet">{error.hint}</span>
                    </>
                  ) : (
                    <>
                      <span class="badge added">✓ ready</span>{' '}
                      {!isUsual && <span class="quiet">only where it is named</span>}
                    </>
                  ),
                value: ({ error }) => error?.code ?? 'ready',
              },
              { name: 'queue', cell: ({ queued }) => queued, value: ({ queued }) => queued, isNumber: true },
              {
                name: 'memory free (sampled now)',
                cell: ({ vramFree }) => vramFree !== undefined && bytes(vramFree),
                value: ({ vramFree }) => vramFree,
                isNumber: true,
              },
              {
                name: 'device',
                cell: ({ devices = [] }) =>
                  devices
                    .map(({ name, vramTotal }) =>
                      vramTotal === undefined ? name : `${name}, ${bytes(vramTotal)} in all`,
                    )
                    .join('; '),
                value: ({ devices = [] }) => devices[0]?.name,
              },
              { name: 'ComfyUI', cell: ({ engine }) => engine, value: ({ engine }) => engine },
              { name: 'classes', cell: ({ classes }) => classes, value: ({ classes }) => classes, isNumber: true },
            ]}
          />
        )}
      </Shown>
      <button type="button" class="plain" onClick={of.reload}>
        Ask again
      </button>
    </section>
  );
}
