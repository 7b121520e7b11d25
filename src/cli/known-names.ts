import type { CliContext } from './context.ts';

/**
 * Names that a shell completes: those of the last answers, so that no key press waits for a call. They are kept in a
 * file of the user's cache, which holds nothing else, and may be deleted at any time.
 */
export interface KnownNames {
  readonly registries: readonly string[];
  readonly regions: readonly string[];
  /** Keys of the zone map. */
  readonly spokes: readonly string[];
  /** ARM ids of container groups. */
  readonly groups: readonly string[];
}

export const nameKinds = ['registries', 'regions', 'spokes', 'groups'] as const;
export type NameKind = keyof KnownNames;

/** More than anybody chooses from. */
const maxNames = 2_000;

/**
 * Shells expand what they complete. A name that holds anything but these signs is none of Azure's, and is left out,
 * whoever sent it.
 */
const safeName = /^[\w./-]{1,400}$/;

const clean = (names: readonly string[]): string[] =>
  [...new Set(names.filter((name) => safeName.test(name)))].slice(0, maxNames);

/** The names in a status document. */
const namesInStatus = (body: unknown): KnownNames => ({
  registries: textsAt(body, ['registries', 'registry']),
  regions: textsAt(body, ['registries', 'replicas', 'region']),
  spokes: textsAt(body, ['dns', 'spokes', 'key']),
  groups: [
    ...textsAt(body, ['dns', 'audit', 'findings', 'containerGroup']),
    ...textsAt(body, ['dns', 'conflicts', 'containerGroup']),
  ],
});

/** The names in settings: in `DNS_ZONE_MAP` and `REGISTRIES`, as far as they can be read. */
export function namesInSettings(env: CliContext['env']): KnownNames {
  const map = jsonOf(env['DNS_ZONE_MAP']);
  const registries = jsonOf(env['REGISTRIES']);
  const isMap = typeof map === 'object' && map !== null && !Array.isArray(map);
  return {
    registries: textsAt(registries, ['id']).flatMap((id) => id.split('/').at(-1) ?? []),
    regions: textsAt(registries, ['regions']).filter((region) => region !== 'all'),
    spokes: isMap ? Object.keys(map) : [],
    groups: [],
  };
}

/** What was kept; nothing where the file is missing or is none of ours. */
export async function readNames({ cache }: Pick<CliContext, 'cache'>): Promise<KnownNames> {
  const kept = jsonOf(await cache.read().catch(() => undefined));
  const names = (kind: NameKind) => clean(textsAt(kept, [kind]));
  return {
    registries: names('registries'),
    regions: names('regions'),
    spokes: names('spokes'),
    groups: names('groups'),
  };
}

/** Keeps what becomes of the names that are kept. A cache that cannot be written is no error. */
export async function keepNames(
  { cache }: Pick<CliContext, 'cache'>,
  change: (before: KnownNames) => KnownNames,
): Promise<void> {
  const before = await readNames({ cache });
  const { registries, regions, spokes, groups } = change(before);
  const after: KnownNames = {
    registries: clean(registries),
    regions: clean(regions),
    spokes: clean(spokes),
    groups: clean(groups),
  };
  if (JSON.stringify(after) === JSON.stringify(before)) return;
  await cache.write(`${JSON.stringify(after)}\n`).catch(() => {});
}

/** The names after a status: its own, and what was kept where it names none, since a part may be unread. */
export function namesAfterStatus(before: KnownNames, body: unknown): KnownNames {
  const { registries, regions, spokes, groups } = namesInStatus(body);
  return {
    registries: registries.length > 0 ? registries : before.registries,
    regions: regions.length > 0 ? regions : before.regions,
    spokes: spokes.length > 0 ? spokes : before.spokes,
    // It names only those of which there is something to say.
    groups: [...groups, ...before.groups],
  };
}

export const mergedNames = (first: KnownNames, second: KnownNames): KnownNames => ({
  registries: clean([...first.registries, ...second.registries]),
  regions: clean([...first.regions, ...second.regions]),
  spokes: clean([...first.spokes, ...second.spokes]),
  groups: clean([...first.groups, ...second.groups]),
});

/** The texts at the end of a path of keys, through every list on the way. */
function textsAt(value: unknown, [key, ...rest]: readonly string[]): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((item) => textsAt(item, key === undefined ? [] : [key, ...rest]));
  }
  if (key === undefined) return typeof value === 'string' ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  const entry = Object.entries(value).find(([name]) => name === key);
  return entry === undefined ? [] : textsAt(entry[1], rest);
}

function jsonOf(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
