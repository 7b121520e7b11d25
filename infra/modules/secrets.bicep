// One secret, what registries' webhooks prove themselves with. It is in a vault because two deployments need it, the
// app's and the webhooks', and neither may write it into its outputs.

import { builtInRoles } from 'built-in-roles.bicep'

@export()
var webhookSecretName = 'registry-webhook-secret'

param location string
param vaultName string
param tags object
param identityName string

@secure()
param registryWebhookSecret string

// By name rather than by output: a preview shows only what it can name before anything is deployed.
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {
  name: vaultName
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
    name: webhookSecretName
    properties: {
      value: registryWebhookSecret
      contentType: 'text/plain'
    }
  }
}

resource appAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault::secret.id, identity.id, builtInRoles.keyVaultSecretsUser)
  scope: vault::secret
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      builtInRoles.keyVaultSecretsUser
    )
  }
}
