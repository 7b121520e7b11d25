// The app with public endpoints, as the parameters file has it.
using '../../../infra/main.bicep'

param environmentName = 'check'
param location = 'westeurope'
param registryWebhookSecret = 'a-secret-of-this-snapshot-only'
param dnsZoneMap = {}
param registries = []
param deployedAt = '2026-11-28T00:00:00Z'
