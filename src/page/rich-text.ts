import { formatClockTime, formatLocalTime } from './format.ts';

/** A piece of a sentence: plain text, or a short form that stands for something long. */
type Segment =
  | { readonly kind: 'text'; readonly text: string }
  | ({ readonly kind: 'id'; readonly full: string } & ResourceName)
  | { readonly kind: 'time'; readonly full: string; readonly text: string };

const longForms =
  /(?<id>\/subscriptions\/[^\s,;]+)|(?<time>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z)/gi;

/** Splits a sentence from the app, so that ARM ids and times can be shown in a short form. */
export function richText(sentence: string, now: Date, timeZone: string): Segment[] {
  const segments: Segment[] = [];
  let end = 0;
  const addText = (text: string) => {
    if (text !== '') segments.push({ kind: 'text', text });
  };
  for (const match of sentence.matchAll(longForms)) {
    const [full] = match;
    addText(sentence.slice(end, match.index));
    segments.push(
      match.groups?.['id'] === undefined
        ? { kind: 'time', full, text: clockTimes(full, now, timeZone) }
        : { kind: 'id', full, ...resourceName(full) },
    );
    end = match.index + full.length;
  }
  addText(sentence.slice(end));
  return segments;
}

/** `14:03 UTC (15:03 local)`. */
export function clockTimes(iso: string, now: Date, timeZone: string): string {
  const local = formatLocalTime(iso, timeZone);
  return `${formatClockTime(iso, now)}${local === undefined ? '' : ` (${local})`}`;
}

/** The short form of an ARM id. */
interface ResourceName {
  readonly name: string;
  /** The resource's parent; empty for an id of unknown form. */
  readonly parent: string;
}

const containerGroup =
  /^\/subscriptions\/[^/]+\/resourcegroups\/(?<parent>[^/]+)\/providers\/[^/]+\/containergroups\/(?<name>[^/]+)$/i;
const recordSet = /\/privatednszones\/(?<parent>[^/]+)\/(?<type>[^/]+)\/(?<name>[^/]+)$/i;
const replication = /\/registries\/(?<parent>[^/]+)\/replications\/(?<name>[^/]+)$/i;

/**
 * | id                                          | name     | parent       |
 * |---------------------------------------------|----------|--------------|
 * | the container group web in rg-a             | `web`    | `rg-a`       |
 * | the A record set web in the zone a.example  | `A web`  | `a.example`  |
 * | the replication westus of myregistry        | `westus` | `myregistry` |
 * | anything else                               | itself   |              |
 */
export function resourceName(id: string): ResourceName {
  const match = containerGroup.exec(id) ?? recordSet.exec(id) ?? replication.exec(id);
  const { parent, type, name } = match?.groups ?? {};
  if (parent === undefined || name === undefined) return { name: id, parent: '' };
  return { name: type === undefined ? name : `${type.toUpperCase()} ${name}`, parent };
}
