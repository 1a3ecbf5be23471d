#!/usr/bin/env bash
# Prints the commands that create the issuer's repository, its Pages site, a rule that protects its branch from force-pushes and deletion,
# and a deploy key with write access; APPLY=1 runs them. What already exists is reported and not changed.
# Requires OWNER and REPOSITORY, from the folder that configure.sh created or as variables. Optional: DEPLOY_KEY (a file), BRANCH (by default the repository's default branch), KEY_TITLE.
# Usage: [APPLY=1] setup-github.sh
cd "$(dirname "$0")/.."
# shellcheck source=scripts/setup-common.sh
. scripts/setup-common.sh

tool gh "see https://cli.github.com"
tool ssh-keygen "Debian has it in openssh-client"
take OWNER REPOSITORY ${BRANCH:+BRANCH}
repository=$OWNER/$REPOSITORY
DEPLOY_KEY=${DEPLOY_KEY:-$FOLDER/deploy-key}
KEY_TITLE=${KEY_TITLE:-clustertrust}

made=1
if there '(HTTP 404)' gh api "repos/$repository"; then
  exists "repository $repository"
else
  change gh repo create "$repository" --public --add-readme --description "Issuer of a Kubernetes cluster"
  made=$APPLY
fi

# Prints what a query of the repository returns; nothing if the repository's creation was only printed.
list() {
  if [ "$made" = 1 ]; then gh "$@"; fi
}

# The branch that oidc publishes by default; its name depends on the account's settings.
[ -n "${BRANCH:-}" ] || BRANCH=$(list api "repos/$repository" --jq .default_branch)
BRANCH=${BRANCH:-main}

if [ "$made" = 1 ] && there '(HTTP 404)' gh api "repos/$repository/pages"; then
  exists "Pages of $repository"
else
  change gh api --method POST "repos/$repository/pages" -f "source[branch]=$BRANCH" -f "source[path]=/"
fi

# A force-push of an earlier commit would restore a key that was removed as compromised, and without the branch the issuer is not served.
# Nobody may bypass the rule. An owner can disable it, which the audit log records.
names=$(list api "repos/$repository/rulesets" --jq '.[].name')
if grep -Fxq clustertrust <<<"$names"; then
  exists "ruleset clustertrust"
else
  change gh api --method POST "repos/$repository/rulesets" -f name=clustertrust -f target=branch -f enforcement=active \
    -f "conditions[ref_name][include][]=refs/heads/$BRANCH" -f 'conditions[ref_name][exclude][]' \
    -f 'rules[][type]=deletion' -f 'rules[][type]=non_fast_forward'
fi

if [ "${OVERLAY:-}" != github-app ]; then
  if [ -f "$DEPLOY_KEY" ]; then
    exists "key $DEPLOY_KEY"
  else
    [ "$APPLY" != 1 ] || mkdir -p "$(dirname "$DEPLOY_KEY")"
    change ssh-keygen -q -t ed25519 -N "" -C "$KEY_TITLE" -f "$DEPLOY_KEY"
  fi

  # By the key and not by its title, which the key of another clone may have.
  keys=$(list repo deploy-key list --repo "$repository" --json key,readOnly --jq '.[] | select(.readOnly | not) | .key')
  if [ -f "$DEPLOY_KEY.pub" ] && awk 'NR == FNR { key[$1 " " $2]; next } $1 " " $2 in key { found = 1 } END { exit !found }' "$DEPLOY_KEY.pub" - <<<"$keys"; then
    exists "deploy key $DEPLOY_KEY.pub"
  else
    change gh repo deploy-key add "$DEPLOY_KEY.pub" --repo "$repository" --title "$KEY_TITLE" --allow-write
  fi
fi

issuer
echo "# the issuer: $ISSUER"
finish
