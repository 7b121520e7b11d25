/** A request to Azure that somebody recorded, and its answer. Names are those of the local Azure; the rest is as recorded. */
export interface Exchange {
  readonly what: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
  };
  readonly answer: {
    readonly status: number;
    /** Those that a client may go by. */
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: unknown;
  };
  /** What the local Azure answers otherwise, as `differences` tells it; docs/simulator.md has the reasons. */
  readonly known?: readonly string[];
}

/** Who published a recording, and where. The repositories are under the MIT licence. */
export interface Recording {
  readonly source: string;
  readonly exchanges: readonly Exchange[];
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/**
 * How an answer differs from the recorded one: status, headers, the properties of the body and the kinds of their
 * values. Codes and messages of errors are compared word by word, to the end of their first line.
 */
export function differences({ answer: recorded }: Exchange, ours: Answer): string[] {
  return [
    ...(recorded.status === ours.status ? [] : [`status ${ours.status} for ${recorded.status}`]),
    ...Object.entries(recorded.headers).flatMap(([name, value]) => {
      const found = ours.headers.get(name);
      if (found === null) return [`no header ${name}`];
      return kindOf(found) === kindOf(value) ? [] : [`header ${name}: ${kindOf(found)} for ${kindOf(value)}`];
    }),
    ...valueDifferences(recorded.body, ours.body, 'body', recorded.status >= 400),
  ].toSorted();
}

function valueDifferences(recorded: unknown, ours: unknown, at: string, isError: boolean): string[] {
  if (isObject(recorded) && isObject(ours)) {
    const names = new Set([...Object.keys(recorded), ...Object.keys(ours)]);
    return [...names].flatMap((name) => {
      if (!(name in ours)) return [`no ${at}.${name}`];
      if (!(name in recorded)) return [`more: ${at}.${name}`];
      return valueDifferences(recorded[name], ours[name], `${at}.${name}`, isError);
    });
  }
  if (Array.isArray(recorded) && Array.isArray(ours)) {
    if (recorded.length !== ours.length) return [`${at}: ${ours.length} items for ${recorded.length}`];
    return recorded.flatMap((one, index) => valueDifferences(one, ours[index], `${at}[${index}]`, isError));
  }
  const [theirs, found] = [recorded, ours].map((value) => (isError ? firstLine(value) : kindOf(value)));
  return theirs === found ? [] : [`${at}: ${String(found)} for ${String(theirs)}`];
}

const firstLine = (value: unknown): string => String(value).split('\n')[0] ?? '';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const kinds: readonly (readonly [string, RegExp])[] = [
  ['a bare GUID', /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/],
  ['a time', /^\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)$/],
  ['a URL', /^https?:\/\//],
  ['seconds', /^\d+$/],
  ['an ETag of a table', /^W\/"datetime'[\dT%:.-]+Z'"$/],
];

const kindOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'a list';
  if (typeof value !== 'string') return value === null ? 'null' : typeof value;
  // What a table adds to it says how it is streamed.
  if (value.startsWith('application/json;odata')) return 'JSON of a table';
  if (value.startsWith('application/json')) return value.toLowerCase();
  // What a client goes by is what it names.
  if (value.startsWith('Bearer '))
    return `a challenge with ${[...value.matchAll(/(\w+)="/g)].map(([, name]) => name).join(', ')}`;
  return kinds.find(([, pattern]) => pattern.test(value))?.[0] ?? 'a text';
};
