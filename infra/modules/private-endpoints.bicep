// The storage account inside a virtual network: an endpoint a service, and the names that lead there.

import { networkType } from 'types.bicep'

param location string
param token string
param tags object
param storageAccountName string
param network networkType

var services = ['blob', 'queue', 'table']
var virtualNetworkId = join(take(split(network.endpointSubnetId, '/'), 9), '/')
var createsZones = network.?zoneIds == null

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageAccountName
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for service in services: if (createsZones) {
    name: 'privatelink.${service}.${environment().suffixes.storage}'
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (service, i) in services: if (createsZones) {
    parent: zones[i]
    name: 'evenkeel-${token}'
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: {
        id: virtualNetworkId
      }
    }
  }
]

resource endpoints 'Microsoft.Network/privateEndpoints@2025-05-01' = [
  for service in services: {
    name: 'pep-evenkeel-${service}-${token}'
    location: location
    tags: tags
    properties: {
      subnet: {
        id: network.endpointSubnetId
      }
      privateLinkServiceConnections: [
        {
          name: service
          properties: {
            privateLinkServiceId: account.id
            groupIds: [service]
          }
        }
      ]
    }
  }
]

resource zoneGroups 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01' = [
  for (service, i) in services: {
    parent: endpoints[i]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: service
          properties: {
            privateDnsZoneId: createsZones ? zones[i].id : network.zoneIds![service]
          }
        }
      ]
    }
  }
]
