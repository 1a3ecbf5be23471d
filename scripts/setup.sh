#!/usr/bin/env bash
# Installs what a target needs from Debian's packages when run as root; otherwise says what is missing and how to get it.
# Usage: setup.sh native|demo|images|test
set -euo pipefail

declare -A package=(
  [clang]=clang [git]=git [ssh]=openssh-client [ssh-keygen]=openssh-client [sshd]=openssh-server
  [gpg]=gnupg [openssl]=openssl [npm]=npm [chromium]=chromium [make]=make [kubectl]=kubernetes-client
)

missing=()
need() {
  command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || missing+=("${package[$1]}")
}

# sshd lets nobody in who has no account; this gives it the account `git`, whoever runs the sandbox.
need_git_account() {
  compgen -G '/usr/lib/*/libnss_wrapper.so' >/dev/null || compgen -G '/usr/lib/*/libnss_wrapper.so.*' >/dev/null || missing+=(libnss-wrapper)
}

case "${1:?usage: setup.sh native|demo|images|test}" in
  native)
    need clang
    [ -e /usr/include/zlib.h ] || missing+=(zlib1g-dev)
    ;;
  images)
    for tool in buildah debootstrap capsh git ssh sshd; do need "$tool"; done
    ;;
  demo)
    for tool in git ssh ssh-keygen sshd; do need "$tool"; done
    need_git_account
    ;;
  test)
    for tool in git ssh ssh-keygen sshd gpg openssl npm chromium kubectl; do need "$tool"; done
    need_git_account
    if [ "${PUBLISHED:-}" = 1 ]; then
      need clang
      [ -e /usr/include/zlib.h ] || missing+=(zlib1g-dev)
    fi
    ;;
  *)
    echo "setup.sh: '$1' is none of native, demo, images, test" >&2
    exit 2
    ;;
esac

[ ${#missing[@]} -gt 0 ] || exit 0
mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
if [ "$(id -u)" != 0 ]; then
  echo "Missing: ${missing[*]}. Install them with: sudo apt-get update && sudo apt-get install -y ${missing[*]}" >&2
  exit 1
fi

echo "Installing ${missing[*]} ..."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update && apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "Could not install ${missing[*]}; see above." >&2
  exit 1
fi
