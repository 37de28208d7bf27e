#!/bin/sh
# The canonical workload, the journal's figures with its peers, the small benchmarks. Arguments go to the canonical workload (--quick, --only PART, --out DIR).
set -eu
cd "$(dirname "$0")/.."
dotnet build -c Release Bench
# No build between the runs: what is measured is what was built.
dotnet run -c Release --no-build --project Bench -- "$@"
dotnet run -c Release --no-build --project Bench -- journal
dotnet run -c Release --no-build --project Bench -- bdn
