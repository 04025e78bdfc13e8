#compdef hull
# Completion of hull for zsh: source <(hull completion zsh)

_hull() {
  local -a candidates described
  local candidate
  candidates=("${(@f)$("${words[1]/#\~/$HOME}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ ${candidates[1]} == :files ]]; then
    _files
    return
  fi
  for candidate in "${candidates[@]}"; do
    [[ -n $candidate ]] || continue
    # A colon stands between a word and what it does.
    described+=("${${candidate%%$'\t'*}//:/\\:}:${${candidate#*$'\t'}#${candidate}}")
  done
  _describe -t words hull described
}

compdef _hull hull
