#!/usr/bin/env bash
# Prints the commands that make a Key Vault, a managed identity, its role on the vault and its federated credential; APPLY=1 runs them.
# What exists already is said and left as it is.
# Needs: RESOURCE_GROUP, VAULT. Takes: ISSUER, LOCATION, IDENTITY, SUBJECT, ROLE.
# Usage: [APPLY=1] setup-azure.sh
cd "$(dirname "$0")/.."
# shellcheck source=scripts/setup-common.sh
. scripts/setup-common.sh

tool az "see https://learn.microsoft.com/cli/azure/install-azure-cli"
need RESOURCE_GROUP "the resource group of vault and identity"
need VAULT "the Key Vault's name"
issuer
LOCATION=${LOCATION:-westeurope}
IDENTITY=${IDENTITY:-clustertrust-certsync}
SUBJECT=${SUBJECT:-system:serviceaccount:clustertrust:certsync}
ROLE=${ROLE:-Key Vault Certificates Officer}
credential=$(printf '%s' "${SUBJECT#system:serviceaccount:}-$ISSUER" | tr -c 'A-Za-z0-9' '-' | cut -c1-100 | sed 's/-*$//')

# What a query answers; nothing when there is no such thing.
ask() {
  az "$@" --output tsv 2>/dev/null || true
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

if [ -n "$principal" ] && [ -n "$vault_id" ] \
  && [ "$(ask role assignment list --assignee "$principal" --role "$ROLE" --scope "$vault_id" --query 'length(@)')" = 1 ]; then
  exists "role $ROLE on $VAULT"
else
  change az role assignment create --role "$ROLE" --assignee-object-id "${principal:-PRINCIPAL_ID}" --assignee-principal-type ServicePrincipal \
    --scope "${vault_id:-VAULT_ID}" --output none
fi

trusted=$(ask identity federated-credential list --resource-group "$RESOURCE_GROUP" --identity-name "$IDENTITY" \
  --query "[?issuer=='$ISSUER' && subject=='$SUBJECT'].name")
if [ -n "$trusted" ]; then
  exists "federated credential $trusted"
else
  change az identity federated-credential create --resource-group "$RESOURCE_GROUP" --identity-name "$IDENTITY" --name "$credential" \
    --issuer "$ISSUER" --subject "$SUBJECT" --audiences api://AzureADTokenExchange --output none
fi

client=$(ask identity show --resource-group "$RESOURCE_GROUP" --name "$IDENTITY" --query clientId)
if [ -n "$client" ]; then
  printf '# for certsync.env:\nCERTSYNC_VAULT=%s\nAZURE_CLIENT_ID=%s\nAZURE_TENANT_ID=%s\n' "$VAULT" "$client" "$(ask account show --query tenantId)"
fi

finish
