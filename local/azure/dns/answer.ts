import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  type DecodedPacket,
  type Packet,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
} from 'dns-packet';
import type { Zone, Zones } from '../private-dns/zones.ts';
import { isQueryType, resourceRecords, soaRecord } from './resource-records.ts';

/** Response codes of RFC 1035, section 4.1.1. */
const rcode = { noError: 0, formatError: 1, nameError: 3, notImplemented: 4, refused: 5 } as const;

/** RFC 1035, section 4.1.1: bits 11 to 14 of the flags; 0 is a standard query. */
const opcodeOf = (flags: number): number => (flags >>> 11) & 15;

/** Longest chain of CNAME records that is followed, in case they form a circle. */
const longestChain = 16;

/** What is announced as the largest UDP message, as DNS Flag Day 2020 recommends. */
const udpPayloadSize = 1232;

/** Answers a query from the zones that are linked to a virtual network (to any one, unless `networkId` is given). */
export function answerQuery(zones: Zones, query: DecodedPacket, networkId?: string): Packet {
  const [question, ...more] = query.questions ?? [];
  const opcode = opcodeOf(query.flags ?? 0);
  const respond = (code: number, sections: Partial<Packet> = {}, flags = 0): Packet => ({
    type: 'response',
    id: query.id ?? 0,
    flags: flags | RECURSION_AVAILABLE | (query.flag_rd ? RECURSION_DESIRED : 0) | (opcode << 11) | code,
    questions: query.questions ?? [],
    ...sections,
    additionals: query.additionals?.some(({ type }) => type === 'OPT') === true ? [edns] : [],
  });
  if (opcode !== 0) return respond(rcode.notImplemented);
  if (question === undefined || more.length > 0) return respond(rcode.formatError);
  if (question.class !== 'IN' && question.class !== 'ANY') return respond(rcode.refused);

  const answers: Answer[] = [];
  let name = question.name;
  for (let links = 0; links < longestChain; links += 1) {
    const zone = linkedZone(zones, name.toLowerCase(), networkId);
    // The simulated network has no way out to public DNS: a name in none of its zones does not exist.
    if (zone === undefined) return respond(rcode.nameError, { answers });
    const found = lookUp(zone, name, question.type);
    answers.push(...found.answers);
    if (found.alias !== undefined) {
      name = found.alias;
      continue;
    }
    const authorities = found.answers.length > 0 ? [] : [soaRecord(zone, 'negative')];
    return respond(
      found.exists ? rcode.noError : rcode.nameError,
      { answers, authorities },
      AUTHORITATIVE_ANSWER,
    );
  }
  return respond(rcode.noError, { answers });
}

/** The answer to a message that cannot be read; undefined when not even its id can be. */
export function formatErrorFor(message: Buffer): Packet | undefined {
  if (message.length < 12) return undefined;
  return { type: 'response', id: message.readUInt16BE(0), flags: rcode.formatError, questions: [] };
}

const edns: Answer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};

/** The zone with the longest name that covers `name` (in lower case). */
function linkedZone(zones: Zones, name: string, networkId: string | undefined): Zone | undefined {
  for (let suffix: string | undefined = name; suffix !== undefined; suffix = parentOf(suffix)) {
    for (const zone of zones.named(suffix)) if (isLinked(zone, networkId)) return zone;
  }
  return undefined;
}

function isLinked(zone: Zone, networkId: string | undefined): boolean {
  if (networkId === undefined) return zone.links.size > 0;
  return [...zone.links].some((link) => link.networkId.toLowerCase() === networkId.toLowerCase());
}

function parentOf(name: string): string | undefined {
  const dot = name.indexOf('.');
  return dot < 0 ? undefined : name.slice(dot + 1);
}

interface Found {
  readonly exists: boolean;
  readonly answers: Answer[];
  /** Where the answer goes on, when a CNAME record was found instead of what was asked for. */
  readonly alias?: string;
}

function lookUp(zone: Zone, name: string, type: string): Found {
  const relative = relativeName(zone, name.toLowerCase());
  const sets = zone.at(relative);
  if (sets.length === 0 && relative !== '@') {
    if (zone.hasBelow(relative)) return { exists: true, answers: [] };
    const wildcard = wildcardFor(zone, relative);
    if (wildcard === undefined) return { exists: false, answers: [] };
    sets.push(...zone.at(wildcard));
  }
  const records = sets.flatMap((set) => resourceRecords(zone, set, name));
  const answers = records.filter((record) => isQueryType(type, record.type));
  const alias = answers.length > 0 ? undefined : records.find((record) => record.type === 'CNAME');
  return alias?.type === 'CNAME'
    ? { exists: true, answers: [alias], alias: alias.data }
    : { exists: true, answers };
}

const relativeName = (zone: Zone, name: string): string =>
  name === zone.name ? '@' : name.slice(0, -zone.name.length - 1);

/** RFC 4592: only a wildcard directly below the closest name that exists stands for names that do not. */
function wildcardFor(zone: Zone, name: string): string | undefined {
  for (let closest = parentOf(name); ; closest = closest === undefined ? undefined : parentOf(closest)) {
    const wildcard = closest === undefined ? '*' : `*.${closest}`;
    if (zone.at(wildcard).length > 0) return wildcard;
    if (closest === undefined || zone.at(closest).length > 0 || zone.hasBelow(closest)) return undefined;
  }
}
