#!/usr/bin/env bash
# Runs oidc and the usual shell CronJob under the same faults, and fails if a row of the table of docs/why.md is wrong.
# Usage: compare.sh [CONFIGURATION]
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh test
SOAK=1 dotnet test tests/EndToEnd.Tests --nologo --configuration "${1:-Release}" --verbosity quiet --filter "FullyQualifiedName~.Compare."
sed -n '/^|/p' docs/why.md
