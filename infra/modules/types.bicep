// What is given once, as parameters, and becomes app settings, roles, subscriptions and webhooks.

@export()
@description('''
The app setting DNS_ZONE_MAP: which container groups' records go to which zones. A key is a resource group of the
subscription that is deployed to, or subscriptionId/resourceGroup.
''')
type zoneMapType = {
  *: spokeType
}

@export()
@sealed()
type spokeType = {
  @description('Takes the A records.')
  @minLength(3)
  forwardZone: string

  @description('Take the PTR records; the longest that covers an address wins. Without any there are A records only.')
  reverseZones: string[]?

  @description('Subscription of the zones; the container groups\' own without it.')
  zoneSubscriptionId: string?

  @description('Resource group of the zones; the container groups\' own without it.')
  zoneResourceGroup: string?

  @description('Seconds; 60 without it.')
  @minValue(1)
  @maxValue(2147483647)
  ttl: int?

  @description('In place of the setting DNS_POLICY, for this spoke.')
  policy: ('sync' | 'upsert-only' | 'observe')?

  @description('Name of the container group tag whose value is the host name; the group\'s name without it.')
  @minLength(1)
  hostNameTag: string?
}

@export()
@description('The app setting REGISTRIES.')
type registriesType = registryType[]

@export()
@sealed()
type registryType = {
  @description('ARM id of the registry.')
  @minLength(60)
  id: string

  @description('The replicas that must hold an image before it counts as replicated, as an array of regions; \'all\' of them without it.')
  // A type of Bicep cannot be a text or an array, so the app is who refuses others.
  #disable-next-line no-explicit-any
  regions: any?

  @description('ISO 8601 duration within which an image should be everywhere; PT10M without it.')
  replicationSlo: string?

  @description('Whether the regional endpoints are probed; they are without it. \'pull\' also pulls from each of them.')
  // A type of Bicep cannot be a boolean or a text, so the app is who refuses others.
  #disable-next-line no-explicit-any
  probe: any?

  @description('What is pulled, as repository:tag or repository@digest; without it the newest image that is known to be everywhere.')
  @minLength(3)
  probeImage: string?

  @description('Custom host names of the registry, beside its login server.')
  hosts: string[]?

  @description('So many other replicas stay routed before one is switched off; 2 without it.')
  @minValue(1)
  @maxValue(100)
  minimumRoutable: int?

  @description('Base URLs of regional endpoints, by region, where they differ from what the login server implies.')
  endpoints: {
    *: string
  }?

  @description('Regions that are to be out of global routing, for good or for a time.')
  policy: policyRuleType[]?

  review: {
    @description('A flag is raised after so many bad reviews of the last so many, such as 3/5.')
    raise: string?

    @description('It is cleared after so many good ones in a row.')
    clear: int?
  }?
}

@discriminator('routing')
type policyRuleType = neverRoutedType | offForATimeType

@sealed()
type neverRoutedType = {
  region: string
  routing: 'never'
}

@sealed()
type offForATimeType = {
  region: string
  routing: 'off'

  @description('ISO 8601 with its zone, as is to.')
  from: string
  to: string
}

@export()
@description('App settings that keep the app\'s own defaults unless they are given.')
@sealed()
type settingsType = {
  AUDIT_SCHEDULE: string?
  DNS_FOREIGN_RECORDS: ('overwrite' | 'refuse')?
  DNS_POLICY: ('sync' | 'upsert-only' | 'observe')?
  LEDGER_RETENTION: string?
  MCP_TOOLS: ('off' | 'on')?
  OTEL_EXPORTER_OTLP_ENDPOINT: string?
  REVIEW_CLEAR: string?
  REVIEW_RAISE: string?
  REVIEW_SCHEDULE: string?
  ROUTING_CHANGES_PER_HOUR: string?
  ROUTING_CONTEST_LIMIT: string?
  ROUTING_HOLD_DOWN: string?
  ROUTING_MODE: ('flag' | 'enforce')?
  ROUTING_REENABLE: ('true' | 'false')?
}

@export()
@description('Where the app stands in a virtual network. Without it, everything is reached over public endpoints.')
@sealed()
type networkType = {
  @description('Subnet for the app, delegated to Microsoft.App/environments and used by nothing else.')
  appSubnetId: string

  @description('Subnet for the private endpoints of the storage account.')
  endpointSubnetId: string

  @description('The privatelink zones of blob, queue and table, where there are some already; created and linked without it.')
  zoneIds: {
    blob: string
    queue: string
    table: string
  }?
}

@export()
@description('What an Event Grid subscription delivers to which function.')
@sealed()
type subscriptionType = {
  name: string
  functionName: string
  eventTypes: string[]

  @description('Operations of Resource Manager; every one without it.')
  operationNames: string[]?

  @description('How often, and for how many minutes, an event is tried.')
  maxDeliveryAttempts: int
  timeToLiveMinutes: int
}

@export()
@description('Where an Event Grid subscription delivers, and where what cannot be delivered goes.')
@sealed()
type deliveryType = {
  functionAppId: string
  storageAccountId: string
  deadLetterContainer: string

  @description('User-assigned identity that may write to the container.')
  identityId: string
}
