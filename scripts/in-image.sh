#!/usr/bin/env bash
# Runs a program inside an image's root as Kubernetes runs a hardened pod: uid 65532, no capabilities, no new privileges, read-only
# root, an empty /tmp. Files in /tmp that arguments or variables name are copied there, like volumes.
# Usage: in-image.sh ROOT PROGRAM [ARGUMENT...]
set -euo pipefail

if [ "${IN_IMAGE:-}" != 1 ]; then
  IN_IMAGE=1 exec unshare --mount --propagation private "$0" "$@"
fi

unset IN_IMAGE
root=$1 program=$2
shift 2
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount --bind /proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero random urandom; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done

mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
while IFS= read -r path; do
  if [[ $path == /tmp/* ]] && [ -f "$path" ]; then
    install -D -o 65532 -g 65532 -m 400 "$path" "$root$path"
  fi
done < <(printf '%s\n' "$@"; env | sed 's/^[^=]*=//')
find "$root/tmp" -mindepth 1 -type d -exec chmod 755 {} +

# The caller's folder is not in the image.
cd /
export HOME=/
exec capsh --chroot="$root" --drop=all --gid=65532 --groups= --uid=65532 --no-new-privs --inh= --shell="$program" -- "$@"
