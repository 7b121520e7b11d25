#!/bin/sh
# Runs after the code is deployed; see ../connect.bicep.
set -eu
cd "$(dirname "$0")/.."

# Azure Resource Manager learns of new functions a little after they are there.
for name in reconcileDns trackIpDrift receiveRegistryEvent receiveRegistryWebhook; do
  az resource wait --exists --ids "$EVENKEEL_FUNCTION_APP_ID/functions/$name" \
    --api-version 2024-11-01 --interval 10 --timeout 600
done

az deployment sub create --output none \
  --subscription "$AZURE_SUBSCRIPTION_ID" \
  --location "$AZURE_LOCATION" \
  --name "evenkeel-connect-$AZURE_ENV_NAME" \
  --parameters connect.bicepparam
