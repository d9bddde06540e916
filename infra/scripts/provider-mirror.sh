#!/usr/bin/env bash
# Prints a directory of Terraform providers that lies on this machine and has AWS' one, for tests without a
# network: `terraform init -plugin-dir=DIR`. Exits with 1 when there is none.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: bash infra/scripts/provider-mirror.sh

Looks in TF_PLUGIN_DIR and TF_PLUGIN_CACHE_DIR, then for a directory registry.terraform.io at most four levels
below the root, of which /tmp is not asked: what lies there may be gone in a moment. Terraform itself finds providers where its CLI configuration or its own conventions say.
USAGE
}

main() {
  case ${1:-} in
    '') ;;
    -h | --help) usage && return ;;
    *) usage >&2 && return 2 ;;
  esac
  local directory
  while read -r directory; do
    if [[ -d $directory/registry.terraform.io/hashicorp/aws ]]; then
      printf '%s\n' "$directory"
      return
    fi
  done < <(candidates)
  return 1
}

candidates() {
  printf '%s\n' "${TF_PLUGIN_DIR:-}" "${TF_PLUGIN_CACHE_DIR:-}"
  # What cannot be read has nothing for us.
  find / -maxdepth 4 \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp \) -prune \
    -o -type d -name registry.terraform.io -printf '%h\n' 2>/dev/null || true
}

main "$@"
