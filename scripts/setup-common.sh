# shellcheck shell=bash
# What the setup scripts share: a change is printed, and with APPLY=1 made; what exists already is said.
set -euo pipefail

APPLY=${APPLY:-0}
script=$(basename "$0")

# A setting that somebody has to give.
need() {
  local name=$1 why=$2
  [ -n "${!name:-}" ] || { echo "$script: set $name: $why" >&2; exit 2; }
}

tool() {
  command -v "$1" >/dev/null 2>&1 || { echo "$script: $1 is not installed: $2" >&2; exit 2; }
}

exists() {
  printf '# exists: %s\n' "$1"
}

# Prints a command so that it can be pasted into a shell, and runs it with APPLY=1.
change() {
  printf '%q ' "$@"
  printf '\n'
  if [ "$APPLY" = 1 ]; then "$@" >/dev/null; fi
}

# The issuer as it is given, or as the cluster of the current context says.
issuer() {
  [ -n "${ISSUER:-}" ] || ISSUER=$(kubectl get --raw /.well-known/openid-configuration 2>/dev/null | sed -n 's/.*"issuer": *"\([^"]*\)".*/\1/p')
  [ -n "$ISSUER" ] || { echo "$script: set ISSUER: the issuer URL to the character, as the API server's --service-account-issuer has it" >&2; exit 2; }
}

# The trust that 'oidc trust' words for a cloud, for a person to compare with.
show_trust() {
  local oidc=artifacts/oidc/oidc
  if [ -x "$oidc" ]; then
    "$oidc" trust --cloud "$1" --subject "$SUBJECT" --issuer "$ISSUER" 2>/dev/null | sed 's/^/# trust: /'
  fi
}

finish() {
  if [ "$APPLY" = 1 ]; then echo "# done"; else echo "# nothing was changed: APPLY=1 makes these changes"; fi
}
