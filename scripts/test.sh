#!/usr/bin/env bash
# Runs every test and closes with the line `N passed, N failed, N skipped`.
# PUBLISHED=1: the end-to-end tests run the native binaries. STRICT=1: a skipped test is a failure.
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

results=$(mktemp)
trap 'rm -f "$results"' EXIT
status=0
for project in tests/*.Tests; do
  dotnet test "$project" --nologo --no-build --configuration "$configuration" --verbosity minimal 2>&1 | tee -a "$results" || status=1
done

count() { { grep -oE "$1: +[0-9]+" "$results" || true; } | awk '{ sum += $2 } END { print sum + 0 }'; }
passed=$(count Passed) failed=$(count Failed) skipped=$(count Skipped)
# A test host that died has no count of its own, and must not look like a success.
[ "$status" = 0 ] || [ "$failed" != 0 ] || failed=1
if [ "${STRICT:-}" = 1 ] && [ "$skipped" != 0 ]; then
  echo "$skipped tests were skipped, and none may be here." >&2
  status=1
fi
[ "$passed" != 0 ] || status=1
# Each by its name at the end, where it is seen first.
grep -E '^ +Failed .* \[[<0-9]' "$results" >&2 || true
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && exit "$status" || exit 1
