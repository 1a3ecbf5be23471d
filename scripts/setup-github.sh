#!/usr/bin/env bash
# Prints the commands that make the repository of the issuer, its Pages and a deploy key with write access; APPLY=1 runs them.
# What exists already is said and left as it is. The private key is written to DEPLOY_KEY and put into the cluster by its last command.
# Needs: REPOSITORY (OWNER/NAME). Takes: DEPLOY_KEY (a file), BRANCH, KEY_TITLE.
# Usage: [APPLY=1] setup-github.sh
cd "$(dirname "$0")/.."
# shellcheck source=scripts/setup-common.sh
. scripts/setup-common.sh

tool gh "see https://cli.github.com"
tool ssh-keygen "Debian has it in openssh-client"
need REPOSITORY "the repository that serves the issuer, OWNER/NAME"
DEPLOY_KEY=${DEPLOY_KEY:-$HOME/.ssh/clustertrust-deploy-key}
BRANCH=${BRANCH:-main}
KEY_TITLE=${KEY_TITLE:-clustertrust}

if gh repo view "$REPOSITORY" >/dev/null 2>&1; then
  exists "repository $REPOSITORY"
else
  change gh repo create "$REPOSITORY" --public --add-readme --description "Issuer of a Kubernetes cluster"
fi

if gh api "repos/$REPOSITORY/pages" >/dev/null 2>&1; then
  exists "Pages of $REPOSITORY"
else
  change gh api --method POST "repos/$REPOSITORY/pages" -f "source[branch]=$BRANCH" -f "source[path]=/"
fi

if [ -f "$DEPLOY_KEY" ]; then
  exists "key $DEPLOY_KEY"
else
  change ssh-keygen -q -t ed25519 -N "" -C "$KEY_TITLE" -f "$DEPLOY_KEY"
fi

if gh repo deploy-key list --repo "$REPOSITORY" --json title --jq '.[].title' 2>/dev/null | grep -Fxq "$KEY_TITLE"; then
  exists "deploy key $KEY_TITLE"
else
  change gh repo deploy-key add "$DEPLOY_KEY.pub" --repo "$REPOSITORY" --title "$KEY_TITLE" --allow-write
fi

# Pages serves OWNER/OWNER.github.io at the root of its host, every other repository below its name.
host=$(printf '%s' "${REPOSITORY%%/*}" | tr '[:upper:]' '[:lower:]').github.io
name=${REPOSITORY#*/}
issuer=https://$host
[ "$(printf '%s' "$name" | tr '[:upper:]' '[:lower:]')" = "$host" ] || issuer=$issuer/$name
printf '# for oidc.env:\nOIDC_ISSUER=%s\nOIDC_REPOSITORY=git@github.com:%s.git\n' "$issuer" "$REPOSITORY"
printf '# in the cluster:\n# kubectl create secret generic oidc-deploy-key -n clustertrust --type kubernetes.io/ssh-auth --from-file=ssh-privatekey=%q\n' "$DEPLOY_KEY"
finish
