import type { ProposalRow } from '../../../src/porcelain/review.ts';

/** Who proposed something, in a word or two. */
export function authorText({ actor, name }: ProposalRow['author']): string {
  return actor === 'person' ? name : actor;
}

/** How a proposal stands. */
export function verdictText({
  state,
  approvedBy,
  changesRequested,
}: Pick<ProposalRow, 'state' | 'approvedBy' | 'changesRequested'>): string {
  if (state !== 'open') return state;
  if (changesRequested) return 'changes requested';
  return approvedBy.length > 0 ? 'approved' : 'open';
}
