#!/usr/bin/env bash
# Makes a whole release in a folder; the workflow (.github/workflows/release.yml) only pushes, signs and attests it.
# The same commit gives the same bytes, given the same base images and the same buildah: inputs.txt lists both.
#
#   oci/             an OCI layout: the images oidc and certsync, and the manifests as an artifact that Flux reads
#   digests.txt      NAME DIGEST of each of the three
#   install.yaml     the overlay self-managed with these digests; its marked values are for the user to fill in
#   manifests.tar.gz manifests/ and kustomize/ with these digests
#   *.cdx.json       a CycloneDX bill of materials of each image
#   notes.md         the changelog's part
#   SHA256SUMS       of all of the above
#
# VERSION must be that of Directory.Build.props. SDK_IMAGE and BASE_IMAGE replace the Dockerfiles' base images. IMAGES is the registry path of the
# images, without their names: HOST/OWNER/clustertrust.
# PLATFORMS: linux/amd64 and linux/arm64 unless set. STRICT=1: refuses uncommitted changes and a changelog without this version.
# Usage: release.sh VERSION OUT [images|assemble]   (both unless one is named; images needs buildah)
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PWD/artifacts/tools/bin:$PATH
export LC_ALL=C TZ=UTC

version=${1:?usage: release.sh VERSION OUT [images|assemble]}
out=$(mkdir -p "${2:?usage: release.sh VERSION OUT [images|assemble]}" && cd "$2" && pwd)
step=${3:-all}
images=${IMAGES:-registry.invalid/clustertrust}
read -ra platforms <<<"${PLATFORMS:-linux/amd64 linux/arm64}"
commit=$(git rev-parse HEAD)
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
jobs=(oidc certsync)
build=$out/build

fail() {
  echo "release.sh: $*" >&2
  exit 2
}

known=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
[ "$version" = "$known" ] || fail "VERSION is '$version', and Directory.Build.props has $known: change it there, where every part reads it"
[[ $images =~ ^[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)+$ ]] || fail "IMAGES is '$images'; give HOST/OWNER/NAME in lower case"
for tool in jq kubectl sha256sum tar gzip; do
  command -v "$tool" >/dev/null || fail "$tool is not installed (kubectl: see https://kubernetes.io/docs/tasks/tools)"
done

# The changelog's section of this version, or Unreleased before it has one.
notes() { awk -v heading="## $1" '$0 == heading || index($0, heading " ") == 1 { on = 1; next } /^## / { on = 0 } on' CHANGELOG.md; }
section=$version
[ -n "$(notes "$section")" ] || section=Unreleased
if [ "${STRICT:-}" = 1 ]; then
  [ -z "$(git status --porcelain)" ] || fail "there are uncommitted changes, and a release is made of a commit"
  [ "$section" = "$version" ] || fail "CHANGELOG.md has no part '## $version'"
fi

make_images() {
  local job platform arch base image bases=() flags=()
  command -v buildah >/dev/null || fail "buildah is needed (sudo apt-get install -y buildah)"
  rm -rf "$build" && mkdir -p "$build"
  for base in SDK_IMAGE BASE_IMAGE; do
    image=${!base:-$(sed -n "s/^ARG $base=//p" Dockerfile.oidc)}
    bases+=("$image") flags+=(--build-arg "$base=$image")
  done
  for platform in "${platforms[@]}"; do
    arch=${platform#linux/}
    for job in "${jobs[@]}"; do
      echo "Building $job for $platform ..."
      # shellcheck disable=SC2086 # several flags
      buildah build ${ENGINE_FLAGS:-} --platform "$platform" --no-cache --timestamp "$epoch" --file "Dockerfile.$job" \
        --build-arg "VERSION=$version" --build-arg "COMMIT=$commit" "${flags[@]}" --tag "clustertrust-release:$job-$arch" . >"$build/$job-$arch.log" 2>&1 \
        || { tail -n 40 "$build/$job-$arch.log" >&2; fail "the build of $job for $platform failed"; }
      rm "$build/$job-$arch.log"
      buildah push --quiet "clustertrust-release:$job-$arch" "oci:$build/$job-$arch:image"
    done
  done

  # What determines the bytes besides the commit.
  {
    echo "commit $commit"
    echo "timestamp $epoch"
    buildah --version
    for image in "${bases[@]}"; do
      echo "${image%@*}@$(buildah inspect --type image --format '{{.FromImageDigest}}' "$image")"
    done
  } >"$build/inputs.txt"

  # Everything but the serial number and the time follows from the packages.
  VERSION=$version scripts/sbom.sh >/dev/null
  for job in "${jobs[@]}"; do
    jq --sort-keys --arg time "$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)" 'del(.serialNumber) | .metadata.timestamp = $time' \
      "artifacts/sbom/$job.json" >"$build/$job.cdx.json"
  done
}

# Usage: blob FILE — puts a file into the layout and prints its digest.
blob() {
  local digest
  digest=$(sha256sum "$1" | cut -d ' ' -f 1)
  cp "$1" "$out/oci/blobs/sha256/$digest"
  echo "sha256:$digest"
}

# Usage: add NAME FILE MEDIA-TYPE — names a manifest in the layout's index and in digests.txt.
add() {
  local digest
  digest=$(blob "$2")
  echo "$1 $digest" >>"$out/digests.txt"
  jq --compact-output --arg type "$3" --arg digest "$digest" --argjson size "$(stat -c %s "$2")" --arg name "$1" \
    '.manifests += [{mediaType: $type, digest: $digest, size: $size, annotations: {"org.opencontainers.image.ref.name": $name}}]' \
    "$out/oci/index.json" >"$work/index.json"
  cp "$work/index.json" "$out/oci/index.json"
}

# Usage: pack NAME FOLDER... — a tar.gz of folders below $work/tree that is the same wherever it is made.
pack() {
  local target=$1
  shift
  tar --create --directory "$work/tree" --sort=name --mtime "@$epoch" --owner 0 --group 0 --numeric-owner --mode 'u=rwX,go=rX' --format=gnu "$@" \
    | gzip --no-name -9 >"$target"
}

assemble() {
  local job folder descriptor created
  created=$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  rm -rf "$out/oci" "$out/digests.txt" && mkdir -p "$out/oci/blobs/sha256"
  printf '{"imageLayoutVersion":"1.0.0"}' >"$out/oci/oci-layout"
  echo '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}' >"$out/oci/index.json"

  for job in "${jobs[@]}"; do
    echo '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}' >"$work/$job.json"
    for folder in "$build/$job"-*/; do
      [ -e "$folder/index.json" ] || fail "$build has no images of $job: release.sh $version $2 images"
      cp "$folder"/blobs/sha256/* "$out/oci/blobs/sha256/"
      descriptor=$(jq --compact-output '.manifests[0] | {mediaType, digest, size}' "$folder/index.json")
      jq --compact-output --argjson manifest "$descriptor" --arg arch "$(basename "$folder" | sed 's/.*-//')" \
        '.manifests += [$manifest + {platform: {architecture: $arch, os: "linux"}}]' "$work/$job.json" >"$work/next.json"
      mv "$work/next.json" "$work/$job.json"
    done
    add "$job" "$work/$job.json" application/vnd.oci.image.index.v1+json
  done

  # The manifests of this commit, with the digests instead of the names that no registry resolves.
  mkdir "$work/tree"
  git ls-files -z manifests kustomize LICENSE | tar --create --null --files-from - | tar --extract --directory "$work/tree"
  while read -r job digest; do
    grep -rlZ "registry.invalid/clustertrust/$job" "$work/tree" | xargs -0 sed -i \
      -e "s#image: registry.invalid/clustertrust/$job:.*#image: $images/$job@$digest#" \
      -e "s#registry.invalid/clustertrust/$job\$#$images/$job#" \
      -e "\\#newName: $images/$job\$#{n;s#digest: sha256:0*\$#digest: $digest#}"
  done <"$out/digests.txt"
  ! grep -rn 'registry.invalid/clustertrust/' "$work/tree" || fail "an image of ours kept the name that no registry resolves, see above"
  pack "$out/manifests.tar.gz" manifests kustomize LICENSE
  {
    echo "# ClusterTrust $version, overlay self-managed. Fill in the ConfigMaps (OWNER, REPO, my-vault, my-cluster and the two ids) before applying it."
    kubectl kustomize "$work/tree/kustomize/overlays/self-managed"
  } >"$out/install.yaml"

  echo '{}' >"$work/config.json"
  jq --null-input --compact-output --arg config "$(blob "$work/config.json")" --argjson configSize "$(stat -c %s "$work/config.json")" \
    --arg layer "$(blob "$out/manifests.tar.gz")" --argjson layerSize "$(stat -c %s "$out/manifests.tar.gz")" \
    --arg created "$created" --arg version "$version" --arg revision "$commit" '{
      schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: {mediaType: "application/vnd.cncf.flux.config.v1+json", digest: $config, size: $configSize},
      layers: [{mediaType: "application/vnd.cncf.flux.content.v1.tar+gzip", digest: $layer, size: $layerSize}],
      annotations: {"org.opencontainers.image.created": $created, "org.opencontainers.image.version": $version, "org.opencontainers.image.revision": $revision}
    }' >"$work/manifests.json"
  add manifests "$work/manifests.json" application/vnd.oci.image.manifest.v1+json

  cp "$build/inputs.txt" "$build"/*.cdx.json "$out/"
  notes "$section" >"$out/notes.md"
  (cd "$out" && rm -f SHA256SUMS && find . -type f ! -path './build/*' ! -name SHA256SUMS -printf '%P\0' | sort -z | xargs -0 sha256sum >"$work/sums" && cp "$work/sums" SHA256SUMS)
  cat "$out/digests.txt"
}

case $step in
  images) make_images ;;
  assemble) assemble "$@" ;;
  all)
    make_images
    assemble "$@"
    rm -rf "$build"
    ;;
  *) fail "'$step' is neither images nor assemble" ;;
esac
