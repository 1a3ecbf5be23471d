#!/usr/bin/env bash
# Builds every overlay into artifacts/manifests/NAME.yaml, and every component on top of what it extends.
# Usage: manifests.sh
set -euo pipefail
cd "$(dirname "$0")/.."
# Where setup.sh put a newer kubectl than the system's.
PATH=$PWD/artifacts/tools/bin:$PATH

if command -v kubectl >/dev/null 2>&1; then
  build=(kubectl kustomize)
elif command -v kustomize >/dev/null 2>&1; then
  build=(kustomize build)
else
  echo "manifests.sh: neither kubectl nor kustomize is installed; on Debian, install the package kubernetes-client or kubectl" >&2
  exit 1
fi

output=artifacts/manifests
rm -rf "$output"
mkdir -p "$output/components"
# A component is no overlay of its own; it is built in a folder beside the sources, so that its relative paths hold.
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
