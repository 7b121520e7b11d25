import { ArmError } from './arm-error.ts';

/** A request to Resource Manager whose operation is known. */
export interface ArmRequest {
  /** Name in the style of the specifications, such as `RecordSets_CreateOrUpdate`. */
  readonly operation: string;
  readonly method: string;
  /** Path as the client wrote it: a resource id, for most operations. */
  readonly id: string;
  /** Scheme and authority that the client used; links in answers start with it. */
  readonly base: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  /** The parsed JSON body, or the fields of a form; undefined without one. */
  readonly body: unknown;
  /** A variable of the operation's path, in the client's spelling. */
  param(name: string): string;
}

export interface ArmAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; no body when undefined. */
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly text?: string;
  /** Likewise. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
  /** Only status and headers are sent; the client waits for the body in vain. */
  readonly isBodyWithheld?: boolean;
}

export interface Operation {
  readonly name: string;
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'PATCH' | 'DELETE' | 'POST';
  /** Path with `{variables}`; a `{name*}` stands for one or more segments, each with its slash. */
  readonly path: string;
  /** `registry`: no api-version is asked for, and errors have the shape of registries' endpoints. */
  readonly protocol?: 'registry';
  readonly handle: (request: ArmRequest) => ArmAnswer | Promise<ArmAnswer>;
}

/**
 * A row of a service's table of contents. Its handler gets the service's parts, and answers or throws an `ArmError`.
 */
export interface OperationRow<Parts> extends Omit<Operation, 'handle'> {
  readonly handler: (request: ArmRequest, parts: Parts) => ArmAnswer | Promise<ArmAnswer>;
}

/** The operations of a table, on the parts of one simulator. */
export const operationsFrom = <Parts>(table: readonly OperationRow<Parts>[], parts: Parts): Operation[] =>
  table.map(({ handler, ...operation }) => ({ ...operation, handle: (request) => handler(request, parts) }));

/** The operation that a method and path name (in any casing), with its path variables. */
export type OperationFinder = (
  method: string,
  path: string,
) => { readonly operation: Operation; readonly params: Readonly<Record<string, string>> };

export function operationFinder(operations: readonly Operation[]): OperationFinder {
  const routes = operations.map((operation) => ({ operation, pattern: patternOf(operation.path) }));
  return (method, path) => {
    let otherMethod = false;
    for (const { operation, pattern } of routes) {
      const match = pattern.exec(path);
      if (match === null) continue;
      if (operation.method === method) return { operation, params: decoded(match.groups ?? {}) };
      otherMethod = true;
    }
    throw otherMethod
      ? new ArmError(405, 'MethodNotAllowed', `The method '${method}' is not allowed on '${path}'.`)
      : notFound(path);
  };
}

function patternOf(path: string): RegExp {
  const source = path
    .replaceAll('.', '\\.')
    .replace(/\{(\w+)\*\}/g, '(?<$1>/.+?)')
    .replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return new RegExp(`^${source}/?$`, 'i');
}

function decoded(groups: Readonly<Record<string, string>>): Record<string, string> {
  try {
    return Object.fromEntries(
      Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]),
    );
  } catch {
    throw new ArmError(400, 'BadRequest', 'The request path contains an invalid percent-encoding.');
  }
}

function notFound(path: string): ArmError {
  const provider = /\/providers\/([^/]+)/i.exec(path)?.[1];
  if (provider === undefined) return new ArmError(404, 'NotFound', `No resource was found at '${path}'.`);
  const known = [
    'microsoft.authorization',
    'microsoft.containerinstance',
    'microsoft.containerregistry',
    'microsoft.network',
    'microsoft.eventgrid',
  ];
  return known.includes(provider.toLowerCase())
    ? new ArmError(
        404,
        'InvalidResourceType',
        `The resource type of '${path}' could not be found in the namespace '${provider}'.`,
      )
    : new ArmError(404, 'InvalidResourceNamespace', `The resource namespace '${provider}' is invalid.`);
}
