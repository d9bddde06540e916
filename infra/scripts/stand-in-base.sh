#!/usr/bin/env bash
# Prints the path of a root file system archive that replaces the base image if no image registry can be
# reached: Debian with the Node of the Dockerfile. Builds it once.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: stand-in-base.sh NODE_VERSION

Prints the path of a tar archive: a minimal Debian with that Node, its headers, npm and a user `node`,
as the official image has them. The archive is kept under ${XDG_CACHE_HOME:-~/.cache}/lapidary.
Needs root, debootstrap and npm.
USAGE
}

readonly SUITE=bookworm
# The npm of the official images of Node 22; later ones refuse install scripts.
readonly NPM=npm@10.9.9

main() {
  local version=$1
  local cache=${XDG_CACHE_HOME:-$HOME/.cache}/lapidary
  local archive=$cache/$SUITE-node-$version-$(uname -m).tar
  if [[ ! -f $archive ]]; then
    mkdir -p "$cache"
    local root
    root=$(mktemp -d "${TMPDIR:-/var/tmp}/lapidary-base-XXXXXX")
    # shellcheck disable=SC2064  # the directory is known now and gone from scope at the exit
    trap "rm -rf -- '$root'" EXIT
    {
      install_debian "$root"
      install_node "$root" "$version"
    } >&2
    # Renamed when complete, so that an interrupted run leaves no broken archive.
    tar --directory "$root" --create --file "$archive.part" .
    mv "$archive.part" "$archive"
  fi
  echo "$archive"
}

install_debian() {
  local root=$1
  local arguments=(--variant=minbase --include=ca-certificates "$SUITE" "$root")
  # On Debian uses the mirror of the machine, elsewhere the default of debootstrap.
  if grep -qx 'ID=debian' /etc/os-release; then
    local mirror
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/$' || true)
    if [[ -n $mirror ]]; then arguments+=("$mirror"); fi
  fi
  debootstrap "${arguments[@]}"
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
}

install_node() {
  local root=$1 version=$2 architecture package
  case $(uname -m) in
    x86_64) architecture=x64 ;;
    aarch64) architecture=arm64 ;;
    *) echo "npm has no Node for $(uname -m)" && return 1 ;;
  esac
  package=$root/tmp/node
  npm install --silent --no-save --force --prefix "$package" "node-linux-$architecture@$version"
  cp -r "$package/node_modules/node-linux-$architecture"/{bin,include} "$root/usr/local/"
  npm install --silent --global --prefix "$root/usr/local" "$NPM"
  rm -rf "$package"
  chroot "$root" useradd --uid 1000 --user-group --create-home --shell /bin/bash node
}

case ${1:-} in
  -h | --help) usage ;;
  [0-9]*) main "$1" ;;
  *) usage >&2 && exit 2 ;;
esac
