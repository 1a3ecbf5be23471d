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
case ${OVERLAY:-} in
  csi) defaults=(clustertrust-csi system:serviceaccount:csi-demo:csi-reader 'Key Vault Secrets User') ;;
  push) defaults=(clustertrust-keda system:serviceaccount:keda:keda-operator 'Storage Queue Data Reader') ;;
  secrets) defaults=(clustertrust-external-secrets system:serviceaccount:external-secrets:azure-key-vault 'Key Vault Secrets Officer') ;;
  *) defaults=(clustertrust-certsync "system:serviceaccount:${NAMESPACE:-clustertrust}:${NAME_PREFIX:-}certsync" 'Key Vault Certificates Officer') ;;
esac
IDENTITY=${IDENTITY:-${defaults[0]}} SUBJECT=${SUBJECT:-${defaults[1]}} ROLE=${ROLE:-${defaults[2]}}
LOCATION=${LOCATION:-westeurope}
take RESOURCE_GROUP VAULT LOCATION IDENTITY SUBJECT ROLE
[ "${OVERLAY:-}" != push ] || take STORAGE_ACCOUNT
issuer
AZURE_TENANT_ID=$(az account show --query tenantId --output tsv) || { echo "$script: az is not signed in, or no subscription is selected: run 'az login'" >&2; exit 2; }

# The name that 'oidc trust' gives it: a readable prefix, and a hash of issuer and subject, which makes it unique.
sha256() {
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi
}
credential=$(printf '%s' "${SUBJECT#system:serviceaccount:}" | tr ':.' '--' | cut -c1-103 | sed 's/-*$//')-$(printf '%s\n%s' "$ISSUER" "$SUBJECT" | sha256 | cut -c1-16)

# Prints the result of a query; nothing if the object does not exist.
ask() {
  az "$@" --output tsv 2>/dev/null || true
}

# Creates a Storage queue, and the Event Grid subscription that adds a message for every new version. Nothing deletes messages: they expire.
push_queue() {
  local account
  scope='' scope_name=key-vault-new-versions
  account=$(ask storage account show --resource-group "$RESOURCE_GROUP" --name "$STORAGE_ACCOUNT" --query id)
  if [ -n "$account" ]; then
    exists "storage account $STORAGE_ACCOUNT"
  else
    change az storage account create --resource-group "$RESOURCE_GROUP" --name "$STORAGE_ACCOUNT" --location "$LOCATION" --sku Standard_LRS \
      --min-tls-version TLS1_2 --allow-blob-public-access false --output none
    account=$(ask storage account show --resource-group "$RESOURCE_GROUP" --name "$STORAGE_ACCOUNT" --query id)
  fi

  if [ -n "$account" ] && [ "$(ask storage queue exists --account-name "$STORAGE_ACCOUNT" --name "$scope_name" --auth-mode key --query exists)" = true ]; then
    exists "queue $scope_name"
  else
    change az storage queue create --account-name "$STORAGE_ACCOUNT" --name "$scope_name" --auth-mode key --output none
  fi
  [ -z "$account" ] || scope=$account/queueServices/default/queues/$scope_name

  if [ -n "$vault_id" ] && [ -n "$(ask eventgrid event-subscription show --name clustertrust-push --source-resource-id "$vault_id" --query id)" ]; then
    exists "event subscription clustertrust-push"
  else
    change az eventgrid event-subscription create --name clustertrust-push --source-resource-id "${vault_id:-VAULT_ID}" --endpoint-type storagequeue \
      --endpoint "${scope:-QUEUE_ID}" --storage-queue-msg-ttl 120 \
      --included-event-types Microsoft.KeyVault.CertificateNewVersionCreated Microsoft.KeyVault.SecretNewVersionCreated --output none
  fi
}

show_trust azure

if [ "$(ask group exists --name "$RESOURCE_GROUP")" = true ]; then
  exists "resource group $RESOURCE_GROUP"
else
  change az group create --name "$RESOURCE_GROUP" --location "$LOCATION" --output none
fi

vault_id=$(ask keyvault show --name "$VAULT" --query id)
if [ -n "$vault_id" ]; then
  exists "vault $VAULT"
else
  change az keyvault create --name "$VAULT" --resource-group "$RESOURCE_GROUP" --location "$LOCATION" --enable-rbac-authorization true --output none
  vault_id=$(ask keyvault show --name "$VAULT" --query id)
fi

principal=$(ask identity show --resource-group "$RESOURCE_GROUP" --name "$IDENTITY" --query principalId)
if [ -n "$principal" ]; then
  exists "identity $IDENTITY"
else
  change az identity create --resource-group "$RESOURCE_GROUP" --name "$IDENTITY" --location "$LOCATION" --output none
  principal=$(ask identity show --resource-group "$RESOURCE_GROUP" --name "$IDENTITY" --query principalId)
fi

# The role's scope: the vault, or the queue.
scope=$vault_id scope_name=$VAULT
[ "${OVERLAY:-}" != push ] || push_queue

if [ -n "$principal" ] && [ -n "$scope" ] \
  && [ "$(ask role assignment list --assignee "$principal" --role "$ROLE" --scope "$scope" --query 'length(@)')" = 1 ]; then
  exists "role $ROLE on $scope_name"
else
  change az role assignment create --role "$ROLE" --assignee-object-id "${principal:-PRINCIPAL_ID}" --assignee-principal-type ServicePrincipal \
    --scope "${scope:-SCOPE_ID}" --output none
fi

trusted=$(ask identity federated-credential list --resource-group "$RESOURCE_GROUP" --identity-name "$IDENTITY" \
  --query "[?issuer=='$ISSUER' && subject=='$SUBJECT'].name")
if [ -n "$trusted" ]; then
  exists "federated credential $trusted"
else
  change az identity federated-credential create --resource-group "$RESOURCE_GROUP" --identity-name "$IDENTITY" --name "$credential" \
    --issuer "$ISSUER" --subject "$SUBJECT" --audiences api://AzureADTokenExchange --output none
fi

AZURE_CLIENT_ID=$(ask identity show --resource-group "$RESOURCE_GROUP" --name "$IDENTITY" --query clientId)
if [ -n "$AZURE_CLIENT_ID" ]; then
  take AZURE_CLIENT_ID AZURE_TENANT_ID
  printf '# AZURE_CLIENT_ID=%s\n# AZURE_TENANT_ID=%s\n' "$AZURE_CLIENT_ID" "$AZURE_TENANT_ID"
  if [ -f "$FOLDER/kustomization.yaml" ]; then
    record AZURE_CLIENT_ID AZURE_TENANT_ID
    fill
    echo "# written to $FOLDER"
  fi
fi

finish
