# Completion of pcs-os for fish. pcs-os itself prints the candidates.

function _pcs_os
    set -l output (env _PCS_OS_COMPLETE=fish_complete COMP_WORDS=(commandline -cp) COMP_CWORD=(commandline -t) pcs-os 2>/dev/null)
    for line in $output
        set -l parts (string split --max 1 "," -- $line)
        test "$parts[1]" = plain; and echo $parts[2]
    end
end

complete --no-files --command pcs-os --arguments "(_pcs_os)"
