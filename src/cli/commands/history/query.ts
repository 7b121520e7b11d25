import { parseContainerGroupId } from '../../../dns/container-group.ts';
import { ArgumentError } from '../../argument-error.ts';

/** What the history is of: a record, or a container group. */
export type Subject =
  | { readonly kind: 'record'; readonly hostName: string; readonly zone: string }
  /** The end of the ARM id, or all of it, in lower case. */
  | { readonly kind: 'group'; readonly idEnd: string };

/**
 * | text                                    | subject                                     |
 * |-----------------------------------------|---------------------------------------------|
 * | the ARM id of a container group         | that group                                  |
 * | `rg-spoke-a/web`                        | the group, in any subscription              |
 * | `web.spoke-a.internal.contoso.com`      | the A record set of that name               |
 *
 * @throws {ArgumentError} for any other.
 */
export function parseSubject(text: string): Subject {
  const id = parseContainerGroupId(text.trim());
  if (id !== undefined) return { kind: 'group', idEnd: id.key };
  const [, resourceGroup, name] = /^([\w.()-]+)\/([a-z0-9-]+)$/i.exec(text.trim()) ?? [];
  if (resourceGroup !== undefined && name !== undefined) {
    const idEnd = `/resourcegroups/${resourceGroup}/providers/microsoft.containerinstance/containergroups/${name}`;
    return { kind: 'group', idEnd: idEnd.toLowerCase() };
  }
  const [, hostName, zone] = /^([\w-]+)\.([\w-]+(?:\.[\w-]+)+)\.?$/.exec(text.trim()) ?? [];
  if (hostName !== undefined && zone !== undefined) {
    return { kind: 'record', hostName: hostName.toLowerCase(), zone: zone.toLowerCase() };
  }
  throw new ArgumentError(
    `expected the name of a record such as web.spoke-a.internal.contoso.com, or RESOURCE_GROUP/NAME of a container group, found ${JSON.stringify(text)}`,
  );
}

/** A name that stands in a query as it is. */
const tablePattern = /^[A-Za-z]\w{0,62}$/;

/**
 * The newest observations of a subject, in Kusto.
 * @throws {ArgumentError} for a table that cannot be one.
 */
export function historyQuery(
  subject: Subject,
  { table, limit, changes }: { readonly table: string; readonly limit: number; readonly changes: boolean },
): string {
  if (!tablePattern.test(table)) throw new ArgumentError('--table: expected the name of a table');
  const lines = [
    table,
    subject.kind === 'record'
      ? `| where HostName =~ ${quoted(subject.hostName)} and Zone =~ ${quoted(subject.zone)}`
      : `| where ContainerGroup endswith ${quoted(subject.idEnd)}`,
    ...(changes ? ['| where Finding != "no_change"'] : []),
    `| top ${limit} by TimeGenerated desc`,
    '| project TimeGenerated, Finding, ContainerGroup, HostName, Zone, LiveAddress, RecordAddress, EventId, LagMs',
  ];
  return lines.join('\n');
}

/** https://learn.microsoft.com/kusto/query/scalar-data-types/string */
const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`;
