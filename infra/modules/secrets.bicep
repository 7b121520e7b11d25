// One secret, what registries' webhooks prove themselves with. It is in a vault because two deployments need it, the
// app's and the webhooks', and neither may write it into its outputs.

import { builtInRoles } from 'built-in-roles.bicep'

param location string
param token string
param tags object
param appPrincipalId string

@secure()
param registryWebhookSecret string

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: 'kv-evk-${token}'
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 7
    // The deployment that creates the webhooks reads the secret.
    enabledForTemplateDeployment: true
  }

  resource secret 'secrets' = {
    name: 'registry-webhook-secret'
    properties: {
      value: registryWebhookSecret
      contentType: 'text/plain'
    }
  }
}

resource appAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault::secret.id, appPrincipalId, builtInRoles.keyVaultSecretsUser)
  scope: vault::secret
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      builtInRoles.keyVaultSecretsUser
    )
  }
}

output vaultName string = vault.name

@description('What stands for the secret in app settings. Without a version, so that a new one is taken up.')
output vaultReference string = '@Microsoft.KeyVault(VaultName=${vault.name};SecretName=${vault::secret.name})'
