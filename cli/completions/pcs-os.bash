# Completion of pcs-os for bash. pcs-os itself prints the candidates.

_pcs_os() {
    local line type word
    COMPREPLY=()
    while IFS= read -r line; do
        type=${line%%,*} word=${line#*,}
        [[ $type == plain ]] && COMPREPLY+=("$word")
    done < <(COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD _PCS_OS_COMPLETE=bash_complete "$1" 2>/dev/null)
    # No space follows a directory, or a variable that still needs a value.
    [[ ${COMPREPLY[0]-} == *[/=] ]] && compopt -o nospace 2>/dev/null
    return 0
}

complete -o nosort -F _pcs_os pcs-os
