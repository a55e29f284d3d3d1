#!/usr/bin/env bash
# Puts the npm package @permaweb/aoconnect, AO's JavaScript client, into a folder outside the repository, and prints the
# folder. benchmarks/deploy.py finds it there. Nothing of it runs while it is installed; running it again does nothing.
set -euo pipefail

version=0.0.98
folder=${TIM3_AOCONNECT:-${XDG_CACHE_HOME:-$HOME/.cache}/tim3tool-aoconnect/$version}

if [ ! -d "$folder/node_modules/@permaweb/aoconnect" ]; then
  command -v npm >/dev/null || { echo "install-aoconnect: npm is not installed" >&2; exit 1; }
  mkdir -p "$folder"
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" "@permaweb/aoconnect@$version" >&2
fi
echo "$folder"
