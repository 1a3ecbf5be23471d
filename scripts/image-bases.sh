#!/usr/bin/env bash
# Creates stand-ins for the two base images of the Dockerfiles, named SDK_IMAGE and BASE_IMAGE, in a buildah storage in FOLDER: the SDK from
# debootstrap and the installed .NET SDK, the chiseled base from the libraries of the same packages. Nothing is pulled.
# Requires root, buildah and debootstrap; does nothing if the stand-ins exist.
# Usage: image-bases.sh FOLDER
set -euo pipefail

folder=$(mkdir -p "${1:?usage: image-bases.sh FOLDER}" && cd "$1" && pwd)
sdk_image=${SDK_IMAGE:?} base_image=${BASE_IMAGE:?}
export BUILDAH_ISOLATION=chroot CONTAINERS_STORAGE_CONF=$folder/storage.conf

# Plain copies of folders: the overlay driver is not available in containers.
cat >"$CONTAINERS_STORAGE_CONF" <<END
[storage]
driver = "vfs"
runroot = "$folder/run"
graphroot = "$folder/storage"
END

sdk_version=$(dotnet --version)
if [ "$(cat "$folder/made-with" 2>/dev/null)" = "$sdk_version" ] \
  && buildah inspect --type image "$sdk_image" >/dev/null 2>&1 && buildah inspect --type image "$base_image" >/dev/null 2>&1; then
  exit 0
fi

root=$folder/root
rm -rf "$root" && mkdir -p "$root"
trap 'rm -rf "$root"' EXIT

# The packages of both images by their names in Debian 12; the SDK requires libicu, the native compiler clang and llvm.
echo "Making the stand-ins for the base images (once) ..."
debootstrap --variant=minbase --include=ca-certificates,clang,libicu72,libssl3,libstdc++6,llvm,zlib1g-dev \
  bookworm "$root/sdk" >"$folder/debootstrap.log" 2>&1 || { tail -n 20 "$folder/debootstrap.log" >&2; exit 1; }
rm -rf "$root/sdk/var/cache/apt/archives"/*.deb "$root/sdk/usr/share/doc" "$root/sdk/usr/share/locale" "$root/sdk/usr/share/man"

# The chiseled base: libraries, CA certificates, OpenSSL's configuration, /tmp and nothing that can be run.
base=$root/base
mkdir -p "$base"/{dev,etc,proc,sys,usr}
mkdir -m 1777 "$base/tmp"
for package in base-files libc6 libgcc-s1 libssl3 libstdc++6 zlib1g; do
  cat "$root/sdk/var/lib/dpkg/info/$package.list" "$root/sdk/var/lib/dpkg/info/$package:"*.list 2>/dev/null || true
done | grep -E '^(/usr)?/lib(64)?/([^/]+/)?[^/]+\.so[^/]*$|^/etc/(ssl|os-release|debian_version)|^/usr/lib/(ssl|os-release)' \
  | sort -u | sed 's:^/::' >"$root/files"
tar --create --directory "$root/sdk" --no-recursion --dereference --files-from "$root/files" --ignore-failed-read 2>/dev/null \
  | tar --extract --directory "$base"
install -D -m 644 "$root/sdk/etc/ssl/certs/ca-certificates.crt" "$base/etc/ssl/certs/ca-certificates.crt"
printf 'root:x:0:0:root:/root:/sbin/nologin\napp:x:1654:1654::/home/app:/bin/false\n' >"$base/etc/passwd"
printf 'root:x:0:\napp:x:1654:\n' >"$base/etc/group"

# The SDK itself, and what this machine needs to reach its NuGet feed.
mkdir -p "$root/sdk/usr/share/dotnet" "$root/sdk/root/.nuget/NuGet"
cp -a "$(dirname "$(readlink -f "$(command -v dotnet)")")/." "$root/sdk/usr/share/dotnet/"
ln -sf /usr/share/dotnet/dotnet "$root/sdk/usr/bin/dotnet"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/sdk/etc/ssl/certs/ca-certificates.crt"
[ ! -e ~/.nuget/NuGet/NuGet.Config ] || cp ~/.nuget/NuGet/NuGet.Config "$root/sdk/root/.nuget/NuGet/"

# Usage: commit FOLDER IMAGE [CONFIG...]
commit() {
  local source=$1 image=$2 container
  shift 2
  container=$(buildah from scratch)
  buildah add --quiet "$container" "$source" / >/dev/null
  buildah config --os linux --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@" "$container"
  buildah commit --quiet --rm "$container" "$image" >/dev/null
}

commit "$base" "$base_image" --env APP_UID=1654
rm -rf "$base"
commit "$root/sdk" "$sdk_image" --env DOTNET_NOLOGO=true --env DOTNET_CLI_TELEMETRY_OPTOUT=true \
  --env "NUGET_CERT_REVOCATION_MODE=${NUGET_CERT_REVOCATION_MODE:-online}"
echo "$sdk_version" >"$folder/made-with"
