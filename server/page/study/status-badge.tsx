import type { StudyReport } from '../../../src/porcelain/study-report.ts';

/** How a study stands, by a sign and a word. */
export function StatusBadge({ status }: Pick<StudyReport, 'status'>) {
  const [sign, kind] = {
    running: ['▶', 'is-running'],
    finished: ['✓', 'added'],
    stopped: ['■', ''],
    interrupted: ['!', 'removed'],
    planned: ['…', ''],
  }[status] as [string, string];
  return (
    <span class={`badge ${kind}`}>
      <span aria-hidden="true">{sign} </span>
      {status}
    </span>
  );
}
