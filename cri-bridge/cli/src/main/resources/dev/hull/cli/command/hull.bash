# Completion of hull for bash: source <(hull completion bash)

_hull() {
  local line=${COMP_LINE:0:COMP_POINT} words=() candidates=() candidate
  # Not bash's own words: it ends one at every : and =, which are in names of images and options.
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  mapfile -t candidates < <("${words[0]/#\~/$HOME}" __complete "${words[@]:1}" 2>/dev/null)
  COMPREPLY=()
  if [[ ${candidates[0]:-} == :files ]]; then
    compopt -o default
    return
  fi
  local last=${words[-1]}
  local before=${last%"${last##*[:=]}"}
  for candidate in "${candidates[@]}"; do
    candidate=${candidate%%$'\t'*}
    COMPREPLY+=("${candidate#"$before"}")
  done
}

complete -F _hull hull
