#!/usr/bin/env bash
# Puts the npm package @permaweb/ao-loader, the stock way to run an aos module, into a folder outside the repository, and
# prints the folder. benchmarks/run.py finds it there. Running it again does nothing.
set -euo pipefail

version=0.0.44
folder=${TIM3_AO_LOADER:-${XDG_CACHE_HOME:-$HOME/.cache}/tim3tool-ao-loader/$version}

if [ ! -d "$folder/node_modules/@permaweb/ao-loader" ]; then
  command -v npm >/dev/null || { echo "install-ao-loader: npm is not installed" >&2; exit 1; }
  mkdir -p "$folder"
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" "@permaweb/ao-loader@$version" >&2
fi
echo "$folder"
