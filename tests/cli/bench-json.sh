#!/bin/bash
# SPDX-License-Identifier: MIT
# bench --json tells the run and consistent figures: each mode, through block
# layer and library.
. "$(dirname "$0")/lib.sh"

for mode in read write randread randwrite; do
	for how in "" --direct-library; do
		exits 0 sluice bench --json --mode $mode $how --count 3001 \
			--threads 2 --depth 5 --size 8K driver=ram,size=1M
		equal mode "$(json 'd["mode"]')" $mode
		equal through "$(json 'd["through"]')" \
			"$([ -n "$how" ] && echo library || echo "block layer")"
		equal requests "$(json 'd["requests"]')" 3001
		equal size "$(json 'd["request_bytes"]')" 8192
		equal depth "$(json 'd["depth"], d["threads"]')" "(5, 2)"
		equal IOPS "$(json 'abs(d["iops"] * d["seconds"] - 3001) < 3')" True
		equal bandwidth "$(json 'abs(d["bytes_per_second"] / d["iops"]
			- 8192) < 1')" True
		equal "its type" "$(json 'type(d["bytes_per_second"]).__name__')" int
		equal latencies "$(json '0 < d["latency_ns"]["p50"]
			<= d["latency_ns"]["p99"] <= d["latency_ns"]["p99.9"]
			<= d["latency_ns"]["max"]')" True
	done
done
exits 0 sluice bench --json --no-latency --count 10 driver=null,size=1M
equal "no latency" "$(json '"latency_ns" in d')" False
