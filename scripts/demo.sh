#!/usr/bin/env bash
# The whole tool once: build all processes, deploy TIM3 to two embedded networks, let three users mint, transfer and burn
# there, and print who holds what.
set -euo pipefail
cd "$(dirname "$0")/.."

keys=$(mktemp -d)
trap 'rm -rf "$keys"' EXIT
unit=000000000000 # 10^12 base units are one TIM3 or USDA

step() {
  printf '\n$ tim3tool'
  printf ' %q' "$@"
  printf '\n'
  tim3tool "$@"
}

# The value of a tag in the answers to a message: tag NAME < JSON document
tag() {
  python3 -c 'import json, sys
messages = json.load(sys.stdin)["result"]["Messages"]
tags = [tag for message in messages for tag in message["Tags"] if message.get("Target")]
print(next((tag["value"] for tag in tags if tag["name"] == sys.argv[1]), "none"))' "$1"
}

# Send as a user, quietly: as USER PROCESS ACTION [NAME=VALUE]...
as() {
  local options=(--json --network "$network" message "$2" --action "$3")
  [ "$1" = admin ] || options+=(--wallet "$keys/$1.json")
  for pair in "${@:4}"; do options+=(-t "$pair"); done
  tim3tool "${options[@]}"
}

# Ask, without leaving a trace: ask PROCESS ACTION TAG [NAME=VALUE]...
ask() {
  local options=(--json --network "$network" dryrun "$1" --action "$2")
  for pair in "${@:4}"; do options+=(-t "$pair"); done
  tim3tool "${options[@]}" | tag "$3"
}

address() { tim3tool wallet address --wallet "$keys/$1.json"; }

whole() { python3 -c 'import sys; print(f"{int(sys.argv[1]) / 10**12:,.2f}")' "$1"; }

mint() { # USER AMOUNT
  local quantity="$2$unit"
  if [ "$mode" = lock ]; then
    as "$1" mock-usda Approve "Spender=$locks" "Quantity=$quantity" >/dev/null
    as "$1" coordinator Mint "Quantity=$quantity" >/dev/null
  else
    local id
    id=$(as "$1" coordinator Mint "Quantity=$quantity" | tag Op-Id)
    as "$1" mock-usda Transfer "Recipient=$locks" "Quantity=$quantity" X-Action=Mint "X-Op-Id=$id" >/dev/null
  fi
  echo "$1 minted $2"
}

burn() { # USER AMOUNT
  as "$1" coordinator Burn "Quantity=$2$unit" >/dev/null
  [ "$mode" = lock ] || as "$1" lock-manager Claim >/dev/null
  echo "$1 burned $2"
}

print_state() {
  printf '\n%-8s %12s %12s\n' "" TIM3 USDA
  for user in alice bob carol; do
    local holder
    holder=$(address $user)
    printf '%-8s %12s %12s\n' $user "$(whole "$(ask token-manager Balance Balance "Recipient=$holder")")" \
      "$(whole "$(ask mock-usda Balance Balance "Recipient=$holder")")"
  done
  as admin state-manager Refresh >/dev/null
  printf '\nsupply %s TIM3, collateral %s USDA, ratio %s of 10000, level %s\n' \
    "$(whole "$(ask state-manager Status Supply)")" "$(whole "$(ask lock-manager Info Collateral)")" \
    "$(ask state-manager Status Ratio)" "$(ask state-manager Status Level)"
}

step build
for user in alice bob carol; do tim3tool wallet new "$keys/$user.json" >/dev/null; done

for network in ${TIM3_NETWORK:-local local-lock}; do
  step deploy --network "$network"
  mode=$(ask coordinator Info Collateral-Mode)
  locks=$(ask lock-manager Info Process)
  printf '\nThree users on %s (%s mode), with 500 USDA each:\n' "$network" "$mode"
  for user in alice bob carol; do
    as admin mock-usda Mint "Recipient=$(address $user)" "Quantity=500$unit" >/dev/null
  done
  mint alice 200
  mint bob 150
  mint carol 100
  as alice token-manager Transfer "Recipient=$(address bob)" "Quantity=80$unit" >/dev/null
  echo "alice sent bob 80"
  burn bob 180
  burn carol 40
  print_state
done
