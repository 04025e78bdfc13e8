# Completion of hull for fish: hull completion fish | source

function __hull_complete
    set -l words (commandline -opc)
    set -l last (commandline -ct)
    set -l candidates ($words[1] __complete $words[2..-1] "$last" 2>/dev/null)
    if test "$candidates[1]" = ":files"
        __fish_complete_path "$last"
    else if set -q candidates[1]
        printf '%s\n' $candidates
    end
end

complete -c hull -f -a '(__hull_complete)'
