/** Shells that have a completion script. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

const BASH = `# cwf completion for bash
_cwf() {
  local IFS=$'\\n'
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=($(cwf __complete -- "\${words[@]}" 2>/dev/null))
  [[ \${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
  return 0
}
complete -o filenames -F _cwf cwf
`;

const ZSH = `#compdef cwf
# cwf completion for zsh
_cwf() {
  local -a found
  found=(\${(f)"$(cwf __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( \${#found} )); then compadd -Q -- "\${found[@]}"; else _files; fi
}
compdef _cwf cwf
`;

const FISH = `# cwf completion for fish
function __cwf_complete
  set -l words (commandline -opc) (commandline -ct)
  cwf __complete -- $words[2..-1] 2>/dev/null
end
complete -c cwf -a '(__cwf_complete)'
`;

const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], string>> = { bash: BASH, zsh: ZSH, fish: FISH };

/**
 * The script a person loads into the shell. It holds no list of its own: each TAB asks `cwf __complete`, so it never
 * goes stale.
 */
export function completionScript(shell: (typeof SHELLS)[number]): string {
  return SCRIPTS[shell];
}
