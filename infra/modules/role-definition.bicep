// A custom role, defined in the subscription in which it is assigned, and assignable in that one only.
targetScope = 'subscription'

param name string
param displayName string
param roleDescription string
param actions string[]
param dataActions string[]

resource definition 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: name
  properties: {
    roleName: displayName
    description: roleDescription
    type: 'CustomRole'
    assignableScopes: [subscription().id]
    permissions: [
      {
        actions: actions
        dataActions: dataActions
      }
    ]
  }
}

output id string = definition.id
