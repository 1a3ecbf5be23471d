#!/usr/bin/env bash
# Applies the folder that configure.sh created to the cluster of kubectl's current context, and runs both jobs once: certsync only after
# oidc has published the issuer and verified that it is served. Prints each command before it runs it. It can be run again.
# Usage: install.sh
APPLY=1
cd "$(dirname "$0")/.."
# shellcheck source=scripts/setup-common.sh
. scripts/setup-common.sh

tool kubectl "see https://kubernetes.io/docs/tasks/tools"
[ -f "$FOLDER/kustomization.yaml" ] || { echo "$script: $FOLDER/kustomization.yaml not found: run 'make configure' first" >&2; exit 2; }
take NAMESPACE NAME_PREFIX
echo "# context: $(kubectl config current-context)"
# The overlay owns its namespace: it sets Pod Security on it, and 'kubectl delete -k' deletes it with everything in it.
if grep -q 'manifests/namespace$' "$FOLDER/kustomization.yaml" \
  && owner=$(kubectl get namespace "$NAMESPACE" --output 'jsonpath={.metadata.labels.app\.kubernetes\.io/part-of}' 2>/dev/null) && [ "$owner" != clustertrust ]; then
  echo "$script: the namespace $NAMESPACE exists and is not ClusterTrust's; deleting the installation would delete it: set another NAMESPACE in 'make configure', or remove manifests/namespace from $FOLDER/kustomization.yaml" >&2
  exit 2
fi

change kubectl apply -k "$FOLDER"
if [ -f "$FOLDER/namespaces.yaml" ]; then
  take NAMESPACES
  for space in ${NAMESPACES//,/ }; do
    kubectl get namespace "$space" >/dev/null 2>&1 || change kubectl create namespace "$space"
  done
  change kubectl apply -f "$FOLDER/namespaces.yaml"
fi
# The Secret with which oidc commits, from a file of the folder, unless the cluster has it.
credential() {
  local secret=$1 type=$2 entry=$3 file=$FOLDER/$4 hint=$5
  if kubectl get secret "$secret" --namespace "$NAMESPACE" >/dev/null 2>&1; then return; fi
  [ -f "$file" ] || { echo "$script: $file not found: $hint" >&2; exit 2; }
  change kubectl create secret generic "$secret" --namespace "$NAMESPACE" --type "$type" --from-file="$entry=$file"
}
case $OVERLAY in
  self-managed) credential oidc-deploy-key kubernetes.io/ssh-auth ssh-privatekey deploy-key "run 'make setup-github APPLY=1' first" ;;
  github-app) credential oidc-github-app Opaque private-key.pem private-key.pem "save the GitHub App's private key there" ;;
esac

of_pods() {
  kubectl get pods --namespace "$NAMESPACE" --selector "job-name=$1" --output "jsonpath={range .items[*].status.containerStatuses[*]}$2{\"\\n\"}{end}" 2>/dev/null || true
}

# Starts a Job from the CronJob and waits until it ends; the Job's own deadline limits the wait.
run() {
  local job=${NAME_PREFIX:-}$1 why
  kubectl delete job "$job-now" --namespace "$NAMESPACE" --ignore-not-found >/dev/null
  change kubectl create job "$job-now" --from="cronjob/$job" --namespace "$NAMESPACE"
  echo "kubectl wait --for=condition=complete job/$job-now --namespace $NAMESPACE"
  until kubectl wait --for=condition=complete "job/$job-now" --namespace "$NAMESPACE" --timeout=10s >/dev/null 2>&1; do
    why=$(of_pods "$job-now" '{.state.waiting.reason}' | grep -E '^(ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull)$' | head -n 1 || true)
    if [ -n "$why" ]; then
      echo "$script: the image $(of_pods "$job-now" '{.image}' | head -n 1) of $1 cannot be pulled ($why): build it and load or push it with 'make images'; see 'Images' in README.md" >&2
      exit 1
    fi
    if kubectl wait --for=condition=failed "job/$job-now" --namespace "$NAMESPACE" --timeout=1s >/dev/null 2>&1; then
      of_pods "$job-now" '{.state.terminated.message}' >&2
      echo "$script: $1 failed; to see its log: kubectl logs --namespace $NAMESPACE job/$job-now" >&2
      exit 1
    fi
  done
  of_pods "$job-now" '# {.state.terminated.message}'
}

case $OVERLAY in self-managed | github-app) run oidc ;; esac
case $OVERLAY in self-managed | github-app | aks) run certsync ;; esac
echo "# done"
