/**
 * The columns of the tables that are queried, as they are published, in Kusto's notation.
 *
 * - https://learn.microsoft.com/azure/azure-monitor/reference/tables/apptraces
 * - https://learn.microsoft.com/azure/azure-monitor/reference/tables/appmetrics
 * - https://learn.microsoft.com/azure/azure-monitor/reference/tables/azureactivity
 */
import { textOf } from './files.ts';

/** Columns that Application Insights gives to each of its tables. */
const telemetry = [
  ...['AppRoleInstance: string', 'AppRoleName: string', 'AppVersion: string', '_BilledSize: real'],
  ...['ClientBrowser: string', 'ClientCity: string', 'ClientCountryOrRegion: string', 'ClientIP: string'],
  ...['ClientModel: string', 'ClientOS: string', 'ClientStateOrProvince: string', 'ClientType: string'],
  ...[
    'IKey: string',
    '_IsBillable: string',
    'ItemCount: int',
    'OperationId: string',
    'OperationName: string',
  ],
  ...['ParentId: string', 'Properties: dynamic', 'ResourceGUID: string', '_ResourceId: string'],
  ...['SDKVersion: string', 'SessionId: string', 'SourceSystem: string', '_SubscriptionId: string'],
  ...['SyntheticSource: string', 'TenantId: string', 'TimeGenerated: datetime', 'Type: string'],
  ...['UserAccountId: string', 'UserAuthenticatedId: string', 'UserId: string'],
];

/** `EvenkeelDrift_CL` has the columns that the template gives it, and those that Log Analytics adds to each table. */
export const driftColumns = (template: string): string[] => [
  ...[...template.matchAll(/\{ name: '(\w+)', type: '(\w+)' \}/g)].map(
    ([, name, type]) => `${name}: ${type}`,
  ),
  ...['TenantId: string', 'Type: string', '_ResourceId: string', '_SubscriptionId: string'],
];

/** The columns of each table, by its name. */
export const tables = (): Readonly<Record<string, readonly string[]>> => ({
  AppTraces: [
    ...telemetry,
    ...['Measurements: dynamic', 'Message: string', 'ReferencedItemId: string', 'ReferencedType: string'],
    'SeverityLevel: int',
  ],
  AppMetrics: [...telemetry, 'Max: real', 'Min: real', 'Name: string', 'Sum: real'],
  EvenkeelDrift_CL: driftColumns(textOf('infra/modules/drift-logs.bicep')),
});
