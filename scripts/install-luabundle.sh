#!/usr/bin/env bash
# Puts the npm package luabundle into a folder outside the repository, and prints the folder. The benchmark of bundling
# finds it there, or wherever TIM3_LUABUNDLE says. Running it again does nothing.
set -euo pipefail

version=1.7.0
parser=0.2.4 # of moonsharp-luaparse, its only dependency
folder=${TIM3_LUABUNDLE:-${XDG_CACHE_HOME:-$HOME/.cache}/tim3tool-luabundle/$version}

if [ ! -d "$folder/node_modules/luabundle" ]; then
  command -v npm >/dev/null || { echo "install-luabundle: npm is not installed" >&2; exit 1; }
  mkdir -p "$folder"
  npm install --silent --no-save --no-audit --no-fund --ignore-scripts --prefix "$folder" \
    "luabundle@$version" "moonsharp-luaparse@$parser" >/dev/null
fi
echo "$folder"
