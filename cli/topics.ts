/** What the commands of two words are about, by their first word: `cwf help` names the topic, not one of its commands. */
export const TOPICS: Readonly<Record<string, { readonly description: string }>> = {
  bisect: { description: 'Find the commit, and the edits in it, that made a workflow worse' },
  exp: { description: 'Studies: what came of them, and how they go on' },
  git: { description: 'Let plain git diff, merge and store workflows with cwf' },
  metric: { description: 'Numbers made of images and videos' },
  note: { description: 'Metrics and remarks on commits' },
  op: { description: 'The log of every change of the repository, and the way back' },
  output: { description: 'Pictures and other files that runs made, beside git' },
  rank: { description: 'Say which of several results is best' },
  review: { description: 'Look at what was proposed, talk about it, and merge it' },
  run: { description: 'Run a workflow, and note its outputs, numbers and environment on its commit' },
  runner: { description: 'Where workflows run: ComfyUI servers, and the embedded engine' },
  token: { description: 'Who may use the server, beside the person who started it' },
};

/** Commands of git that cwf has not: what its users do instead. */
export const GIT_WORDS: Readonly<Record<string, string>> = {
  add: 'Nothing is staged: `cwf commit` takes every changed workflow, or the files you name.',
  checkout: 'Branches: `cwf switch`; files: `cwf restore`.',
  clone: 'Clone with `git clone`, then `cwf init` in it.',
  fetch: "Remotes are git's: `git fetch`.",
  gc: 'Use `git gc`: what undo needs is kept.',
  pull: 'Use `git fetch`, then `cwf merge origin/<branch>`.',
  push: "Remotes are git's: `git push`.",
  rebase: 'Repeat the commits on the other branch with `cwf cherry-pick`, or join it with `cwf merge`.',
  reset: 'Take back the last command with `cwf undo`, or files with `cwf restore`.',
  rm: 'Delete the file, then `cwf commit`.',
  mv: 'Rename the file, then `cwf commit`.',
  stash: 'Commit on a branch of its own: `cwf switch -c <name>`, then `cwf commit`.',
};
