#!/usr/bin/env bash
# Builds the images from their unmodified Dockerfiles without a container engine and without pulling anything, inspects them, and runs the
# end-to-end tests of the chain in them: as uid 65532, without capabilities, on a read-only root.
# Requires root; installs Debian's buildah, debootstrap and libcap2-bin if they are missing.
# Usage: image-check.sh [CONFIGURATION]
set -euo pipefail
cd "$(dirname "$0")/.."

configuration=${1:-Release}
limit=45000000
version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
commit=$(git rev-parse HEAD 2>/dev/null || echo 0000000000000000000000000000000000000000)
if [ "$(id -u)" != 0 ]; then
  echo "image-check.sh: must run as root, for mounts and chroot: sudo make image-check" >&2
  exit 1
fi

scripts/setup.sh images
bases=$PWD/artifacts/image-bases

# The names of the base images without their digests, which the stand-ins cannot have.
for base in SDK_IMAGE BASE_IMAGE; do
  name=$(sed -n "s/^ARG $base=\([^@]*\).*/\1/p" Dockerfile.oidc)
  export "$base=$name"
done
scripts/image-bases.sh "$bases"
export BUILDAH_ISOLATION=chroot CONTAINERS_STORAGE_CONF=$bases/storage.conf
ENGINE=buildah ENGINE_FLAGS=--pull-never VERSION=$version COMMIT=$commit REGISTRY=localhost FOLDER=my-image-check scripts/images.sh >"$bases/build.log" 2>&1 \
  || { tail -n 40 "$bases/build.log" >&2; exit 1; }

containers=()
check=artifacts/image-check
rm -rf "$check" && mkdir -p "$check"
trap '[ ${#containers[@]} = 0 ] || buildah rm "${containers[@]}" >/dev/null' EXIT
fail() {
  echo "image-check.sh: $*" >&2
  exit 1
}

for job in oidc certsync; do
  image=localhost/clustertrust/$job:$version
  container=$(buildah from --pull-never "$image")
  containers+=("$container")
  root=$(buildah mount "$container")

  # The configuration.
  field() { buildah inspect --type image --format "{{$1}}" "$image"; }
  [ "$(field .OCIv1.Config.User)" = 65532:65532 ] || fail "$job does not run as 65532:65532"
  [ "$(field .OCIv1.Config.Entrypoint)" = "[/app/$job]" ] || fail "$job starts $(field .OCIv1.Config.Entrypoint)"
  [ "$(field 'index .OCIv1.Config.Labels "org.opencontainers.image.version"')" = "$version" ] || fail "$job has no version label"
  [ "$(field 'index .OCIv1.Config.Labels "org.opencontainers.image.revision"')" = "$commit" ] || fail "$job has no revision label"

  # The content: only the program in /app, and nothing else that can be executed, or that runs as another user.
  case $job in oidc) expected='libgit2-*.so oidc' ;; *) expected=certsync ;; esac
  found=$(cd "$root/app" && find . -mindepth 1 -printf '%P\n' | sort | sed 's/^libgit2-.*\.so$/libgit2-*.so/' | tr '\n' ' ')
  [ "${found% }" = "$expected" ] || fail "/app of $job holds $found"
  stray=$(find "$root" -xdev -type f -perm /111 ! -path "$root/app/*" ! -name '*.so' ! -name '*.so.*' -printf '/%P ')
  [ -z "$stray" ] || fail "$job holds more programs: $stray"
  stray=$(find "$root" -xdev \( -perm /6000 -o \( -perm /002 ! -type l ! -perm /1000 \) \) -printf '/%P ')
  [ -z "$stray" ] || fail "$job holds files that are set-id or that everyone may write: $stray"

  for text in LICENSE Polly.Core/LICENSE 'Microsoft.NETCore.App.Runtime.*/LICENSE.TXT'; do
    compgen -G "$root/licenses/$text" >/dev/null || fail "$job has no /licenses/$text"
  done

  # The size of all files, the base's and ours.
  bytes=$(find "$root" -xdev -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum }')
  own=$(find "$root/app" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum }')
  [ "$bytes" -le "$limit" ] || fail "$job is $bytes bytes, more than $limit"
  echo "$image: $bytes bytes uncompressed, $own of them ours:"
  (cd "$root" && find app -type f -printf '  %10s  /%p\n')

  # The tests run this instead of the binary.
  mkdir -p "$check/$job"
  printf '#!/bin/sh\nexec "%s" "%s" "/app/%s" "$@"\n' "$PWD/scripts/in-image.sh" "$root" "$job" >"$check/$job/$job"
  chmod +x "$check/$job/$job"
  [ "$("$check/$job/$job" --version)" = "$job $version (commit ${commit:0:7})" ] || fail "$job --version prints $("$check/$job/$job" --version)"
done

echo "Running the chain inside of the images ..."
CLUSTERTRUST_BINARIES=$PWD/$check dotnet test tests/EndToEnd.Tests --nologo --configuration "$configuration" --verbosity quiet \
  --filter "FullyQualifiedName~WholeChainTests.A_published_issuer"
