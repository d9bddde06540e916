#!/usr/bin/env bash
# Installs the AWS emulator of the tests into a virtual environment, unless it is installed, and prints
# its path. Needs python3 with venv; pip uses the configuration of the machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# Each list of packages has its own directory, which never changes.
wanted="$(python3 -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest()[:16])' \
  <infra/emulator/requirements.txt)"
cache=node_modules/.cache/lapidary/emulator
target="$cache/$wanted"

if [[ ! -x $target/bin/python ]]; then
  mkdir -p "$cache"
  # Installed in a temporary directory and then moved, so that concurrent installations do not conflict.
  made="$(mktemp -d "$cache/installing.XXXXXX")"
  trap 'rm -rf "$made"' EXIT
  python3 -m venv "$made" >&2
  "$made/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
    --requirement infra/emulator/requirements.txt >&2
  python3 -c 'import os, sys; os.rename(*sys.argv[1:])' "$made" "$target" 2>/dev/null ||
    [[ -x $target/bin/python ]]
fi
printf '%s\n' "$PWD/$target/bin/python"
