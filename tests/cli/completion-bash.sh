#!/bin/bash
# SPDX-License-Identifier: MIT
# Completion in bash: verbs, a verb's options, values of some, files.
. "$(dirname "$0")/lib.sh"
. "${SLUICE_SOURCE:?}/docs/completion/sluice"

# complete_words WORDS...: what the last one may become
complete_words() {
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	_sluice
	echo "${COMPREPLY[*]}"
}

equal verbs "$(complete_words sluice "")" "serve info copy bench help"
equal "a verb" "$(complete_words sluice se)" serve
equal options "$(complete_words sluice copy --p)" "--progress"
equal "all options" "$(complete_words sluice info -)" "--json --help"
equal modes "$(complete_words sluice bench --mode rand)" "randread randwrite"
touch "$tmp/disk.img"
equal files "$(complete_words sluice info "$tmp/di")" "$tmp/disk.img"
