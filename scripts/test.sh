#!/usr/bin/env bash
# Runs the tests, two projects at a time, and closes with the line `N passed, N failed, N skipped`.
# PUBLISHED=1: all tests, and the end-to-end tests run the native binaries. LONG=1: all tests. STRICT=1: a skipped test is a failure.
# Otherwise the tests with the trait Duration=long are left out: variants of what others show sooner.
# Usage: test.sh [CONFIGURATION]
set -euo pipefail
cd "$(dirname "$0")/.."

configuration=${1:-Release}
scripts/setup.sh test
dotnet build Jobs.sln --nologo --configuration "$configuration" --verbosity quiet
if [ "${PUBLISHED:-}" = 1 ]; then
  make --no-print-directory publish "CONFIGURATION=$configuration"
else
  make --no-print-directory build "CONFIGURATION=$configuration"
fi

filter=()
[ "${PUBLISHED:-}" = 1 ] || [ "${LONG:-}" = 1 ] || filter=(--filter 'Duration!=long')

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
run() {
  dotnet test "tests/$1.Tests" --nologo --no-build --configuration "$configuration" --verbosity minimal "${filter[@]}" >"$results/$1" 2>&1 && code=0 || code=1
  cat "$results/$1"
  return "$code"
}

# The longest first, so that none is left to run alone at the end.
projects=(EndToEnd Oidc Manifests)
for project in tests/*.Tests; do
  project=$(basename "$project" .Tests)
  case $project in EndToEnd | Oidc | Manifests) ;; *) projects+=("$project") ;; esac
done

status=0
running=0
for project in "${projects[@]}"; do
  if [ "$running" = 2 ]; then
    wait -n || status=1
    running=1
  fi
  run "$project" &
  running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
  wait -n || status=1
  running=$((running - 1))
done

count() { { cat "$results"/* | grep -oE "$1: +[0-9]+" || true; } | awk '{ sum += $2 } END { print sum + 0 }'; }
passed=$(count Passed) failed=$(count Failed) skipped=$(count Skipped)
# A test host that died has no count of its own, and must not look like a success.
[ "$status" = 0 ] || [ "$failed" != 0 ] || failed=1
if [ "${STRICT:-}" = 1 ] && [ "$skipped" != 0 ]; then
  echo "$skipped tests were skipped; no test may be skipped here." >&2
  status=1
fi
[ "$passed" != 0 ] || status=1
# Each by its name at the end, where it is seen first.
grep -hE '^ +Failed .* \[[<0-9]' "$results"/* >&2 || true
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && exit "$status" || exit 1
