#!/usr/bin/env bash
# The whole tool once: build, deploy to the embedded network, then a mint, a transfer and a burn of mock USDA.
set -euo pipefail
cd "$(dirname "$0")/.."

network="${TIM3_NETWORK:-local}"
bob="B0b-B0b-B0b-B0b-B0b-B0b-B0b-B0b-B0b-B0b-B0b" # anybody's address will do

step() {
  printf '\n$ tim3tool'
  printf ' %q' "$@"
  printf '\n'
  tim3tool "$@"
}

step build
step deploy --network "$network"
me=$(tim3tool wallet address)
step message mock-usda --action Mint -t "Recipient=$me" -t Quantity=500000000000000
step message mock-usda --action Transfer -t "Recipient=$bob" -t Quantity=120000000000000
step message mock-usda --action Burn -t Quantity=30000000000000

printf '\nWhat the network says now (1 USDA = 10^12 base units):\n'
step dryrun mock-usda --action Total-Supply
step dryrun mock-usda --action Balances
