#!/usr/bin/env bash
# Builds the images oidc and certsync with docker, podman or buildah, whichever works, and sets their names in the folder that
# configure.sh created. PUSH=1 pushes them to REGISTRY and records their digests; LOAD=k3d or LOAD=kind loads them into the nodes of that
# folder's cluster instead. Optional: VERSION and COMMIT (shown by --version and as labels), PLATFORMS (linux/amd64,linux/arm64), SDK_IMAGE
# and BASE_IMAGE (instead of the Dockerfiles' base images), ENGINE (docker, podman or buildah) and ENGINE_FLAGS (passed to it).
# Usage: images.sh
cd "$(dirname "$0")/.."
# shellcheck source=scripts/setup-common.sh
. scripts/setup-common.sh

REGISTRY=${REGISTRY:-localhost}
take REGISTRY
version=$(version)
commit=${COMMIT:-$(git rev-parse HEAD 2>/dev/null || true)}
case ${LOAD:-} in
  '') ;;
  k3d | kind) tool "$LOAD" "it manages the cluster"; take CLUSTER_NAME ;;
  *) echo "$script: LOAD is '$LOAD', which is invalid: it must be k3d or kind" >&2; exit 2 ;;
esac
if [ "${PUSH:-}" = 1 ] && [ "${REGISTRY%%/*}" = localhost ]; then
  echo "$script: set REGISTRY: ${meaning[REGISTRY]}" >&2
  exit 2
fi

engine=${ENGINE:-}
if [ -z "$engine" ]; then
  # docker requires its daemon; the others do not.
  if docker info >/dev/null 2>&1; then engine=docker
  elif command -v podman >/dev/null; then engine=podman
  elif command -v buildah >/dev/null; then engine=buildah
  else
    echo "images.sh: docker is not running, and neither podman nor buildah is installed: install one of them (sudo apt-get install -y buildah)" >&2
    exit 2
  fi
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags=()
[ -z "${PLATFORMS:-}" ] || flags+=(--platform "$PLATFORMS")
for base in SDK_IMAGE BASE_IMAGE; do
  [ -z "${!base:-}" ] || flags+=(--build-arg "$base=${!base}")
done
read -ra more <<<"${ENGINE_FLAGS:-}"
for job in oidc certsync; do
  image=$REGISTRY/clustertrust/$job:$version
  echo "Building $image with $engine ..."
  "$engine" build --file "Dockerfile.$job" --build-arg "VERSION=$version" --build-arg "COMMIT=$commit" \
    --tag "$image" "${flags[@]}" "${more[@]}" .

  name=${job^^}_DIGEST
  printf -v "$name" ''
  if [ "${PUSH:-}" = 1 ]; then
    echo "Pushing $image ..."
    if [ "$engine" = docker ]; then
      docker push "$image" | tee "$work/push"
      printf -v "$name" '%s' "$(sed -n 's/.*digest: \(sha256:[0-9a-f]*\).*/\1/p' "$work/push" | tail -n 1)"
    else
      "$engine" push --digestfile "$work/push" "$image"
      printf -v "$name" '%s' "$(cat "$work/push")"
    fi
    take "$name"
    echo "$REGISTRY/clustertrust/$job@${!name}"
  fi
  if [ -n "${LOAD:-}" ]; then
    # As a file, which every engine can write and both tools can read.
    if [ "$engine" = buildah ]; then buildah push "$image" "docker-archive:$work/$job.tar:$image"; else "$engine" save --output "$work/$job.tar" "$image"; fi
    if [ "$LOAD" = k3d ]; then k3d image import "$work/$job.tar" --cluster "$CLUSTER_NAME"; else kind load image-archive "$work/$job.tar" --name "$CLUSTER_NAME"; fi
  fi
done

if [ -f "$FOLDER/kustomization.yaml" ]; then
  name_images
  record REGISTRY OIDC_DIGEST CERTSYNC_DIGEST
fi
