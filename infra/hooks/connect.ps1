# Runs after the code is deployed; see ../connect.bicep.
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
Set-Location (Join-Path $PSScriptRoot '..')

# Azure Resource Manager learns of new functions a little after they are there.
foreach ($name in 'reconcileDns', 'trackIpDrift', 'receiveRegistryEvent', 'receiveRegistryWebhook') {
  az resource wait --exists --ids "$env:EVENKEEL_FUNCTION_APP_ID/functions/$name" `
    --api-version 2024-11-01 --interval 10 --timeout 600
}

az deployment sub create --output none `
  --subscription $env:AZURE_SUBSCRIPTION_ID `
  --location $env:AZURE_LOCATION `
  --name "evenkeel-connect-$env:AZURE_ENV_NAME" `
  --parameters connect.bicepparam
