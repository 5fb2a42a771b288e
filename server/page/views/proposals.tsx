import type { ProposalRow } from '../../../src/porcelain/review.ts';
import { get } from '../api.ts';
import { useLoad } from '../load.ts';
import { ActorBadge } from '../parts/actor.tsx';
import { Shown } from '../parts/shown.tsx';
import { DataTable } from '../parts/table.tsx';
import { Ago } from '../parts/time.tsx';
import { Proposal } from '../proposals/proposal.tsx';
import { authorText, verdictText } from '../proposals/words.ts';
import { go, type Route, toRoute } from '../route.ts';
import './proposals.css';

/** Proposals: the list of them, or the one that the address names. */
export function View({ route: { parts, query } }: { readonly route: Route }) {
  const [id] = parts;
  return id === undefined ? <List isAll={query.get('all') === 'true'} /> : <Proposal key={id} id={id} />;
}

function List({ isAll }: { readonly isAll: boolean }) {
  const list = useLoad(
    (signal) => get<{ readonly proposals: readonly ProposalRow[] }>('review/list', isAll ? { all: true } : {}, signal),
    [isAll],
  );
  return (
    <>
      <h1>Proposals</h1>
      <p class="row">
        <label>
          <input
            type="checkbox"
            checked={isAll}
            onChange={() => go(toRoute('proposals', [], isAll ? {} : { all: 'true' }), true)}
          />{' '}
          also those that are over
        </label>
      </p>
      <Shown what="Proposals" of={list}>
        {({ proposals }) =>
          proposals.length === 0 ? (
            <p class="quiet">
              Nothing waits for a review. Agents propose with <code>cwf propose</code> or over MCP.
            </p>
          ) : (
            <DataTable<ProposalRow>
              caption={isAll ? 'All proposals' : 'Open proposals'}
              rows={proposals}
              keyOf={({ id }) => id}
              columns={[
                {
                  name: 'proposal',
                  cell: ({ id, title }) => <a href={toRoute('proposals', [id])}>{title}</a>,
                  value: ({ title }) => title,
                },
                {
                  name: 'by',
                  cell: ({ author }) => <ActorBadge actor={author.actor} author={author.name} />,
                  value: ({ author }) => authorText(author),
                },
                { name: 'into', cell: ({ target }) => <code>{target}</code>, value: ({ target }) => target },
                {
                  name: 'state',
                  cell: (row) => <span class="badge">{verdictText(row)}</span>,
                  value: (row) => verdictText(row),
                },
                {
                  name: 'comments',
                  cell: ({ comments }) => comments,
                  value: ({ comments }) => comments,
                  isNumber: true,
                },
                { name: 'since', cell: ({ time }) => <Ago seconds={time} />, value: ({ time }) => time },
              ]}
            />
          )
        }
      </Shown>
    </>
  );
}
