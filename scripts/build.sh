#!/usr/bin/env bash
# Builds both jobs into artifacts/<job>/<job>.
# Usage: build.sh jit|native CONFIGURATION [RID]
set -euo pipefail
cd "$(dirname "$0")/.."

command -v dotnet >/dev/null || { echo "build.sh: the .NET SDK 10 is not installed: see https://dotnet.microsoft.com/download" >&2; exit 2; }
kind=${1:?usage: build.sh jit|native CONFIGURATION [RID]}
configuration=${2:-Release}
rid=${3:-}
flags=(--nologo --configuration "$configuration" --verbosity quiet)

for job in oidc certsync; do
  output=artifacts/$job
  echo "Building $output/$job ..."
  rm -rf "$output"
  mkdir -p "$output"
  if [ "$kind" = native ]; then
    # The build of the solution reports what analyzers find.
    dotnet publish "jobs/$job" "${flags[@]}" --runtime "$rid" -p:RunAnalyzers=false --output "$output"
  else
    dotnet build "jobs/$job" "${flags[@]}"
    cp -a "jobs/$job/bin/$configuration/net10.0/." "$output/"
  fi

  [ -x "$output/$job" ] || { echo "build.sh: $output/$job was not created" >&2; exit 1; }
done
