#!/usr/bin/env bash
# Prints a directory on this machine with the AWS provider of Terraform, for tests without a network:
# `terraform init -plugin-dir=DIR`. Exits with 1 if there is none.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: bash infra/scripts/provider-mirror.sh

Looks in TF_PLUGIN_DIR and TF_PLUGIN_CACHE_DIR, then for a directory registry.terraform.io at most four levels
below the root, except in /tmp, whose files may disappear. Terraform itself finds providers where its CLI configuration or its own conventions say.
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
  # Skips unreadable directories.
  find / -maxdepth 4 \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp \) -prune \
    -o -type d -name registry.terraform.io -printf '%h\n' 2>/dev/null || true
}

main "$@"
