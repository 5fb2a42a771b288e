import type { ReviewShowOutput } from '../../../src/porcelain/review.ts';
import type { ReviewMergeOutput } from '../../../src/porcelain/review-merge.ts';
import type { Action } from '../parts/action-dialog.tsx';
import { Changes } from '../parts/changes.tsx';
import { go, toRoute } from '../route.ts';

/** What may be said of a proposal. */
export type Verdict = 'approve' | 'request-changes' | 'reject';

const WORDS: Readonly<
  Record<Verdict, { readonly title: string; readonly button: string; readonly done: string; readonly ask: string }>
> = {
  approve: { title: 'Approve', button: 'Approve', done: 'Approved.', ask: 'It counts for the head that you see now.' },
  'request-changes': {
    title: 'Request changes',
    button: 'Request changes',
    done: 'Changes are requested.',
    ask: 'It cannot be merged until you approve.',
  },
  reject: { title: 'Reject', button: 'Reject', done: 'Rejected.', ask: 'It ends here; its commits are kept.' },
};

/** A verdict on a proposal, with words if there are any. */
export function verdictOf(verdict: Verdict, { id, title }: ReviewShowOutput): Action<object> {
  const { title: word, button, done, ask } = WORDS[verdict];
  return {
    title: `${word}: ${title}`,
    path: `review/${verdict}`,
    body: { proposal: id },
    text: { field: 'text', label: 'Why (may be empty)' },
    button,
    preview: () => <p>{ask}</p>,
    done: () => done,
  };
}

/** The merge of a proposal as it is seen: one that has other commits by now is refused. */
export function merging({ id, title, head, target }: ReviewShowOutput): Action<ReviewMergeOutput> {
  return {
    title: `Merge: ${title}`,
    path: 'review/merge',
    body: { proposal: id, expected: head },
    button: 'Merge',
    preview: ({ files, conflicts }) => (
      <>
        <p>
          Into <code>{target}</code>
          {conflicts.length > 0 ? `: ${conflicts.length} conflicts wait for decisions then` : ''}.
        </p>
        <Changes files={files} />
      </>
    ),
    done: ({ kind }) => (kind === 'merged' ? 'Merged.' : 'Conflicts wait for decisions.'),
    onDone: ({ kind }) => kind === 'conflict' && go(toRoute('merge')),
  };
}
