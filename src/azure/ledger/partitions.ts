/** A type rather than an interface: the SDK takes entities with further properties, which an interface is not. */
export type Keys = { partitionKey: string; rowKey: string };

/** https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions */
const maxActions = 100;

/** Groups that one transaction each can change: of one partition, each key once, 100 at most. */
export function byPartition(all: readonly Keys[]): Keys[][] {
  const unique = new Map(all.map((keys) => [`${keys.partitionKey}\n${keys.rowKey}`, keys]));
  const groups = Map.groupBy(unique.values(), ({ partitionKey }) => partitionKey);
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / maxActions) }, (_, index) =>
      group.slice(index * maxActions, (index + 1) * maxActions),
    ),
  );
}
