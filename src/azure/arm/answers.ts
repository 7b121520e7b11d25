import type { PipelinePolicy, PipelineResponse } from '@azure/core-rest-pipeline';
import { UnexpectedAnswerError } from '../../lib/errors.ts';
import { parseJson } from '../../lib/json.ts';

/** What an answer about a type of resource has to show, because something is concluded from it. */
interface Kind {
  readonly one: string;
  readonly many: string;
  readonly needs: readonly Need[];
  /** Members of `properties` that are lists of objects where they are there; an SDK fails on anything else in them. */
  readonly lists?: readonly string[];
  /** A member of `properties` that is a list, and the text that each of its entries has. */
  readonly records?: { readonly list: string; readonly text: string };
}

/** A member that must not be missing or empty. */
interface Need {
  readonly path: readonly string[];
  readonly type: 'text' | 'object';
  /** The member, for people. */
  readonly name: string;
}

const id: Need = { path: ['id'], type: 'text', name: 'id' };
const properties: Need = { path: ['properties'], type: 'object', name: 'properties' };
const location: Need = { path: ['location'], type: 'text', name: 'location' };
const sku: Need = { path: ['sku'], type: 'object', name: 'SKU' };
const etag: Need = { path: ['etag'], type: 'text', name: 'ETag' };

/** A set without records shows an empty list. */
const recordSet = (list: string, text: string): Kind => ({
  one: 'a record set',
  many: 'a list of record sets',
  needs: [id, properties, etag],
  records: { list, text },
});

/** By the resource type, in lower case. */
const kinds: Readonly<Record<string, Kind>> = {
  'microsoft.containerinstance/containergroups': {
    one: 'a container group',
    many: 'a list of container groups',
    needs: [id, properties],
    lists: ['containers', 'subnetIds'],
  },
  'microsoft.network/privatednszones/a': recordSet('aRecords', 'ipv4Address'),
  'microsoft.network/privatednszones/ptr': recordSet('ptrRecords', 'ptrdname'),
  'microsoft.containerregistry/registries': {
    one: 'a container registry',
    many: 'a list of container registries',
    needs: [id, properties, location, sku],
  },
  'microsoft.containerregistry/registries/replications': {
    one: 'a replication',
    many: 'a list of replications',
    needs: [
      id,
      properties,
      location,
      {
        path: ['properties', 'provisioningState'],
        type: 'text',
        name: 'provisioning state',
      },
    ],
  },
  subscriptions: {
    one: 'a subscription',
    many: 'a list of subscriptions',
    needs: [
      id,
      {
        path: ['subscriptionId'],
        type: 'text',
        name: 'subscriptionId',
      },
    ],
  },
};

const anyResource: Kind = { one: 'a resource', many: 'a list of resources', needs: [id, properties] };

/** What Resource Manager itself keeps, such as a resource group. */
const anyContainer: Kind = { ...anyResource, needs: [id] };

/** The progress of a change, or the result of an action: an object with whatever members, or nothing at all. */
const anyObject: Kind = { one: 'an answer of Azure', many: 'a list', needs: [] };

/** A request as it was made: a redirect on the way would change that of the answer. */
interface AskedRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: string;
}

/**
 * Believes an answer of success only when it is what its path asks for.
 *
 * | request                                | answer                                                          |
 * |----------------------------------------|-----------------------------------------------------------------|
 * | GET of a list, on each of its pages    | an array `value` of resources, each with what its type needs    |
 * | GET, PUT or PATCH of a resource        | JSON of that type, with what the type needs, and its own id     |
 * | POST, GET of the progress of a change  | a JSON object, if there is a body at all                        |
 * | DELETE, a change that was accepted     | JSON, if there is a body at all                                 |
 *
 * @returns the value of its JSON; `undefined` without a body.
 * @throws {UnexpectedAnswerError}
 */
export function believedAnswer(
  { method, path, query = '' }: AskedRequest,
  { status, bodyAsText }: Pick<PipelineResponse, 'status' | 'bodyAsText'>,
): unknown {
  const body = bodyAsText ?? '';
  const value = body === '' ? undefined : parseJson(body);
  const problem = problemOf(method, askedFor(path, query), status, { isEmpty: body === '', value });
  if (problem === undefined) return value;
  throw new UnexpectedAnswerError(`${method} ${path}`, problem.expected, problem.fault);
}

/** {@link believedAnswer} in the pipeline of an SDK, before it makes an empty page or an empty resource of an answer. */
export const checkAnswers: PipelinePolicy = {
  name: 'evenkeelAnswerCheck',
  async sendRequest(request, next) {
    const { method, url } = request;
    const response = await next(request);
    if (response.status < 200 || response.status > 299) return response;
    const { pathname, search } = new URL(url);
    believedAnswer({ method, path: pathname, query: search }, response);
    return response;
  },
};

/** The type of a path or an ARM id, in lower case, and what is known of that type. */
interface Asked {
  /** In lower case. */
  readonly path: string;
  readonly type: string;
  readonly kind: Kind;
  readonly isList: boolean;
}

/**
 * Types and names alternate in the path of a resource; that of a list ends with a type. A next link need not follow
 * that rule, but carries a token.
 */
function askedFor(path: string, query = ''): Asked {
  const lower = path.toLowerCase();
  const at = lower.lastIndexOf('/providers/');
  let type = '';
  // The namespace of a provider is no name, and no type by itself.
  let names = at < 0 ? 0 : -1;
  // Every event asks this three times, so no list is made of the segments.
  for (const segment of (at < 0 ? lower : lower.slice(at + '/providers/'.length)).split('/')) {
    if (segment === '') continue;
    if (names < 0 || names % 2 === 0) type += type === '' ? segment : `/${segment}`;
    names++;
  }
  const isList = (names > 0 && names % 2 === 1) || /skiptoken/i.test(query);
  const isProgress = !isList && /operation[^/]*$/.test(type);
  const unknown = at < 0 ? anyContainer : anyResource;
  return { path: lower, type, isList, kind: kinds[type] ?? (isProgress ? anyObject : unknown) };
}

interface Problem {
  readonly expected: string;
  readonly fault: string;
}

/** What is wrong with the body of an answer of success; `undefined` when nothing is. */
function problemOf(
  method: string,
  asked: Asked,
  status: number,
  { isEmpty, value }: { readonly isEmpty: boolean; readonly value: unknown },
): Problem | undefined {
  const isRead = method === 'GET';
  const isWritten = (method === 'PUT' || method === 'PATCH') && status <= 201;
  const isPage = isRead && asked.isList;
  const kind = isRead || isWritten ? asked.kind : anyObject;
  const problem = (fault: string): Problem => ({ expected: isPage ? kind.many : kind.one, fault });

  if (isEmpty) return kind === anyObject ? undefined : problem('it is empty');
  if (value === undefined) return problem('it is not JSON');
  if (!isRead && !isWritten && method !== 'POST') return undefined;
  if (!isObject(value)) return problem('it is no JSON object');
  if (isPage) {
    const fault = faultOfPage(value, asked);
    return fault === undefined ? undefined : problem(fault);
  }
  const fault = faultOf(value, { ...asked, kind });
  return fault === undefined ? undefined : problem(`it ${fault}`);
}

function faultOfPage(page: Readonly<Record<string, unknown>>, asked: Asked): string | undefined {
  const { value } = page;
  if (!Array.isArray(value)) return 'it has no array "value"';
  for (const item of value) {
    const fault = isObject(item) ? faultOf(item, asked) : 'is no JSON object';
    if (fault !== undefined) return `one of its entries ${fault}`;
  }
  return undefined;
}

/**
 * What is wrong with a resource, as the rest of a sentence about it. A resource shows its type in its id, also where
 * the path of a next link does not.
 */
function faultOf(resource: Readonly<Record<string, unknown>>, asked: Asked): string | undefined {
  const { path, type, kind, isList } = asked;
  if (kind === anyObject) return undefined;
  const { id } = resource;
  const own = typeof id === 'string' ? askedForId(id, asked) : undefined;
  const isKnown = type in kinds;
  const { needs, lists = [], records } = isKnown ? kind : (own?.kind ?? kind);
  const lacking = needs.find((need) => !isMet(need, resource));
  if (lacking !== undefined) return `has no ${lacking.name}`;
  const odd = lists.find((name) => !isListOfObjects(resource['properties'], name));
  if (odd !== undefined) return `has something else than objects in ${odd}`;
  if (records !== undefined && !isListOfTexts(resource['properties'], records))
    return `has something else than records in ${records.list}`;
  const isOther = own?.type !== type || (!isList && decoded(own.path) !== decoded(path));
  return isKnown && isOther ? 'has the id of something else' : undefined;
}

/** A name may hold a percent sign that begins no escape. */
function decoded(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

/** Most answers carry the path that was asked for. */
const askedForId = (id: string, asked: Asked): Asked =>
  id.toLowerCase() === asked.path ? asked : askedFor(id);

function isMet({ path, type }: Need, resource: Readonly<Record<string, unknown>>): boolean {
  let value: unknown = resource;
  for (const name of path) value = isObject(value) ? value[name] : undefined;
  return type === 'object' ? isObject(value) : typeof value === 'string' && value !== '';
}

function isListOfObjects(properties: unknown, name: string): boolean {
  const list = (isObject(properties) ? properties[name] : undefined) ?? [];
  return Array.isArray(list) && list.every(isObject);
}

function isListOfTexts(properties: unknown, { list, text }: NonNullable<Kind['records']>): boolean {
  const entries = isObject(properties) ? properties[list] : undefined;
  return (
    Array.isArray(entries) && entries.every((entry) => isObject(entry) && typeof entry[text] === 'string')
  );
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
