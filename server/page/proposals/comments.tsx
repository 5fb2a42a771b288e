import { useState } from 'preact/hooks';
import type { ReviewShowOutput } from '../../../src/porcelain/review.ts';
import type { PlacedComment } from '../../../src/porcelain/review-places.ts';
import { post } from '../api.ts';
import { ActorBadge } from '../parts/actor.tsx';
import { say } from '../parts/say.tsx';
import { Trouble } from '../parts/shown.tsx';
import { Ago } from '../parts/time.tsx';

/** What was said of a proposal, each where it belongs, and the fields to say more. */
export function Comments({ proposal, isOpen }: { readonly proposal: ReviewShowOutput; readonly isOpen: boolean }) {
  const { id, comments, files } = proposal;
  return (
    <section aria-label="Comments">
      <h2>Comments</h2>
      {comments.length === 0 && <p class="quiet">Nobody said anything yet.</p>}
      {comments.map((comment) => (
        <Thread key={comment.id} comment={comment} id={id} isOpen={isOpen} />
      ))}
      {isOpen && <Write id={id} files={files.map(({ file }) => file)} />}
    </section>
  );
}

function Thread({
  comment,
  id,
  isOpen,
}: {
  readonly comment: PlacedComment;
  readonly id: string;
  readonly isOpen: boolean;
}) {
  const [isAnswering, setAnswering] = useState(false);
  const { actor, name, text, time, place, isGone, replies } = comment;
  return (
    <div class="comment">
      <p class="row">
        <ActorBadge actor={actor} author={name} />
        <Ago seconds={time} />
        {place !== undefined && <span class="badge">{place}</span>}
        {isGone && <span class="badge removed">no longer there</span>}
      </p>
      <p class="said-text">{text}</p>
      {replies.map((reply) => (
        <Thread key={reply.id} comment={reply} id={id} isOpen={isOpen} />
      ))}
      {isOpen &&
        (isAnswering ? (
          <Write id={id} reply={comment.id} onDone={() => setAnswering(false)} />
        ) : (
          <button type="button" class="plain" onClick={() => setAnswering(true)}>
            Answer
          </button>
        ))}
    </div>
  );
}

function Write({
  id,
  files = [],
  reply,
  onDone,
}: {
  readonly id: string;
  readonly files?: readonly string[];
  /** The comment that it answers. */
  readonly reply?: string;
  readonly onDone?: () => void;
}) {
  const [error, setError] = useState<unknown>();
  const [turn, setTurn] = useState(0);
  const send = async (form: HTMLFormElement): Promise<void> => {
    const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
    const { text = '', file = '', address = '' } = values;
    try {
      await post('review/comment', {
        proposal: id,
        text,
        ...(file === '' ? {} : { file }),
        ...(address === '' ? {} : { address }),
        ...(reply === undefined ? {} : { reply }),
      });
      setError(undefined);
      setTurn((n) => n + 1);
      say('Said.');
      onDone?.();
    } catch (thrown) {
      setError(thrown);
    }
  };
  return (
    <form
      key={turn}
      class="write"
      onSubmit={(event) => {
        event.preventDefault();
        void send(event.currentTarget);
      }}
    >
      {error !== undefined && <Trouble error={error} />}
      <label>
        {reply === undefined ? 'Comment' : 'Answer'}
        <textarea name="text" rows={3} required />
      </label>
      <p class="row">
        {files.length > 0 && (
          <>
            <label>
              On{' '}
              <select name="file">
                <option value="">the whole proposal</option>
                {files.map((file) => (
                  <option key={file} value={file}>
                    {file}
                  </option>
                ))}
              </select>
            </label>
            <label>
              Node or input <input name="address" placeholder="3.steps" spellcheck={false} />
            </label>
          </>
        )}
        <button type="submit">{reply === undefined ? 'Comment' : 'Answer'}</button>
        {reply !== undefined && (
          <button type="button" class="plain" onClick={onDone}>
            Cancel
          </button>
        )}
      </p>
    </form>
  );
}
