#!/usr/bin/env bash
# Runs the tests of faults at length and ends with the figures that docs/reliability.md states.
# PUBLISHED=1: they run the native binaries. Usage: soak.sh [CONFIGURATION]
set -euo pipefail
cd "$(dirname "$0")/.."

configuration=${1:-Release}
case $configuration in Debug | Release) ;; *) echo "usage: soak.sh [Debug|Release]" >&2; exit 2 ;; esac
scripts/setup.sh test
dotnet build tests/EndToEnd.Tests --nologo --configuration "$configuration" --verbosity quiet
if [ "${PUBLISHED:-}" = 1 ]; then
  make --no-print-directory publish "CONFIGURATION=$configuration"
else
  make --no-print-directory build "CONFIGURATION=$configuration"
fi

tally=$(mktemp)
trap 'rm -f "$tally"' EXIT
start=$SECONDS
status=0
SOAK=1 TALLY="$tally" dotnet test tests/EndToEnd.Tests --nologo --no-build --configuration "$configuration" --verbosity quiet \
  --filter "FullyQualifiedName~.Faults.|FullyQualifiedName~SoakTests" || status=1
echo "Soaked for $(((SECONDS - start + 59) / 60)) minutes."
cat "$tally"
exit "$status"
