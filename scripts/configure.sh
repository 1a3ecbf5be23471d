#!/usr/bin/env bash
# Makes an overlay of one's own from one of the tracked ones, in the folder my-cluster (FOLDER), which Git ignores: asks at a terminal for
# what is not given as a variable, each once, and writes the .env files, k3d.yaml, namespaces.yaml and the names of the images. Run again,
# it changes what is given and keeps everything else.
# Takes: OVERLAY, OWNER, REPOSITORY, CLUSTER_NAME, VAULT, RESOURCE_GROUP, NAMESPACES, and, unless their defaults do, REGISTRY, NAMESPACE,
# NAME_PREFIX, LOCATION; for github-app GITHUB_APP_ID, for push STORAGE_ACCOUNT.
# Usage: configure.sh
cd "$(dirname "$0")/.."
# shellcheck source=scripts/setup-common.sh
. scripts/setup-common.sh

OVERLAY=${OVERLAY:-self-managed}
take OVERLAY
source=kustomize/overlays/$OVERLAY
made_from=$(sed -n 's/^OVERLAY=//p' "$FOLDER/cluster.env" 2>/dev/null || true)
if [ -n "$made_from" ] && [ "$made_from" != "$OVERLAY" ]; then
  echo "$script: $FOLDER was made from the overlay $made_from: remove it, or name another folder by FOLDER" >&2
  exit 2
fi

asked=(VAULT RESOURCE_GROUP)
[ ! -f "$source/oidc.env" ] || asked=(OWNER REPOSITORY "${asked[@]}")
[ ! -f "$source/certsync.env" ] || asked+=(CLUSTER_NAME NAMESPACES)
[ "$OVERLAY" != github-app ] || asked+=(GITHUB_APP_ID)
[ "$OVERLAY" != push ] || asked+=(STORAGE_ACCOUNT)
REGISTRY=${REGISTRY:-localhost}
NAMESPACE=${NAMESPACE:-clustertrust}
LOCATION=${LOCATION:-westeurope}
ASK=1 take "${asked[@]}" REGISTRY NAMESPACE NAME_PREFIX LOCATION

case ",${NAMESPACES:-}," in *",$NAMESPACE,"*)
  echo "$script: NAMESPACES holds the jobs' own namespace $NAMESPACE: certsync would read oidc's deploy key" >&2
  exit 2
  ;;
esac

mkdir -p "$FOLDER"
if [ ! -f "$FOLDER/kustomization.yaml" ]; then
  cp "$source"/*.env "$FOLDER/"
  sed -e 's#\.\./\.\./\.\./manifests/#../manifests/#' -e 's#\.\./\.\./components/#../kustomize/components/#' "$source/kustomization.yaml" >"$FOLDER/kustomization.yaml"
  [ ! -f "$source/namespace.yaml" ] || cp "$source/namespace.yaml" "$FOLDER/"
fi

# The overlay's own namespace and prefix, where they are not the bases'.
text=$(sed -e '/^namespace: /d' -e '/^namePrefix: /d' "$FOLDER/kustomization.yaml")
{
  printf '%s\n' "$text" | sed '/^kind: Kustomization$/q'
  [ "$NAMESPACE" = clustertrust ] || echo "namespace: $NAMESPACE"
  [ -z "${NAME_PREFIX:-}" ] || echo "namePrefix: $NAME_PREFIX"
  printf '%s\n' "$text" | sed '1,/^kind: Kustomization$/d'
} >"$FOLDER/kustomization.yaml"

if [ -f "$source/certsync.env" ]; then
  {
    echo "# Lets certsync read the Secrets of these namespaces. Not part of kustomization.yaml: kustomize would move these along with the jobs."
    for space in ${NAMESPACES//,/ }; do
      cat <<END
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: certsync-secrets
  namespace: $space
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: ${NAME_PREFIX:-}certsync-secrets
subjects:
  - kind: ServiceAccount
    name: ${NAME_PREFIX:-}certsync
    namespace: $NAMESPACE
END
    done
  } >"$FOLDER/namespaces.yaml"
fi
if [ -f "$source/k3d.yaml" ]; then
  sed -e "s#https://OWNER.github.io/REPO#$(pages_issuer)#g" -e "s/^  name: clustertrust$/  name: $CLUSTER_NAME/" -e '/<- fill in/s/ <- fill in, as in settings://' \
    "$source/k3d.yaml" >"$FOLDER/k3d.yaml"
fi

record OVERLAY "${asked[@]}" REGISTRY NAMESPACE NAME_PREFIX LOCATION
fill
echo "$FOLDER is an overlay of your own, made from $source. What else can be set: manifests/*/options.env."
