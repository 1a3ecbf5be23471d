#!/usr/bin/env bash
# Runs the tests, two projects at a time, and closes with the line `N passed, N failed, N skipped`.
# PUBLISHED=1: the end-to-end tests run the native binaries. STRICT=1: a skipped test is a failure.
# LONG=1: also the tests with the trait Duration=long, variants of what others show sooner, which soak.sh runs too.
# Usage: test.sh [CONFIGURATION]
set -euo pipefail
cd "$(dirname "$0")/.."

export configuration=${1:-Release} filter=''
scripts/setup.sh test
dotnet build Jobs.sln --nologo --configuration "$configuration" --verbosity quiet
[ "${LONG:-}" = 1 ] || filter='--filter Duration!=long'
[ "${PUBLISHED:-}" = 1 ] && binaries=publish || binaries=build

results=$(mktemp -d)
export results
trap 'rm -rf "$results"' EXIT
step() {
  case $1 in
    build | publish)
      # 255 starts nothing more. The lock is free once the binaries are built, which only Oidc's tests do not run.
      flock "$results" make --no-print-directory "$1" "CONFIGURATION=$configuration" || exit 255
      return
      ;;
    Oidc) ;;
    *) flock "$results" true ;;
  esac

  # The assembly and not the project, which would be evaluated first.
  # shellcheck disable=SC2086 # the filter is two words, or none
  dotnet test "tests/$1.Tests/bin/$configuration/net10.0/$1.Tests.dll" --nologo --logger 'console;verbosity=minimal' $filter >"$results/$1" 2>&1 && code=0 || code=1
  cat "$results/$1"
  return "$code"
}
export -f step

# The longest first, so that none is left to run alone at the end.
status=0
{
  printf '%s\n' "$binaries" Oidc EndToEnd Manifests
  find tests -maxdepth 1 -name '*.Tests' -printf '%f\n' | sed 's/\.Tests$//' | sort | grep -vxE 'Oidc|EndToEnd|Manifests'
} | xargs -P 2 -I {} bash -c 'step {}' || status=1

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
