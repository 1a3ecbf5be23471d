#!/usr/bin/env bash
# Writes a CycloneDX bill of materials per image to artifacts/sbom/<job>.json: every NuGet package that is compiled into the binary or
# stored beside it (libgit2 comes with LibGit2Sharp.NativeBinaries). The base image, named by a label, has an SBOM of its own.
# Fails if a package that the project references is not in it.
# Usage: sbom.sh [RID]
set -euo pipefail
cd "$(dirname "$0")/.."

rid=${1:-linux-x64}
version=${VERSION:-$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)}
output=artifacts/sbom
mkdir -p "$output"
dotnet tool restore --verbosity quiet

for job in oidc certsync; do
  project=$(echo jobs/"$job"/*.csproj)
  dotnet restore "$project" --runtime "$rid" --verbosity quiet
  dotnet dotnet-CycloneDX "$project" --runtime "$rid" --disable-package-restore --spec-version 1.6 \
    --output-format Json --output "$output" --filename "$job.json" \
    --set-name "clustertrust/$job" --set-version "$version" --set-type Container >"$output/$job.log" \
    || { cat "$output/$job.log" >&2; exit 1; }
  rm -f "$output/$job.log"


  for package in $(sed -n 's:.*<PackageReference Include="\([^"]*\)".*:\1:p' "$project" shared/Shared.csproj | sort -u); do
    grep -q "\"name\": \"$package\"" "$output/$job.json" || { echo "sbom.sh: $output/$job.json does not list $package" >&2; exit 1; }
  done
  echo "$output/$job.json: $(grep -c '"purl": ' "$output/$job.json") packages"
done
