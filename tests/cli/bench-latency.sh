#!/bin/bash
# SPDX-License-Identifier: MIT
# The latency that bench tells is the device's: a known one is found again
# (within a bucket of the histogram), and depth and time give the rate.
. "$(dirname "$0")/lib.sh"

exits 0 sluice bench --json --count 200 --depth 4 \
	driver=null,size=1M,latency-us=5000
equal p50 "$(json '4.9e6 <= d["latency_ns"]["p50"] < 50e6')" True
equal rate "$(json '50 < d["iops"] <= 4 / 0.005')" True
