#!/usr/bin/env bash
# Runs oidc and the usual shell CronJob under the same faults, and writes the table of docs/why.md.
# Usage: compare.sh [CONFIGURATION]
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh test
SOAK=1 UPDATE_DOCS=1 dotnet test tests/EndToEnd.Tests --nologo --configuration "${1:-Release}" --verbosity quiet --filter "FullyQualifiedName~.Compare."
sed -n '/<!-- made by make compare -->/,/<!-- end -->/p' docs/why.md
