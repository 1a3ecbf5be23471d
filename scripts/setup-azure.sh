#!/usr/bin/env bash
# Prints the commands that create a Key Vault, a managed identity, its role on the vault and its federated credential; APPLY=1 runs them.
# For the overlay push, the role is on a Storage queue, and Event Grid puts a message into it for every new version in the vault.
# What already exists is reported and not changed. The identity's ids are written to the folder that configure.sh created.
# Requires RESOURCE_GROUP and VAULT, and for push STORAGE_ACCOUNT, from that folder or as variables. Optional: ISSUER, LOCATION, IDENTITY, SUBJECT, ROLE.
# Usage: [APPLY=1] setup-azure.sh
cd "$(dirname "$0")/.."
# shellcheck source=scripts/setup-common.sh
. scripts/setup-common.sh

tool az "see https://learn.microsoft.com/cli/azure/install-azure-cli"
# Where the overlay csi is unless configure.sh moved it.
case ${NAMESPACE:-clustertrust} in clustertrust) demo=csi-demo ;; *) demo=$NAMESPACE ;; esac
case ${OVERLAY:-} in
  csi) defaults=(clustertrust-csi "system:serviceaccount:$demo:${NAME_PREFIX:-}csi-reader" 'Key Vault Secrets User') ;;
  push) defaults=(clustertrust-keda system:serviceaccount:keda:keda-operator 'Storage Queue Data Reader') ;;
  secrets) defaults=(clustertrust-external-secrets system:serviceaccount:external-secrets:azure-key-vault 'Key Vault Secrets Officer') ;;
  issuer) defaults=('' '' '') ;;
  *) defaults=(clustertrust-certsync "system:serviceaccount:${NAMESPACE:-clustertrust}:${NAME_PREFIX:-}certsync" 'Key Vault Certificates Officer') ;;
esac
given=${IDENTITY:-} IDENTITY=${IDENTITY:-${defaults[0]}} SUBJECT=${SUBJECT:-${defaults[1]}} ROLE=${ROLE:-${defaults[2]}}
LOCATION=${LOCATION:-westeurope}
take RESOURCE_GROUP VAULT LOCATION IDENTITY SUBJECT ROLE
[ "${OVERLAY:-}" != push ] || take STORAGE_ACCOUNT
issuer
account=$(az account show --query '[tenantId,id,name]' --output tsv) || { echo "$script: az is not signed in, or no subscription is selected: run 'az login'" >&2; exit 2; }
IFS=$'\t\n' read -r -d '' AZURE_TENANT_ID subscription subscription_name <<<"$account" || true
echo "# subscription: $subscription_name ($subscription)"

# The name that 'oidc trust' gives it: a readable prefix, and a hash of issuer and subject, which makes it unique.
sha256() {
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi
}
credential=$(printf '%s' "${SUBJECT#system:serviceaccount:}" | tr ':.' '--' | cut -c1-103 | sed 's/-*$//')-$(printf '%s\n%s' "$ISSUER" "$SUBJECT" | sha256 | cut -c1-16)

# Prints the result of a query; nothing if the object does not exist, for which az has the exit code 3. Any other failure ends the script
# with az's message.
ask() {
  local errors status=0
  { errors=$(az "$@" --output tsv 2>&1 >&3) || status=$?; } 3>&1
  case $status in 0 | 3) ;; *) printf '%s\n' "$errors" >&2; exit 1 ;; esac
}

# As 'ask', for what was created just before, unless its creation was only printed.
created() {
  if [ "$APPLY" = 1 ]; then ask "$@"; fi
}

# Creates a Storage queue, and the Event Grid subscription that adds a message for every new version. Nothing deletes messages: they expire.
push_queue() {
  local account there=''
  scope='' scope_name=key-vault-new-versions
  account=$(ask storage account show --resource-group "$RESOURCE_GROUP" --name "$STORAGE_ACCOUNT" --query id)
  if [ -n "$account" ]; then
    exists "storage account $STORAGE_ACCOUNT"
    there=$(ask storage queue exists --account-name "$STORAGE_ACCOUNT" --name "$scope_name" --auth-mode key --query exists)
  else
    change az storage account create --resource-group "$RESOURCE_GROUP" --name "$STORAGE_ACCOUNT" --location "$LOCATION" --sku Standard_LRS \
      --min-tls-version TLS1_2 --allow-blob-public-access false --output none
    account=$(created storage account show --resource-group "$RESOURCE_GROUP" --name "$STORAGE_ACCOUNT" --query id)
  fi

  if [ "$there" = true ]; then
    exists "queue $scope_name"
  else
    change az storage queue create --account-name "$STORAGE_ACCOUNT" --name "$scope_name" --auth-mode key --output none
  fi
  [ -z "$account" ] || scope=$account/queueServices/default/queues/$scope_name

  there=''
  [ -z "$vault_id" ] || there=$(ask eventgrid event-subscription show --name clustertrust-push --source-resource-id "$vault_id" --query id)
  if [ -n "$there" ]; then
    exists "event subscription clustertrust-push"
  else
    change az eventgrid event-subscription create --name clustertrust-push --source-resource-id "${vault_id:-VAULT_ID}" --endpoint-type storagequeue \
      --endpoint "${scope:-QUEUE_ID}" --storage-queue-msg-ttl 120 \
      --included-event-types Microsoft.KeyVault.CertificateNewVersionCreated Microsoft.KeyVault.SecretNewVersionCreated --output none
  fi
}

show_trust azure

identity=(identity show --resource-group "$RESOURCE_GROUP" --name "$IDENTITY" --query)
trusts=(identity federated-credential list --resource-group "$RESOURCE_GROUP" --identity-name "$IDENTITY" --query)
trust='' principal=''
group=$(ask group exists --name "$RESOURCE_GROUP")
[ "$group" != true ] || principal=$(ask "${identity[@]}" principalId)
if [ -n "$principal" ]; then
  trust=$(ask "${trusts[@]}" "[?issuer=='$ISSUER' && subject=='$SUBJECT'].name")
  if [ -z "$trust$given" ]; then
    other=$(ask "${trusts[@]}" "[?issuer!='$ISSUER'].issuer")
    [ -z "$other" ] || { echo "$script: another cluster (${other%%$'\n'*}) uses the identity $IDENTITY and would have access to $VAULT: set IDENTITY to a name for this cluster, or to $IDENTITY to share it" >&2; exit 2; }
  fi
fi

if [ "$group" = true ]; then
  exists "resource group $RESOURCE_GROUP"
else
  change az group create --name "$RESOURCE_GROUP" --location "$LOCATION" --output none
fi

# In any resource group of the subscription. Without a group, 'keyvault show' reports a missing vault like any other failure,
# and without a type, 'keyvault list' reports a failure like an empty list.
vault_id=$(ask keyvault show --resource-group "$RESOURCE_GROUP" --name "$VAULT" --query id)
[ -n "$vault_id" ] || vault_id=$(ask keyvault list --resource-type vault --query "[?name=='$VAULT'].id")
if [ -n "$vault_id" ]; then
  exists "vault $VAULT"
else
  change az keyvault create --name "$VAULT" --resource-group "$RESOURCE_GROUP" --location "$LOCATION" --enable-rbac-authorization true --output none
  vault_id=$(created keyvault show --resource-group "$RESOURCE_GROUP" --name "$VAULT" --query id)
fi

if [ -n "$principal" ]; then
  exists "identity $IDENTITY"
else
  change az identity create --resource-group "$RESOURCE_GROUP" --name "$IDENTITY" --location "$LOCATION" --output none
  principal=$(created "${identity[@]}" principalId)
fi

# The role's scope: the vault, or the queue.
scope=$vault_id scope_name=$VAULT
[ "${OVERLAY:-}" != push ] || push_queue

# By the principal of each assignment: '--assignee' fails for an identity that the directory does not list yet.
found=''
if [ -n "$principal" ] && [ -n "$scope" ]; then found=$(ask role assignment list --role "$ROLE" --scope "$scope" --query "[?principalId=='$principal'].id"); fi
if [ -n "$found" ]; then
  exists "role $ROLE on $scope_name"
else
  change az role assignment create --role "$ROLE" --assignee-object-id "${principal:-PRINCIPAL_ID}" --assignee-principal-type ServicePrincipal \
    --scope "${scope:-SCOPE_ID}" --output none
fi

if [ -n "$trust" ]; then
  exists "federated credential $trust"
else
  change az identity federated-credential create --resource-group "$RESOURCE_GROUP" --identity-name "$IDENTITY" --name "$credential" \
    --issuer "$ISSUER" --subject "$SUBJECT" --audiences api://AzureADTokenExchange --output none
fi

[ -z "$principal" ] || AZURE_CLIENT_ID=$(ask "${identity[@]}" clientId)
if [ -n "${AZURE_CLIENT_ID:-}" ]; then
  take AZURE_CLIENT_ID AZURE_TENANT_ID
  printf '# AZURE_CLIENT_ID=%s\n# AZURE_TENANT_ID=%s\n' "$AZURE_CLIENT_ID" "$AZURE_TENANT_ID"
  # The vault too, if the folder has none yet.
  if [ -n "${recorded[VAULT]:-}" ]; then save AZURE_CLIENT_ID AZURE_TENANT_ID; else save VAULT AZURE_CLIENT_ID AZURE_TENANT_ID; fi
fi

finish
