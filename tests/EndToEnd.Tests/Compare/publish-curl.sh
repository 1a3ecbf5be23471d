#!/bin/sh
# The CronJob that most people write, with curl.
set -e
git clone -q "$REPOSITORY" site
cd site
mkdir -p .well-known openid/v1
TOKEN=$(cat "$TOKEN_FILE")
curl -s --cacert "$CA_FILE" -H "Authorization: Bearer $TOKEN" "$API_SERVER/.well-known/openid-configuration" > .well-known/openid-configuration
curl -s --cacert "$CA_FILE" -H "Authorization: Bearer $TOKEN" "$API_SERVER/openid/v1/jwks" > openid/v1/jwks
touch .nojekyll
git add -A
git commit -q -m "Update OIDC documents" || exit 0
git push -q origin main
