#!/usr/bin/env bash
# Builds the images oidc and certsync with docker, podman or buildah, whichever is there and works.
# VERSION and COMMIT are shown by --version and as labels; PREFIX goes before the images' names; PLATFORMS (linux/amd64,linux/arm64)
# builds for other platforms than this one; ENGINE names the tool to take; ENGINE_FLAGS are passed on to it.
# Usage: images.sh
set -euo pipefail
cd "$(dirname "$0")/.."

version=${VERSION:-$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)}
commit=${COMMIT:-$(git rev-parse HEAD 2>/dev/null || true)}
prefix=${PREFIX:-clustertrust/}

engine=${ENGINE:-}
if [ -z "$engine" ]; then
  # A docker without its daemon is no help; the others need none.
  if docker info >/dev/null 2>&1; then engine=docker
  elif command -v podman >/dev/null; then engine=podman
  elif command -v buildah >/dev/null; then engine=buildah
  else
    echo "images.sh: no running docker, no podman and no buildah: install one of them (sudo apt-get install -y buildah)." >&2
    exit 1
  fi
fi

flags=()
[ -z "${PLATFORMS:-}" ] || flags+=(--platform "$PLATFORMS")
read -ra more <<<"${ENGINE_FLAGS:-}"
for job in oidc certsync; do
  echo "Building $prefix$job:$version with $engine ..."
  "$engine" build --file "Dockerfile.$job" --build-arg "VERSION=$version" --build-arg "COMMIT=$commit" \
    --tag "$prefix$job:$version" "${flags[@]}" "${more[@]}" .
done
