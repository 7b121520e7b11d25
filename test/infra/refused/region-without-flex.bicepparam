// Expected a value of type
// There is no such region, or none with the Flex Consumption plan.
using '../../../infra/main.bicep'

param environmentName = 'check'
param location = 'marsnorth'
param registryWebhookSecret = 'a-secret-of-this-snapshot-only'
param dnsZoneMap = {}
param registries = []
param deployedAt = '2026-11-28T00:00:00Z'
