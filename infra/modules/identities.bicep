// Two identities, so that Event Grid gets nothing but the right to write dead letters. Both are user-assigned: what
// they may do outlives the app, and is there before it starts.

param location string
param appName string
param eventsName string
param tags object

resource app 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: appName
  location: location
  tags: tags
}

resource events 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: eventsName
  location: location
  tags: tags
}

output appPrincipalId string = app.properties.principalId
output eventsId string = events.id
