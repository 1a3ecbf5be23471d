#!/usr/bin/env bash
# Applies the folder that configure.sh created to the cluster of kubectl's current context, and runs both jobs once: certsync only after
# oidc has published the issuer and verified that it is served. Prints each command before it runs it. It can be run again.
# Usage: install.sh
APPLY=1
# kubectl ends on Ctrl-C by an exit code, and the loop below would go on.
trap "exit 130" INT
cd "$(dirname "$0")/.."
# shellcheck source=scripts/setup-common.sh
. scripts/setup-common.sh

tool kubectl "see https://kubernetes.io/docs/tasks/tools"
[ -f "$FOLDER/kustomization.yaml" ] || { echo "$script: $FOLDER/kustomization.yaml not found: run 'make configure' first" >&2; exit 2; }
take NAMESPACE NAME_PREFIX
context=$(kubectl config current-context)
echo "# context: $context"
# An overlay owns its namespaces: it sets Pod Security on them, and 'kubectl delete -k' deletes them with everything in them. One that exists is
# the overlay's if it has the labels part-of and component that the overlay gives it.
rendered=$(kubectl kustomize "$FOLDER")
namespaces=$(awk 'function close_document() { if (kind == "Namespace") print name, label["part-of"], label["component"]; kind = name = ""; split("", label) }
  /^---/ { close_document(); next }
  /^kind: / { kind = $2 }
  /^[^ ]/ { section = $1 } /^  [^ ]/ { part = $1 }
  section != "metadata:" { next }
  /^  name: / { name = $2; gsub(/["\047]/, "", name) }
  part == "labels:" && sub(/^    app\.kubernetes\.io\//, "") { value = $2; gsub(/["\047]/, "", value); label[substr($1, 1, length($1) - 1)] = value }
  END { close_document() }' <<<"$rendered")
while read -r space part component; do
  [ -n "$space" ] || continue
  if [ -z "$component" ]; then
    echo "$script: the namespace $space in $FOLDER has no labels app.kubernetes.io/part-of and app.kubernetes.io/component, by which it is recognized when it exists: add them" >&2
    exit 2
  fi
  owner=$(kubectl get namespace "$space" --ignore-not-found --output 'jsonpath={.metadata.labels.app\.kubernetes\.io/part-of}/{.metadata.labels.app\.kubernetes\.io/component}')
  if [ -z "$owner" ] || [ "$owner" = "$part/$component" ]; then continue; fi
  echo "$script: the namespace $space exists without the labels of $FOLDER, and deleting the installation would delete it with everything in it: set another NAMESPACE in 'make configure' and run 'make setup-azure APPLY=1' again, remove the namespace from $FOLDER/kustomization.yaml, or assign it to the installation with 'kubectl label --overwrite namespace $space app.kubernetes.io/part-of=$part app.kubernetes.io/component=$component'" >&2
  exit 2
done <<<"$namespaces"

# Two installations with the same names would share ClusterRoles, and the last one applied would have the access of both.
bound=$({
  printf '%s\n---\n' "$rendered"
  if [ -f "$FOLDER/namespaces.yaml" ]; then cat "$FOLDER/namespaces.yaml"; fi
} | kubectl get --filename - --ignore-not-found --output 'jsonpath={range ..subjects[*]}{.name}/{.namespace}{"\n"}{end}')
for job in oidc certsync; do
  other=$(awk -F/ -v name="${NAME_PREFIX:-}$job" -v own="$NAMESPACE" '$1 == name && $2 != own { space = $2 } END { print space }' <<<"$bound")
  if [ -n "$other" ]; then
    echo "$script: RBAC objects of $FOLDER exist and give access to ${NAME_PREFIX:-}$job in the namespace $other (kubectl get clusterrolebindings,rolebindings --all-namespaces --output wide): set another NAME_PREFIX in 'make configure' and run 'make setup-azure APPLY=1' again, or remove that installation first" >&2
    exit 2
  fi
done

change kubectl apply -k "$FOLDER"
if [ -f "$FOLDER/namespaces.yaml" ]; then
  take NAMESPACES
  for space in ${NAMESPACES//,/ }; do
    found=$(kubectl get namespace "$space" --ignore-not-found --output name)
    [ -n "$found" ] || change kubectl create namespace "$space"
  done
  change kubectl apply -f "$FOLDER/namespaces.yaml"
fi
# The Secret with which oidc commits, from a file of the folder, unless the cluster has it.
credential() {
  local secret=$1 type=$2 entry=$3 file=$FOLDER/$4 hint=$5 found
  found=$(kubectl get secret "$secret" --namespace "$NAMESPACE" --ignore-not-found --output name)
  if [ -n "$found" ]; then exists "$found in the namespace $NAMESPACE"; return; fi
  [ -f "$file" ] || { echo "$script: $file not found: $hint" >&2; exit 2; }
  change kubectl create secret generic "$secret" --namespace "$NAMESPACE" --type "$type" --from-file="$entry=$file"
}
case $OVERLAY in
  self-managed | issuer) credential oidc-deploy-key kubernetes.io/ssh-auth ssh-privatekey deploy-key "run 'make setup-github APPLY=1' first" ;;
  github-app) credential oidc-github-app Opaque private-key.pem private-key.pem "save the GitHub App's private key there" ;;
esac

of_pods() {
  kubectl get pods --namespace "$NAMESPACE" --selector "job-name=$1" --output "jsonpath={range .items[*].status.containerStatuses[*]}$2{\"\\n\"}{end}" 2>/dev/null || true
}

# Starts a Job from the CronJob and waits until it ends; the Job's own deadline limits the wait.
run() {
  local job=${NAME_PREFIX:-}$1 why image waits=0
  kubectl delete job "$job-now" --namespace "$NAMESPACE" --ignore-not-found >/dev/null
  change kubectl create job "$job-now" --from="cronjob/$job" --namespace "$NAMESPACE"
  echo "kubectl wait --for=condition=complete job/$job-now --namespace $NAMESPACE"
  until kubectl wait --for=condition=complete "job/$job-now" --namespace "$NAMESPACE" --timeout=10s >/dev/null 2>&1; do
    kubectl get "job/$job-now" --namespace "$NAMESPACE" --output name >/dev/null
    why=$(of_pods "$job-now" '{.state.waiting.reason}' | grep -E '^(ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull)$' || true)
    if [ -n "$why" ]; then
      image=$(of_pods "$job-now" '{.image}')
      echo "$script: the image ${image%%$'\n'*} of $1 cannot be pulled (${why%%$'\n'*}): build it and load or push it with 'make images'; see 'Images' in README.md" >&2
      exit 1
    fi
    if kubectl wait --for=condition=failed "job/$job-now" --namespace "$NAMESPACE" --timeout=1s >/dev/null 2>&1; then
      of_pods "$job-now" '{.state.terminated.message}' >&2
      why=$(kubectl get "job/$job-now" --namespace "$NAMESPACE" --output 'jsonpath={.status.conditions[?(@.type=="Failed")].message}')
      echo "$script: $1 failed: $why. To see its log: kubectl logs --namespace $NAMESPACE job/$job-now; if no pod ran: kubectl describe --namespace $NAMESPACE job/$job-now" >&2
      exit 1
    fi
    waits=$((waits + 1))
    [ "$waits" != 6 ] || echo "# still waiting; to see what for: kubectl describe pods --namespace $NAMESPACE --selector job-name=$job-now"
  done
  of_pods "$job-now" '# {.state.terminated.message}'
}

case $OVERLAY in self-managed | issuer | github-app) run oidc ;; esac
case $OVERLAY in self-managed | github-app | aks) run certsync ;; esac
echo "# done"
