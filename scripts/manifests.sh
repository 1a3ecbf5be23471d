#!/usr/bin/env bash
# Renders every overlay to artifacts/manifests/NAME.yaml, and every component on top of the base that it extends.
# Usage: manifests.sh
set -euo pipefail
cd "$(dirname "$0")/.."
# setup.sh may have installed a newer kubectl than the system's there.
PATH=$PWD/artifacts/tools/bin:$PATH

if command -v kubectl >/dev/null 2>&1; then
  build=(kubectl kustomize)
elif command -v kustomize >/dev/null 2>&1; then
  build=(kustomize build)
else
  echo "manifests.sh: neither kubectl 1.26 or later nor kustomize is installed: see https://kubernetes.io/docs/tasks/tools" >&2
  exit 1
fi

output=artifacts/manifests
rm -rf "$output"
mkdir -p "$output/components"
# A component alone cannot be built: an overlay is created in a folder beside the sources, so that relative paths are valid.
scratch=$(mktemp -d kustomize/.build-XXXXXX)
trap 'rm -rf "$scratch"' EXIT

for folder in kustomize/overlays/*/ kustomize/overlays/*/*/; do
  [ -f "${folder}kustomization.yaml" ] || continue
  name=${folder#kustomize/overlays/}
  name=${name%/}
  "${build[@]}" "$folder" >"$output/${name//\//-}.yaml"
  echo "$output/${name//\//-}.yaml"
done

for folder in kustomize/components/*/*/; do
  name=${folder#kustomize/components/}
  name=${name%/}
  case $name in
    oidc/*) bases=(namespace oidc) ;;
    certsync/*) bases=(namespace certsync) ;;
    jobs/*) bases=(namespace oidc certsync) ;;
    *) bases=() ;;
  esac
  {
    printf 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n'
    [ ${#bases[@]} = 0 ] || echo resources:
    for base in "${bases[@]}"; do echo "  - ../../manifests/$base"; done
    printf 'components:\n  - ../components/%s\n' "$name"
  } >"$scratch/kustomization.yaml"
  "${build[@]}" "$scratch" >"$output/components/${name//\//-}.yaml"
  echo "$output/components/${name//\//-}.yaml"
done
