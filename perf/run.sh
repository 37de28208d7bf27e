#!/bin/sh
# Everything that perf/README.md tells of, in one go: about 25 minutes and 20 GB of free disk on two processors. Arguments go
# to the canonical workload (--quick, --only PART, --out DIR). BASELINE=FOLDER compares the small benchmarks with others.
set -eu
cd "$(dirname "$0")/.."
dotnet build -c Release Bench
# No build between the runs: what is measured is what was built.
bench() { dotnet run -c Release --no-build --project Bench -- "$@"; }
bench gate
bench "$@"
bench journal
bench restart
bench restart --events 100000000
bench stages
bench bdn
if [ -n "${BASELINE:-}" ]; then
    bench compare "$BASELINE" "$(ls -td perf/results/*/bdn | head -n 1)"
fi
