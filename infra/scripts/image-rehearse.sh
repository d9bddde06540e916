#!/usr/bin/env bash
# Builds the Dockerfile without a Docker engine and tests the image as a server and as a function.
set -euo pipefail

readonly NOT_HERE=77
readonly IMAGE=localhost/lapidary:rehearsal
readonly AS_LAMBDA=(--user 10993:10990)
readonly DIAMOND='{"carat":0.23,"cut":"Ideal","color":"E","clarity":"SI2","depth":61.5,"table":55,"x":3.95,"y":3.98,"z":2.43}'
readonly MIRRORS=(TFJS_NODE_BASE_URI npm_config_tfjs_binding_binary_host_mirror)
SIGNATURES=()
SERVER=
NATIVE=no

usage() {
  cat <<'USAGE'
usage: npm run image:rehearse [-- --install] [--native]

Builds the Dockerfile with buildah on a stand-in for its base image (Debian with the same Node), runs
`serve` for one prediction over HTTP and `lambda` for one under a Runtime API, each as a user that the
image does not know and that can write nowhere but in /tmp, and prints the size. It proves the shape of
the Dockerfile, not its real base image.

  --install   installs with apt-get what is missing of buildah and debootstrap
  --native    builds with NATIVE_TRAINING=yes, and trains a model inside it. The libraries come from Google's storage,
              or from the mirrors that TFJS_NODE_BASE_URI and npm_config_tfjs_binding_binary_host_mirror name
  --help      print this help

Exits with 77 when it cannot run here: not root, or a tool is missing.
USAGE
}

main() {
  local install=no argument
  for argument in "$@"; do
    case $argument in
      --install) install=yes ;;
      --native) NATIVE=yes ;;
      -h | --help) usage && return ;;
      *) usage >&2 && return 2 ;;
    esac
  done
  cd "$(dirname "${BASH_SOURCE[0]}")/../.."
  require_machine "$install"

  WORK=$(mktemp -d "${TMPDIR:-/var/tmp}/lapidary-rehearsal-XXXXXX")
  trap clean_up EXIT
  use_own_storage
  import_base
  build_image
  CONTAINER=$(buildah from --pull-never "$IMAGE")
  read -r -a ENTRYPOINT <<<"$(buildah inspect --type image \
    --format '{{range .OCIv1.Config.Entrypoint}}{{.}} {{end}}' "$IMAGE")"
  check_contents
  try_server
  try_lambda
  if [[ $NATIVE == yes ]]; then try_training; fi
  say "rehearsed in $SECONDS s"
}

require_machine() {
  [[ $(uname -s) == Linux ]] || not_here 'it needs Linux'
  [[ $(id -u) == 0 ]] || not_here 'it needs root, to unpack and enter a root file system'
  [[ -d node_modules/esbuild ]] || not_here 'the dependencies are not installed: npm ci'
  local missing=()
  for tool in buildah debootstrap; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  if ((${#missing[@]} == 0)); then return; fi
  [[ $1 == yes ]] || not_here "${missing[*]} not installed: run it with --install, or install them"
  command -v apt-get >/dev/null || not_here "${missing[*]} not installed, and there is no apt-get"
  say "installing ${missing[*]}"
  # On other systems than Debian the keys of its archive are a separate package.
  if ! { apt-get update -qq &&
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" debian-archive-keyring; } >/dev/null; then
    not_here "${missing[*]} could not be installed"
  fi
}

# Does not use or change images of the machine.
use_own_storage() {
  cat >"$WORK/storage.conf" <<CONF
[storage]
driver = "vfs"
graphroot = "$WORK/storage"
runroot = "$WORK/run"
CONF
  export CONTAINERS_STORAGE_CONF=$WORK/storage.conf BUILDAH_ISOLATION=chroot
  if [[ ! -f /etc/containers/policy.json ]]; then
    echo '{"default":[{"type":"insecureAcceptAnything"}]}' >"$WORK/policy.json"
    SIGNATURES=(--signature-policy "$WORK/policy.json")
  fi
}

import_base() {
  local version archive base name
  # The digest is that of the real image, so the substitute has only its tag.
  name=$(sed -n 's/^ARG NODE_IMAGE=\([^@]*\).*/\1/p' Dockerfile)
  version=$(sed -n 's/^node:\([0-9.]*\)-.*/\1/p' <<<"$name")
  [[ -n $version ]] || fail "the base image of the Dockerfile, $name, has no Node version"
  BASE=localhost/$name
  archive=$(infra/scripts/stand-in-base.sh "$version")
  base=$(buildah from scratch)
  buildah add --quiet "$base" "$archive" / >/dev/null
  buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$base"
  buildah commit "${SIGNATURES[@]}" --quiet --rm "$base" "$BASE" >/dev/null
  say "stand-in base with Node $version after $SECONDS s"
}

build_image() {
  # The machine's registry settings: mounted during the build, in no layer of the image.
  local authorities=/etc/ssl/certs/ca-certificates.crt
  local mounts=(--volume /etc/ssl/certs:/etc/ssl/certs:ro --volume "$WORK/npmrc:/root/.npmrc:ro")
  cat "$HOME/.npmrc" >"$WORK/npmrc" 2>/dev/null || true
  if [[ -f $authorities ]]; then printf '\ncafile=%s\n' "$authorities" >>"$WORK/npmrc"; fi
  local arguments=(--build-arg "NATIVE_TRAINING=$NATIVE") mirror
  for mirror in "${MIRRORS[@]}"; do
    if [[ -n ${!mirror:-} ]]; then arguments+=(--build-arg "$mirror=${!mirror}"); fi
  done
  buildah bud "${SIGNATURES[@]}" --pull-never "${mounts[@]}" \
    --build-arg "NODE_IMAGE=$BASE" --build-arg VERSION=rehearsal "${arguments[@]}" \
    --tag "$IMAGE" . >"$WORK/build.log" 2>&1 || fail 'the image did not build' "$WORK/build.log"
  say "built after $SECONDS s: $(size "$IMAGE"), of which the stand-in base $(size "$BASE")"
}

size() {
  buildah images --format '{{.Size}}' "$1"
}

check_contents() {
  local app found
  app=$(buildah mount "$CONTAINER")/app
  found=$(find "$app" '(' -not -perm -o=r -o -name .npmrc ')' -print)
  [[ -z $found ]] || fail "not readable for Lambda's user, or left from the build: $found"
  [[ -s $app/dist/THIRD-PARTY-LICENSES ]] || fail 'THIRD-PARTY-LICENSES is missing'
  say "of the application: $(du -sh "$app" | cut -f1)"
}

try_server() {
  local port answer
  port=$(node -e 'const s = require("node:net").createServer().listen(0, () => {
    console.log(s.address().port); s.close(); })')
  setsid buildah run "${AS_LAMBDA[@]}" --env "PORT=$port" --env ACCESS=open "$CONTAINER" -- "${ENTRYPOINT[@]}" serve \
    >"$WORK/serve.log" 2>&1 &
  SERVER=$!
  answer=$(curl --silent --max-time 20 --retry 40 --retry-delay 1 --retry-all-errors \
    --header 'content-type: application/json' --data "{\"instances\":[$DIAMOND]}" \
    "http://127.0.0.1:$port/models/diamonds/predictions") || fail 'the server did not answer' "$WORK/serve.log"
  grep -q '"value"' <<<"$answer" || fail "the server returned no prediction: $answer" "$WORK/serve.log"
  say "serve  $answer"
  stop_server
}

try_lambda() {
  local answer
  node_modules/.bin/esbuild test/hosts/lambda/rehearse.ts --bundle --platform=node --format=esm \
    --log-level=warning --outfile="$WORK/rehearse.mjs"
  answer=$(node "$WORK/rehearse.mjs" "{\"model\":\"diamonds\",\"instances\":[$DIAMOND]}" \
    buildah run "${AS_LAMBDA[@]}" '{environment}' "$CONTAINER" -- "${ENTRYPOINT[@]}" lambda) ||
    fail 'the function did not answer'
  grep -q '"value"' <<<"$answer" || fail "the function returned no prediction: $answer"
  say "lambda $answer"
}

try_training() {
  local output
  output=$(buildah run "${AS_LAMBDA[@]}" --env MODEL_DIR=/tmp/model --env DATA_DIR=/tmp/data \
    --volume "$PWD/examples:/examples:ro" "$CONTAINER" -- "${ENTRYPOINT[@]}" \
    init penguins --target species --data /examples/penguins.csv 2>&1) || fail "the image did not train: $output"
  grep -q 'trained in .* (tensorflow)' <<<"$output" ||
    fail "the image did not train with the native library: $output"
  say "train  with the native library"
}

stop_server() {
  if [[ -z $SERVER ]]; then return; fi
  kill -TERM -- "-$SERVER" 2>/dev/null || true
  wait "$SERVER" || true
  SERVER=
}

clean_up() {
  stop_server
  # Through a remaining mount the removal would delete files of the machine.
  if grep -qF "$WORK" /proc/self/mountinfo; then
    say "something is still mounted below $WORK: unmount and remove it"
  else
    rm -rf -- "$WORK"
  fi
}

not_here() {
  echo "image:rehearse: cannot rehearse: $1" >&2
  exit "$NOT_HERE"
}

fail() {
  if [[ -n ${2:-} ]]; then tail -n 60 "$2" >&2; fi
  echo "image:rehearse: $1" >&2
  exit 1
}

say() {
  echo "image:rehearse: $1"
}

main "$@"
