/**
 * Who wrote a resource.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types
 */
export interface SystemData {
  readonly createdBy: string;
  readonly createdByType: 'User' | 'Application';
  readonly createdAt: string;
  readonly lastModifiedBy: string;
  readonly lastModifiedByType: 'User' | 'Application';
  readonly lastModifiedAt: string;
}

/** Who writes what no other writer is named for. */
export const somebody = 'somebody@contoso.example';

/** @param by A person has an address, an application has a name. */
export function writtenBy(by: string, now: number, before?: SystemData): SystemData {
  const type = by.includes('@') ? 'User' : 'Application';
  const at = new Date(now).toISOString();
  return {
    createdBy: before?.createdBy ?? by,
    createdByType: before?.createdByType ?? type,
    createdAt: before?.createdAt ?? at,
    lastModifiedBy: by,
    lastModifiedByType: type,
    lastModifiedAt: at,
  };
}
