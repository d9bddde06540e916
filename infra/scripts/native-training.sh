#!/bin/sh
# Installs the native TensorFlow.js beside the installed packages, if the image build asks for it:
#   native-training.sh yes|no
# Loads the library once, and fails the build if that fails.
set -eu

fail() {
  echo "native-training: $1" >&2
  exit 1
}

case ${1:-} in
  no) exit 0 ;;
  yes) ;;
  *) fail "NATIVE_TRAINING must be yes or no, not \"${1:-}\"" ;;
esac

package=@tensorflow/tfjs-node
version=$(node -p "require('./package.json').peerDependencies['$package']")
npm install --no-save --omit=dev "$package@$version" || true
if ! node --input-type=module --eval "await import('$package')"; then
  fail "NATIVE_TRAINING=yes, but $package $version could not be installed or loaded (see above). Its install \
script downloads libtensorflow and a binding from storage.googleapis.com: allow that, name mirrors (docs/dependencies.md), \
or build with NATIVE_TRAINING=no, which trains on WASM"
fi
echo "native-training: $package $version is installed"
