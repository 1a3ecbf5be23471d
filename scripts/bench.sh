#!/usr/bin/env bash
# Measures the native binaries in artifacts/ against the sandbox and writes docs/benchmarks.md. ROUNDS: how often (7).
# Usage: bench.sh CONFIGURATION
set -euo pipefail
cd "$(dirname "$0")/.."

configuration=${1:-Release}
[ ! -e artifacts/oidc/oidc.dll ] || { echo "bench.sh: artifacts/ holds the JIT build; run 'make publish' first." >&2; exit 1; }
mkdir -p artifacts/bench docs
clang -O2 -Wall -Werror -o artifacts/bench/measure tests/Bench/measure.c
dotnet run --project tests/Bench --configuration "$configuration" --no-launch-profile --verbosity quiet -- \
  "$PWD/artifacts/bench/measure" "${ROUNDS:-7}" docs/benchmarks.md
