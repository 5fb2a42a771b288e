/** Signs of who made something: shape and word, never colour alone. */
const SIGNS = { person: '●', agent: '◆', tool: '■', git: '○' } as const;

/** Who made a commit: a person, an agent, a tool, or somebody with plain git. */
export function ActorBadge({ actor, author }: { readonly actor?: string | undefined; readonly author?: string }) {
  const [kind = 'git', name] = (actor ?? 'git').split('/', 2);
  const sign = SIGNS[kind as keyof typeof SIGNS] ?? '○';
  const text = kind === 'person' ? (author ?? 'person') : kind === 'git' ? `${author ?? ''} (git)` : `${kind} ${name}`;
  return (
    <span class={`actor ${kind}`} title={actor ?? 'made with plain git'}>
      <span aria-hidden="true">{sign}</span> {text}
    </span>
  );
}
