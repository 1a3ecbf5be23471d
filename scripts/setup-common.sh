# shellcheck shell=bash
# Shared by configure.sh, the setup scripts, images.sh and install.sh: the settings in your own folder, which each of them reads and
# writes, and commands that are printed and, with APPLY=1, run.
set -euo pipefail

APPLY=${APPLY:-0}
script=$(basename "$0")
for flag in APPLY PUSH; do
  case ${!flag:-0} in 0 | 1) ;; *) echo "$script: $flag is '${!flag}', which is invalid: it must be 1 or 0" >&2; exit 2 ;; esac
done
# Before 4.4, an empty array counts as an unset variable.
((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)) || { echo "$script: bash $BASH_VERSION is too old: version 4.4 is required; on macOS, install it with 'brew install bash'" >&2; exit 2; }

# Your own folder, which Git ignores. Its cluster.env contains every setting once.
FOLDER=${FOLDER:-my-cluster}
[[ $FOLDER =~ ^my-[a-z0-9-]{1,40}$ ]] || { echo "$script: FOLDER is '$FOLDER', which is invalid: it must be 'my-' followed by lowercase letters, digits or '-'; Git ignores such folders" >&2; exit 2; }

# Every setting: the regular expression that it must match, and its description. Values are used in queries, policies, YAML and paths, so
# no character that could end a string in one of them is valid.
declare -A pattern=() meaning=()
setting() { pattern[$1]="^($2)$" meaning[$1]=$3; }
label='[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'
setting OVERLAY 'self-managed|issuer|aks|github-app|csi|secrets|push' 'the overlay to start from: self-managed, issuer, aks, github-app, csi, secrets or push'
setting OWNER '[A-Za-z0-9][A-Za-z0-9-]{0,38}' 'the GitHub user or organisation that owns the repository of the issuer'
setting REPOSITORY '[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}' "the name of the repository whose Pages serve the issuer"
setting BRANCH '[A-Za-z0-9_-][A-Za-z0-9._/-]{0,99}' "the repository's branch"
setting GITHUB_APP_ID '[A-Za-z0-9.]{1,40}' 'the id or client id of the GitHub App that commits'
setting CLUSTER_NAME '[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?' "the cluster's name, which cannot be changed later: lowercase letters, digits and '-', at most 32"
setting VAULT '[A-Za-z](-?[A-Za-z0-9]){2,23}' "the Key Vault's name: 3 to 24 letters, digits and single '-'"
setting RESOURCE_GROUP '[A-Za-z0-9_(]([A-Za-z0-9_().-]{0,88}[A-Za-z0-9_()-])?' 'the Azure resource group of vault and identity'
setting STORAGE_ACCOUNT '[a-z0-9]{3,24}' 'the storage account of the queue: 3 to 24 lowercase letters and digits'
setting LOCATION '[a-z0-9]{3,40}' 'the Azure region, such as westeurope'
setting IDENTITY '[A-Za-z0-9][A-Za-z0-9_-]{2,127}' 'the managed identity'
setting ROLE '[A-Za-z0-9][A-Za-z0-9 ._()-]{0,126}' "the identity's role on the vault"
setting AZURE_CLIENT_ID '[0-9a-f-]{36}' "the identity's client id"
setting AZURE_TENANT_ID '[0-9a-f-]{36}' 'the tenant id'
setting NAMESPACES "$label(,$label)*" 'the namespaces whose certificates are synced, separated by commas without spaces'
setting NAMESPACE "$label" "the jobs' own namespace"
setting NAME_PREFIX '([a-z0-9][a-z0-9-]{0,30})?' "the prefix of the names of the jobs' objects"
setting REGISTRY '((localhost|[a-z0-9-]+(\.[a-z0-9-]+)+)(:[0-9]{1,5})?|[a-z0-9.-]+:[0-9]{1,5})(/[a-z0-9._-]+)*' 'the registry of the images, with its host: registry.example.com/team'
setting OIDC_DIGEST 'sha256:[0-9a-f]{64}' "the digest of oidc's image"
setting CERTSYNC_DIGEST 'sha256:[0-9a-f]{64}' "the digest of certsync's image"
setting ISSUER 'https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*/?' "the issuer URL, exactly as in the API server's --service-account-issuer"
setting SUBJECT "system:serviceaccount:$label:[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?" 'the ServiceAccount that is trusted: system:serviceaccount:NAMESPACE:NAME'
setting ROLE_NAME '[A-Za-z0-9+=,.@_-]{1,64}' "the AWS role's name"
setting AWS_REGION '[a-z0-9-]{5,30}' 'the AWS region'
setting AWS_ROLE_ARN 'arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,128}' "the AWS role's ARN"
path='[A-Za-z0-9][A-Za-z0-9_./-]*\*?'
setting PARAMETERS "$path(,$path)*" "what the role may read and write in SSM Parameter Store and Secrets Manager: paths without their leading '/', separated by commas: mongodb/*,prod/lambda/*"

# Values that a script determines are always recomputed; for the others, the environment overrides the folder. An empty NAME_PREFIX or ISSUER
# restores its default.
found=' AZURE_CLIENT_ID AZURE_TENANT_ID AWS_ROLE_ARN OIDC_DIGEST CERTSYNC_DIGEST '
for name in $found; do unset "$name"; done
declare -A recorded=()
case ${REPOSITORY:-} in *:* | */*/*) ;; */*) OWNER=${REPOSITORY%%/*} REPOSITORY=${REPOSITORY#*/} ;; esac
if [ -f "$FOLDER/cluster.env" ]; then
  while IFS='=' read -r name value; do
    [ -n "${pattern[${name:-#}]:-}" ] || continue
    recorded[$name]=$value
    case $name in
      NAME_PREFIX | ISSUER) [ -n "${!name+set}" ] || printf -v "$name" '%s' "$value" ;;
      *) [ -n "${!name:-}" ] || printf -v "$name" '%s' "$value" ;;
    esac
  done <"$FOLDER/cluster.env"
fi

# Whether a setting matches its expression, and a vault's name is no longer than 24, which no expression with single hyphens can require.
valid() { [[ ${!1:-} =~ ${pattern[$1]} ]] && { [ "$1" != VAULT ] || [ ${#VAULT} -le 24 ]; }; }

# Requires that settings are set and valid; with ASK=1, prompts for them on a terminal. Reports every error before it exits.
take() {
  local name faults=0
  for name in "$@"; do
    # An optional setting may be empty.
    if [ -z "${!name:-}" ] && [[ '' =~ ${pattern[$name]} ]]; then continue; fi
    if [ -z "${!name:-}" ] && [ "${ASK:-0}" = 1 ] && [ -t 0 ]; then
      while read -r -p "$name (${meaning[$name]}): " "${name?}" && ! valid "$name"; do
        echo "'${!name}' is invalid." >&2
      done
    fi
    if [ -z "${!name:-}" ]; then
      echo "$script: set $name: ${meaning[$name]}" >&2
      faults=1
    elif ! valid "$name"; then
      echo "$script: $name is '${!name}', which is invalid: ${meaning[$name]}" >&2
      faults=1
    fi
  done
  [ "$faults" = 0 ] || exit 2
  # As in a clone URL; GitHub removes it from the name of a new repository.
  [ -z "${REPOSITORY:-}" ] || REPOSITORY=${REPOSITORY%.git}
}

# Saves settings in the folder.
record() {
  local name lines=()
  mkdir -p "$FOLDER"
  touch "$FOLDER/cluster.env"
  for name in "$@"; do lines+=("$name=${!name:-}"); done
  put cluster.env "${lines[@]}"
}

# Writes text to a file of the folder, as a whole or not at all.
write() {
  printf '%s\n' "$2" >"$FOLDER/$1.new"
  mv "$FOLDER/$1.new" "$FOLDER/$1"
}

# Sets lines NAME=VALUE in a file of the folder, and removes the mark from the comment above each.
put() {
  local file=$FOLDER/$1 text IFS=$'\n'
  [ -f "$file" ] || return 0
  text=$(LINES_TO_SET=${*:2} awk 'function name_of(text) { return substr(text, 1, index(text, "=")) }
    BEGIN { count = split(ENVIRON["LINES_TO_SET"], given, "\n"); for (i = 1; i <= count; i++) line[name_of(given[i])] = given[i] }
    { found = name_of($0) }
    found in line { if (done[found]++) next; sub(/<- fill in: /, "", above); $0 = line[found] }
    NR > 1 { print above } { above = $0 } END { if (NR > 0) print above; for (i = 1; i <= count; i++) if (!done[name_of(given[i])]++) print given[i] }' "$file")
  write "$1" "$text"
}

# Whether one of the settings has another value than when it was last recorded.
changed() {
  local name
  for name in "$@"; do [ "${!name:-}" = "${recorded[$name]:-}" ] || return 0; done
  return 1
}

# Writes those of the settings that changed since they were recorded to the files of the folder. Everything else in them stays: it may be a person's.
fill() {
  local name
  for name in "$@"; do
    changed "$name" || continue
    case $name in
      OWNER | REPOSITORY)
        put oidc.env "OIDC_ISSUER=$(pages_issuer)"
        if [ "$OVERLAY" = github-app ]; then put oidc.env "OIDC_REPOSITORY=$OWNER/$REPOSITORY"; else put oidc.env "OIDC_REPOSITORY=git@github.com:$OWNER/$REPOSITORY.git"; fi
        ;;
      ISSUER) [ ! -f "$FOLDER/oidc.env" ] || put oidc.env "OIDC_ISSUER=$(pages_issuer)" ;;
      GITHUB_APP_ID) put oidc.env "OIDC_GITHUB_APP_ID=$GITHUB_APP_ID" ;;
      VAULT)
        put certsync.env "CERTSYNC_VAULT=$VAULT"
        put settings.env "AZURE_VAULT_NAME=$VAULT" "AZURE_VAULT_URL=https://$VAULT.vault.azure.net"
        ;;
      CLUSTER_NAME) put certsync.env "CERTSYNC_CLUSTER=$CLUSTER_NAME" ;;
      NAMESPACES) put certsync.env "CERTSYNC_NAMESPACE=$NAMESPACES" ;;
      AZURE_CLIENT_ID | AZURE_TENANT_ID) put certsync.env "$name=${!name}"; put settings.env "$name=${!name}" ;;
      AWS_REGION | AWS_ROLE_ARN | STORAGE_ACCOUNT) put settings.env "$name=${!name}" ;;
    esac
  done
}

# Writes the names of both images to the overlay, beside other images that a person entered.
name_images() {
  local job name
  grep -q 'registry.invalid/clustertrust/' "$FOLDER/kustomization.yaml" || return 0

  # Images by digest once they are pushed; until then by the version they were built with.
  local text images=''
  for job in oidc certsync; do
    grep -q "registry.invalid/clustertrust/$job$" "$FOLDER/kustomization.yaml" || continue
    name=${job^^}_DIGEST
    images+="  - name: registry.invalid/clustertrust/$job"$'\n'"    newName: $REGISTRY/clustertrust/$job"$'\n'
    if [ -n "${!name:-}" ]; then images+="    digest: ${!name}"$'\n'; else images+="    newTag: $(version)"$'\n'; fi
  done
  text=$(awk 'function close_entry() { if (entry !~ /registry\.invalid\/clustertrust\//) others = others entry; entry = "" }
    /^# <- fill in: the names in your registry/ { next }
    /^images:/ { within = 1; next }
    within && /^ *- / { close_entry(); indent = index($0, "-") }
    within && /^ +#/ { entry = entry $0 "\n"; next }
    within && /^[ -]/ { entry = entry "  " substr($0, indent) "\n"; next }
    /^[^#]/ { within = 0 }
    { print } END { close_entry(); printf "images:\n%s", others }' "$FOLDER/kustomization.yaml")
  write kustomization.yaml "$text"$'\n'"${images%$'\n'}"
}

version() { echo "${VERSION:-$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)}"; }

tool() {
  command -v "$1" >/dev/null 2>&1 || { echo "$script: $1 is not installed: $2" >&2; exit 2; }
}

exists() {
  printf '# exists: %s\n' "$1"
}

# Whether a query finds its object. A failure whose message does not contain the given text, with which the tool reports a missing object,
# ends the script with the tool's message.
there() {
  local missing=$1 errors
  shift
  if errors=$("$@" 2>&1 >/dev/null); then return 0; fi
  case $errors in *"$missing"*) return 1 ;; esac
  printf '%s\n' "$errors" >&2
  exit 1
}

# Prints a command so that it can be pasted into a shell, and runs it with APPLY=1.
change() {
  printf '%q ' "$@"
  printf '\n'
  if [ "$APPLY" = 1 ]; then "$@" >/dev/null; fi
}

# The issuer as given (a custom domain, a folder), or as Pages serves the repository: OWNER/OWNER.github.io at the root of its host, every
# other one below its name.
pages_issuer() {
  if [ -n "${ISSUER:-}" ]; then echo "$ISSUER"; return; fi
  local host=${OWNER,,}.github.io
  if [ "${REPOSITORY,,}" = "$host" ]; then echo "https://$host"; else echo "https://$host/$REPOSITORY"; fi
}

# The issuer: as given, as oidc.env has it (a person may have edited it), as Pages serves it, or as the cluster of kubectl's current context reports it.
issuer() {
  if [ -f "$FOLDER/oidc.env" ] && ! changed ISSUER OWNER REPOSITORY; then ISSUER=$(sed -n 's/^OIDC_ISSUER=//p' "$FOLDER/oidc.env"); fi
  if [ -z "${ISSUER:-}" ] && [ -n "${OWNER:-}" ] && [ -n "${REPOSITORY:-}" ]; then ISSUER=$(pages_issuer); fi
  [ -n "${ISSUER:-}" ] || ISSUER=$({ kubectl get --raw /.well-known/openid-configuration 2>/dev/null || true; } | sed -n 's/.*"issuer": *"\([^"]*\)".*/\1/p')
  take ISSUER
}

# Shows the configuration that 'oidc trust' prints, for comparison. If oidc refuses the issuer, its message ends the script.
show_trust() {
  local oidc=artifacts/oidc/oidc
  if [ -x "$oidc" ]; then
    "$oidc" trust --cloud "$1" --subject "$SUBJECT" --issuer "$ISSUER" --log-level error | sed 's/^/# trust: /'
  fi
}

# Writes settings that the script determined to the folder that configure.sh created.
save() {
  if [ "$APPLY" = 1 ] && [ -f "$FOLDER/kustomization.yaml" ]; then
    fill "$@"
    record "$@"
    echo "# written to $FOLDER"
  fi
}

finish() {
  if [ "$APPLY" = 1 ]; then echo "# done"; else echo "# nothing was changed: run again with APPLY=1 to make these changes"; fi
}
