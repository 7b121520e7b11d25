// Everything here comes from what the deployment of main.bicep has put out, so that it is given once. azd hands it to
// the hooks of azure.yaml as environment variables; docs/deploy.md says how to run this by hand.
using 'connect.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param appResourceGroup = readEnvironmentVariable('AZURE_RESOURCE_GROUP')
param functionAppName = readEnvironmentVariable('EVENKEEL_FUNCTION_APP_NAME')
param appUrl = readEnvironmentVariable('EVENKEEL_APP')
param principalId = readEnvironmentVariable('EVENKEEL_PRINCIPAL_ID')
param signalTopicName = readEnvironmentVariable('EVENKEEL_SIGNAL_TOPIC_NAME')
param vaultName = readEnvironmentVariable('EVENKEEL_VAULT_NAME')
param delivery = {
  functionAppId: readEnvironmentVariable('EVENKEEL_FUNCTION_APP_ID')
  storageAccountId: readEnvironmentVariable('EVENKEEL_STORAGE_ACCOUNT_ID')
  deadLetterContainer: readEnvironmentVariable('EVENKEEL_DEAD_LETTER_CONTAINER')
  identityId: readEnvironmentVariable('EVENKEEL_EVENTS_IDENTITY_ID')
}
param dnsZoneMap = json(readEnvironmentVariable('EVENKEEL_DNS_ZONE_MAP'))
param registries = json(readEnvironmentVariable('EVENKEEL_REGISTRIES'))
param replicaRegions = json(readEnvironmentVariable('EVENKEEL_REPLICA_REGIONS'))
param routingMode = readEnvironmentVariable('EVENKEEL_ROUTING_MODE')
param systemTopics = json(readEnvironmentVariable('EVENKEEL_SYSTEM_TOPICS', '{}'))
