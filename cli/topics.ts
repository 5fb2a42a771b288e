/** What the commands of two words are about, by their first word: `cwf help` names the topic, not one of its commands. */
export const TOPICS: Readonly<Record<string, { readonly description: string }>> = {
  bisect: { description: 'Find the commit, and the edits in it, that made a workflow worse' },
  note: { description: 'Metrics and remarks on commits' },
  op: { description: 'The log of every change of the repository, and the way back' },
};
