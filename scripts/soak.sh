#!/usr/bin/env bash
# Runs the tests of faults at length and ends with the figures that docs/reliability.md states.
# PUBLISHED=1: they run the native binaries. Usage: soak.sh [CONFIGURATION]
set -euo pipefail
cd "$(dirname "$0")/.."

configuration=${1:-Release}
case $configuration in Debug | Release) ;; *) echo "usage: soak.sh [Debug|Release]" >&2; exit 2 ;; esac
scripts/setup.sh test
dotnet build Jobs.sln --nologo --configuration "$configuration" --verbosity quiet
if [ "${PUBLISHED:-}" = 1 ]; then
  make --no-print-directory publish "CONFIGURATION=$configuration"
else
  make --no-print-directory build "CONFIGURATION=$configuration"
fi

tally=$(mktemp -d)
trap 'rm -rf "$tally"' EXIT
start=$SECONDS
status=0
for project in EndToEnd CertSync Oidc Shared; do
  SOAK=1 TALLY="$tally" dotnet test "tests/$project.Tests" --nologo --no-build --configuration "$configuration" --verbosity minimal \
    --filter "FullyQualifiedName~.Faults.|FullyQualifiedName~.Hostile|FullyQualifiedName~.Load.|FullyQualifiedName~SoakTests|FullyQualifiedName~FuzzTests|Duration=long" || status=1
done
echo "Soaked for $(((SECONDS - start + 59) / 60)) minutes."
cat "$tally"/* | awk '{ count = $1; $1 = ""; sum[$0] += count } END { for (what in sum) print sum[what] what }' | sort -k 2
exit "$status"
