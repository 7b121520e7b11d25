import type { LocalAzure } from '../../local/azure/local-azure.ts';

/** Every A and PTR record set as one line, `A web.spoke-a.internal.contoso.com 10.1.0.4`, in order. */
export function records(azure: LocalAzure): string[] {
  return azure.zones
    .list()
    .flatMap((zone) =>
      azure.zones
        .recordSets(zone)
        .filter(({ type }) => type === 'A' || type === 'PTR')
        .map(({ type, name, values }) => `${type} ${name}.${zone} ${values.join(' ')}`),
    )
    .toSorted();
}

/** The two lines that a container group on an address in a spoke must have. */
export function recordsOf(name: string, spoke: 'a' | 'b', address: string): string[] {
  const [first, second, third, fourth] = address.split('.');
  const host = `${name}.spoke-${spoke}.internal.contoso.com`;
  const reverse =
    second === '1'
      ? `${fourth}.${third}.1.10.in-addr.arpa`
      : `${fourth}.${third}.${second}.${first}.in-addr.arpa`;
  return [`A ${host} ${address}`, `PTR ${reverse} ${host}.`];
}

/** How many record sets were read and written, and container groups read, since a mark. */
export function calls(azure: LocalAzure, mark: number): { reads: number; writes: number } {
  const operations = azure.requests.since(mark).map(({ operation }) => operation);
  const isWrite = (operation: string) => /CreateOrUpdate|Delete|Update/.test(operation);
  return {
    reads: operations.filter((operation) => !isWrite(operation)).length,
    writes: operations.filter(isWrite).length,
  };
}

/** Container groups, record sets, and what refuses requests, so that the next test begins with an empty world. */
export function removeEverything(azure: LocalAzure): void {
  const { containerGroups, zones } = azure;
  for (const refusals of [azure.faults, azure.locks, azure.policies, azure.staleReads]) refusals.clear();
  for (const { id } of containerGroups.list()) containerGroups.delete(id);
  for (const zone of zones.list()) {
    for (const { type, name } of zones.recordSets(zone)) if (type !== 'SOA') zones.remove(zone, type, name);
  }
}
