#!/bin/sh
# The canonical workload, then the small benchmarks. Arguments go to the canonical workload (--quick, --only PART, --out DIR).
set -eu
cd "$(dirname "$0")/.."
dotnet build -c Release Bench
# No build between the runs: what is measured is what was built.
dotnet run -c Release --no-build --project Bench -- "$@"
dotnet run -c Release --no-build --project Bench -- bdn
