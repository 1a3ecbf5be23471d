#!/usr/bin/env bash
# Creates your own overlay from one of the tracked ones in the folder my-cluster (FOLDER), which Git ignores: prompts on a terminal once for
# each value that is not set as a variable, and writes the .env files, k3d.yaml, namespaces.yaml and the names of the images. When it runs
# again, it writes only the values that changed; what a person edited otherwise stays.
# Variables: OVERLAY, OWNER, REPOSITORY, CLUSTER_NAME, VAULT, RESOURCE_GROUP, NAMESPACES; for github-app GITHUB_APP_ID, for push
# STORAGE_ACCOUNT. With defaults: ISSUER (a custom domain or a folder; by default the URL of the repository's Pages), REGISTRY, NAMESPACE, NAME_PREFIX, LOCATION.
# Usage: configure.sh
cd "$(dirname "$0")/.."
# shellcheck source=scripts/setup-common.sh
. scripts/setup-common.sh

OVERLAY=${OVERLAY:-self-managed}
take OVERLAY
source=kustomize/overlays/$OVERLAY
made_from=$(sed -n 's/^OVERLAY=//p' "$FOLDER/cluster.env" 2>/dev/null || true)
if [ -n "$made_from" ] && [ "$made_from" != "$OVERLAY" ]; then
  echo "$script: $FOLDER was created from the overlay $made_from: remove it, or set FOLDER to another name" >&2
  exit 2
fi

asked=()
[ ! -f "$source/oidc.env" ] || asked+=(OWNER REPOSITORY)
case $OVERLAY in
  # Of use without Azure, too.
  issuer | secrets) for name in VAULT RESOURCE_GROUP AWS_REGION; do [ -z "${!name:-}" ] || asked+=("$name"); done ;;
  *) asked+=(VAULT RESOURCE_GROUP) ;;
esac
case $OVERLAY in self-managed | github-app | aks | issuer) asked+=(CLUSTER_NAME) ;; esac
[ ! -f "$source/certsync.env" ] || asked+=(NAMESPACES)
[ "$OVERLAY" != github-app ] || asked+=(GITHUB_APP_ID)
[ "$OVERLAY" != push ] || asked+=(STORAGE_ACCOUNT)
REGISTRY=${REGISTRY:-localhost}
NAMESPACE=${NAMESPACE:-clustertrust}
LOCATION=${LOCATION:-westeurope}
ASK=1 take "${asked[@]}" ${ISSUER:+ISSUER} REGISTRY NAMESPACE NAME_PREFIX LOCATION

case ",${NAMESPACES:-}," in *",$NAMESPACE,"*)
  echo "$script: NAMESPACES contains the jobs' own namespace $NAMESPACE, where certsync could read oidc's deploy key: remove it" >&2
  exit 2
  ;;
esac
if [ "$OVERLAY" = secrets ] && [ "$NAMESPACE${NAME_PREFIX:-}" != clustertrust ]; then
  echo "$script: NAMESPACE and NAME_PREFIX cannot be set for the overlay secrets: its objects are in several namespaces and name each other: leave both out" >&2
  exit 2
fi

mkdir -p "$FOLDER"
if [ ! -f "$FOLDER/kustomization.yaml" ]; then
  recorded=()
  cp "$source"/*.env "$FOLDER/"
  [ ! -f "$source/namespace.yaml" ] || cp "$source/namespace.yaml" "$FOLDER/"
  text=$(sed -e 's#\.\./\.\./\.\./manifests/#../manifests/#' -e 's#\.\./\.\./components/#../kustomize/components/#' "$source/kustomization.yaml")
  write kustomization.yaml "$text"
fi

# The overlay's namespace and prefix, unless they are the bases'.
if changed NAMESPACE NAME_PREFIX; then
  moved=''
  [ "$NAMESPACE" = clustertrust ] || moved+="namespace: \"$NAMESPACE\""$'\n'
  [ -z "${NAME_PREFIX:-}" ] || moved+="namePrefix: $NAME_PREFIX"$'\n'
  text=$(MOVED=$moved awk '/^(namespace|namePrefix): / { next } { print } /^kind: Kustomization$/ && !done++ { printf "%s", ENVIRON["MOVED"] }
    END { if (!done) printf "%s", ENVIRON["MOVED"] }' "$FOLDER/kustomization.yaml")
  write kustomization.yaml "$text"
fi

if [ -f "$source/certsync.env" ] && changed NAMESPACES NAMESPACE NAME_PREFIX; then
  {
    echo "# Grants certsync access to the Secrets of these namespaces. Not part of kustomization.yaml, because kustomize's namespace: would move these too."
    for space in ${NAMESPACES//,/ }; do
      cat <<END
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: ${NAME_PREFIX:-}certsync-secrets
  namespace: "$space"
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: ${NAME_PREFIX:-}certsync-secrets
subjects:
  - kind: ServiceAccount
    name: ${NAME_PREFIX:-}certsync
    namespace: "$NAMESPACE"
END
    done
  } >"$FOLDER/namespaces.yaml"
  # 'kubectl apply' deletes nothing.
  before=${recorded[NAMESPACES]:-}
  for space in ${before//,/ }; do
    case ",$NAMESPACES," in *",$space,"*) continue ;; esac
    echo "If certsync may read the Secrets of the namespace $space: kubectl delete rolebinding ${recorded[NAME_PREFIX]:-}certsync-secrets --namespace $space --ignore-not-found"
  done
fi
case $OVERLAY in self-managed | issuer)
  ! changed OWNER REPOSITORY ISSUER CLUSTER_NAME ||
  sed -e "s#https://OWNER.github.io/REPO#$(pages_issuer)#g" -e 's#//openid#/openid#' -e "s/^  name: clustertrust$/  name: \"$CLUSTER_NAME\"/" -e 's/ <- fill in: .*//' \
    kustomize/overlays/self-managed/k3d.yaml >"$FOLDER/k3d.yaml"
  ;;
esac

# With the results of the setup scripts, in case the files were just created again.
fill "${asked[@]}" ISSUER AZURE_CLIENT_ID AZURE_TENANT_ID AWS_ROLE_ARN
! changed REGISTRY || name_images
record OVERLAY "${asked[@]}" ISSUER REGISTRY NAMESPACE NAME_PREFIX LOCATION
echo "$FOLDER is your own overlay, created from $source. manifests/*/options.env lists all other settings."
