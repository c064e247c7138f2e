#!/bin/bash
# SPDX-License-Identifier: MIT
# A bad value of an option is a usage error that shows the value and what is
# wanted.
. "$(dirname "$0")/lib.sh"

bad() {
	local verb=$1 option=$2 value=$3
	exits 2 sluice "$verb" "$option" "$value" driver=null,size=1M
	says "$verb" "$option" "'$value'" wanted
}

bad serve --threads 0
bad serve --threads 65
bad serve --threads many
bad serve --max-clients -1
bad copy --requests 0
bad copy --chunk 1000
bad copy --chunk 12K
bad copy --chunk 1X
bad copy --sparse 5000
bad copy --sparse 256
bad bench --mode backwards
bad bench --depth 0
bad bench --size 0
bad bench --size 1T
bad bench --time 0
bad bench --time never
bad bench --count 0
bad bench --threads 999999999999999999999
exits 2 sluice bench --poll driver=null,size=1M
says bench --poll --direct-library
exits 2 sluice copy --chunk 4K --sparse 8K driver=null,size=1M "$tmp/new"
says copy --sparse --chunk
