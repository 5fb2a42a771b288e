import { type ErrorRow, row } from './error-row.ts';

const FORBIDDEN = { http: 403 } as const;

/** Errors of protected branches, proposals and reviews: part of the one table of errors. */
export const REVIEW_ERRORS = {
  BRANCH_PROTECTED: row(
    'auth',
    (d) => `${d.branch} is protected (rule ${d.rule}): ${d.actor} may not change it with ${d.command}`,
    (d) =>
      `Propose the change instead: \`--propose\` with edit, set, connect, commit and repair, or \`cwf switch -c <branch>\`, commit there, and \`cwf propose\`. A person takes the rule away with \`cwf protect --remove ${d.rule}\`.`,
    FORBIDDEN,
  ),
  PROTECT_DENIED: row(
    'auth',
    (d) => `${d.actor} may not ${d.what}`,
    () => 'Only a person or a tool may; see `cwf protect --list`.',
    FORBIDDEN,
  ),
  PROPOSE_ONLY: row(
    'auth',
    (d) => `${d.actor} may only propose, and not ${d.what}`,
    () => 'Let the change land on a proposal: --propose, or `propose` in a call.',
    FORBIDDEN,
  ),
  PROTECT_UNREADABLE: row(
    'corrupt',
    (d) => `the rules of protected branches in ${d.ref} cannot be read`,
    (d) => `See \`git show ${d.ref}:protect.json\`; \`cwf undo\` takes the last change of them back.`,
  ),
  PROTECT_INVALID: row(
    'usage',
    (d) => `cwf protect: ${d.reason}`,
    () => 'Such as `cwf protect main --require approvals=1,checks=validate`; see `cwf help protect`.',
  ),
  PROTECT_NOT_FOUND: row(
    'not-found',
    (d) => `no rule ${d.branch}${d.rules ? `; the rules are: ${d.rules}` : ': nothing is protected'}`,
    () => 'See `cwf protect --list`.',
  ),
  PROPOSAL_NOT_FOUND: row(
    'not-found',
    (d) => `no proposal ${d.proposal}`,
    () => 'See `cwf review list --all`.',
  ),
  PROPOSAL_EMPTY: row(
    'failed',
    (d) => `nothing to propose: ${d.target} has every commit of ${d.what} already`,
    () => 'Commit on a branch of its own first, or propose the working tree: `cwf propose --from-working-tree`.',
  ),
  PROPOSAL_INVALID: row(
    'invalid',
    (d) => `no proposal can be made so: ${d.reason}`,
    () => 'See `cwf help propose`.',
  ),
  PROPOSAL_CLOSED: row(
    'conflict',
    (d) => `proposal/${d.proposal} is ${d.state} already, by ${d.actor}`,
    (d) =>
      `See \`cwf review show ${d.proposal}\`; \`cwf undo\` takes the last command back, \`cwf propose\` makes a new one.`,
  ),
  APPROVAL_DENIED: row(
    'auth',
    (d) => `${d.actor} may not ${d.what} a proposal: a person does`,
    () => 'Leave a comment instead: `cwf review comment`.',
    FORBIDDEN,
  ),
  REVIEW_INVALID: row(
    'invalid',
    (d) => `review: ${d.reason}`,
    () => 'See `cwf help review`.',
  ),
  COMMENT_NOT_FOUND: row(
    'not-found',
    (d) => `proposal/${d.proposal} has no comment ${d.comment}`,
    () => 'See `cwf review show`: each comment has its id.',
  ),
  REVIEW_NEEDED: row(
    'conflict',
    (d) => `proposal/${d.proposal} may not go into ${d.target} yet: ${d.needs}`,
    (d) => `See \`cwf review show ${d.proposal}\`.`,
  ),
} as const satisfies Record<string, ErrorRow>;
