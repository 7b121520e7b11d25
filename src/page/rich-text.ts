import { formatClockTime } from './format.ts';

/** A piece of a sentence: as it is, or what stands for something long. */
type Segment =
  | { readonly kind: 'text'; readonly text: string }
  | ({ readonly kind: 'id'; readonly whole: string } & ResourceName)
  | { readonly kind: 'time'; readonly whole: string; readonly text: string };

const long = /(?<id>\/subscriptions\/[^\s,;]+)|(?<time>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z)/gi;

/** Takes a sentence of the app apart, so that ids of Azure and times can be read at three in the morning. */
export function richText(sentence: string, now: Date): Segment[] {
  const pieces: Segment[] = [];
  let end = 0;
  const addText = (text: string) => {
    if (text !== '') pieces.push({ kind: 'text', text });
  };
  for (const found of sentence.matchAll(long)) {
    const [whole] = found;
    addText(sentence.slice(end, found.index));
    pieces.push(
      found.groups?.['id'] === undefined
        ? { kind: 'time', whole, text: formatClockTime(whole, now) }
        : { kind: 'id', whole, ...resourceName(whole) },
    );
    end = found.index + whole.length;
  }
  addText(sentence.slice(end));
  return pieces;
}

/** A long id of Azure, as people call the thing that it names. */
export interface ResourceName {
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
export function resourceName(id: string): ResourceName {
  const { place, type, name } = (group.exec(id) ?? recordSet.exec(id) ?? replication.exec(id))?.groups ?? {};
  if (place === undefined || name === undefined) return { name: id, place: '' };
  return { name: type === undefined ? name : `${type.toUpperCase()} ${name}`, place };
}
