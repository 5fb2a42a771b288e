import type { ExpExplainOutput } from '../../../src/porcelain/exp.ts';
import { Figure } from '../charts/figure.tsx';
import { longText } from '../charts/numbers.ts';
import { useStudy } from './model.ts';

type Target = ExpExplainOutput['importance'][number];

/** How much each parameter bears on what is measured, beside what chance would give. */
export function ImportanceChart({ target: { name, list } }: { readonly target: Target }) {
  const { report } = useStudy();
  const isNothing = list.every(({ share }) => share === 0);
  const most = Math.max(0.01, ...list.flatMap(({ share, chance = 0 }) => [share, Math.min(1, chance)]));
  return (
    <Figure
      title={`Importance for ${name}`}
      signs={
        isNothing
          ? []
          : [
              { mark: 'faint', text: 'no more than chance may give' },
              { mark: 'limit', text: 'what a parameter without effect stays below in 95 % of the cases' },
            ]
      }
      remark={isNothing ? 'Too few measured trials that differ.' : undefined}
      file={`${report.study}-importance`}
      rows={list}
      keyOf={(one) => one.name}
      columns={[
        { name: 'parameter', cell: (one) => one.name, value: (one) => one.name },
        { name: 'share', cell: ({ share }) => longText(share), value: ({ share }) => share, isNumber: true },
        {
          name: '95 % of chance',
          cell: ({ chance }) => longText(chance),
          value: ({ chance }) => chance,
          isNumber: true,
        },
      ]}
    >
      {!isNothing && (
        <ul class="importance">
          {list.map(({ name: parameter, share, chance }) => {
            const isSure = chance === undefined || share > chance;
            return (
              <li key={parameter}>
                <span class="name" title={parameter}>
                  {parameter}
                </span>
                <svg class="track" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                  <rect class={isSure ? 'bar' : 'bar faint'} x={0} y={1} width={(share / most) * 100} height={8} />
                  {chance !== undefined && (
                    <path
                      class="limit"
                      d={`M${(Math.min(1, chance) / most) * 100} 0V10`}
                      vector-effect="non-scaling-stroke"
                    />
                  )}
                </svg>
                <span class="share">
                  {share > 0 && share < 0.01 ? '< 1 %' : `${Math.round(share * 100)} %`}
                  {!isSure && <span title="no more than chance may give"> ?</span>}
                </span>
              </li>
            );
          })}
        </ul>
      )}
    </Figure>
  );
}
