/** A long id of Azure, as people call the thing that it names. */
export interface ShortName {
  readonly name: string;
  /** Where it is; empty when the text is an id of no known form. */
  readonly place: string;
}

const group =
  /^\/subscriptions\/[^/]+\/resourcegroups\/(?<place>[^/]+)\/providers\/[^/]+\/containergroups\/(?<name>[^/]+)$/i;
const recordSet = /\/privatednszones\/(?<place>[^/]+)\/(?<type>[^/]+)\/(?<name>[^/]+)$/i;
const replication = /\/registries\/(?<place>[^/]+)\/replications\/(?<name>[^/]+)$/i;

/**
 * | id of                                       | name    | place       |
 * |---------------------------------------------|---------|-------------|
 * | the container group web in rg-a             | `web`   | `rg-a`      |
 * | the A record set web in the zone a.example  | `A web` | `a.example` |
 * | the replication westus of myregistry        | `westus`| `myregistry`|
 * | anything else                               | itself  |             |
 */
export function shortName(id: string): ShortName {
  const { place, type, name } = (group.exec(id) ?? recordSet.exec(id) ?? replication.exec(id))?.groups ?? {};
  if (place === undefined || name === undefined) return { name: id, place: '' };
  return { name: type === undefined ? name : `${type.toUpperCase()} ${name}`, place };
}
