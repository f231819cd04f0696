#!/usr/bin/env bash
# Saves what a running API server says of its kinds: /openapi/v3 of each group version, discovery, version.
#
#   openapi.sh KUBECONFIG DIR
#
# DIR then serves `TACIT_OPENAPI=DIR cargo test -p tacit-tests --test schema_openapi -- --ignored` and `xtask schemas`.
# For the table of built-in kinds, start the server once with --runtime-config=api/all=true (--openapi DIR)
# and once without (--defaults DIR).
set -euo pipefail
(($# == 2)) || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
config=$1 out=$2
mkdir -p "$out"
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; chmod 700 "$work"

field() { sed -n "s/^ *$1: *//p" "$config" | head -n1; }
server=$(field server)
for name in certificate-authority client-certificate client-key; do
  field "$name-data" | base64 -d >"$work/$name"
done
get() { # PATH FILE [CURL OPTIONS]
  curl -sS --fail-with-body --cacert "$work/certificate-authority" --cert "$work/client-certificate" \
    --key "$work/client-key" "$server$1" -o "$out/$2" "${@:3}"
}

get /version version.json
get /openapi/v3 index.json
discovery='Accept: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
get /api discovery_core.json -H "$discovery"
get /apis discovery_apis.json -H "$discovery"
grep -oE '"(api/v[^"/]*|apis/[^"/]+/v[^"/]*)"' "$out/index.json" | tr -d '"' | sort -u | while read -r path; do
  get "/openapi/v3/$path" "${path//\//_}.json"
done
echo "$out: $(find "$out" -name 'api*_*.json' | wc -l) documents"
