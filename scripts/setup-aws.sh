#!/usr/bin/env bash
# Prints the commands that create an OIDC provider for the issuer in an AWS account, and a role that one ServiceAccount may assume; APPLY=1 runs them.
# What already exists is reported and not changed. The role's ARN is written to the folder that configure.sh created.
# Requires PARAMETERS: what the role may read and write in SSM Parameter Store and Secrets Manager. Optional: ISSUER, ROLE_NAME, SUBJECT.
# Usage: [APPLY=1] setup-aws.sh
cd "$(dirname "$0")/.."
# shellcheck source=scripts/setup-common.sh
. scripts/setup-common.sh

tool aws "see https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"
ROLE_NAME=${ROLE_NAME:-clustertrust-external-secrets}
SUBJECT=${SUBJECT:-system:serviceaccount:external-secrets:aws}
take PARAMETERS ROLE_NAME SUBJECT ${AWS_REGION:+AWS_REGION}
issuer
AUDIENCE=sts.amazonaws.com

show_trust aws

account=$(aws sts get-caller-identity --query Account --output text) || { echo "$script: aws is not signed in: run 'aws sso login' or 'aws configure'" >&2; exit 2; }
[[ $account =~ ^[0-9]{12}$ ]] || { echo "$script: aws returned the account id '$account', which is invalid: it must have 12 digits" >&2; exit 2; }
echo "# account: $account"
host=${ISSUER#https://}
provider=arn:aws:iam::$account:oidc-provider/$host

if there NoSuchEntity aws iam get-open-id-connect-provider --open-id-connect-provider-arn "$provider"; then
  exists "OIDC provider $host"
else
  change aws iam create-open-id-connect-provider --url "$ISSUER" --client-id-list "$AUDIENCE"
fi

trust=$(printf '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"%s"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"%s:aud":"%s","%s:sub":"%s"}}}]}' \
  "$provider" "$host" "$AUDIENCE" "$host" "$SUBJECT")
if there NoSuchEntity aws iam get-role --role-name "$ROLE_NAME"; then
  exists "role $ROLE_NAME, whose trust was not compared with this issuer: for another cluster, set another ROLE_NAME"
else
  change aws iam create-role --role-name "$ROLE_NAME" --assume-role-policy-document "$trust"
fi

# The ARNs of what PARAMETERS names. Names of parameters begin with '/', which their ARNs omit; names of secrets may, and their ARNs keep it,
# and end in '-' and six random characters.
IFS=, read -ra paths <<<"$PARAMETERS"
arns() {
  local path list=''
  for path in "${paths[@]}"; do
    case $path in *'*') list+=",\"$1$path\"" ;; *) list+=",\"$1$path${2:-}\"" ;; esac
  done
  printf '%s' "${list#,}"
}
parameters=$(arns "arn:aws:ssm:*:$account:parameter/")
secrets=$(arns "arn:aws:secretsmanager:*:$account:secret:" '-??????'),$(arns "arn:aws:secretsmanager:*:$account:secret:/" '-??????')
policy=$(printf '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ssm:GetParameter","ssm:GetParameters","ssm:GetParametersByPath","ssm:PutParameter","ssm:DeleteParameter","ssm:AddTagsToResource","ssm:ListTagsForResource"],"Resource":[%s]},{"Effect":"Allow","Action":["secretsmanager:GetSecretValue","secretsmanager:DescribeSecret","secretsmanager:CreateSecret","secretsmanager:PutSecretValue","secretsmanager:DeleteSecret","secretsmanager:TagResource"],"Resource":[%s]}]}' \
  "$parameters" "$secrets")
if there NoSuchEntity aws iam get-role-policy --role-name "$ROLE_NAME" --policy-name clustertrust; then
  exists "policy clustertrust of the role $ROLE_NAME, which was not compared with PARAMETERS"
else
  change aws iam put-role-policy --role-name "$ROLE_NAME" --policy-name clustertrust --policy-document "$policy"
fi

AWS_ROLE_ARN=arn:aws:iam::$account:role/$ROLE_NAME
echo "# AWS_ROLE_ARN=$AWS_ROLE_ARN"
save AWS_ROLE_ARN ${AWS_REGION:+AWS_REGION}
finish
