import { selectRegistry } from '../registries/identify.ts';
import { registryKey } from '../registries/registry.ts';
import { AppCallError } from './app-client.ts';
import { ArgumentError } from './argument-error.ts';

/** A registry as the status document names it. */
interface NamedRegistry {
  readonly registry: string;
  readonly id: string;
  readonly hosts: readonly string[];
  readonly loginServer: string | null;
}

/**
 * The registries of a status document that `--registry` means; all without it.
 * @throws {ArgumentError | AppCallError} when no registry is left to show.
 */
export function selectRegistries<R extends NamedRegistry>(
  {
    registries,
    problems,
  }: {
    readonly registries: readonly R[];
    readonly problems: readonly { readonly code: string; readonly message: string }[];
  },
  name: string | undefined,
): readonly R[] {
  if (registries.length === 0) {
    const badSetting = problems.find(
      ({ code, message }) => code === 'settingBad' && message.startsWith('REGISTRIES'),
    );
    throw new AppCallError(
      `the app watches no registry: ${badSetting?.message ?? 'its setting REGISTRIES is empty'}`,
    );
  }
  if (name === undefined) return registries;
  const identities = registries.map((registry) => ({
    registry,
    id: registryKey(registry.id),
    name: registry.registry,
    hosts: registry.hosts,
    loginServer: registry.loginServer ?? undefined,
  }));
  const selected = selectRegistry(name, identities);
  if (selected.kind === 'found') return [selected.entry.registry];
  const choices = (selected.kind === 'ambiguous' ? selected.entries : identities).map((one) => one.registry);
  if (selected.kind === 'ambiguous') {
    const several = choices.map(({ loginServer, id }) => loginServer ?? id).join(', ');
    throw new ArgumentError(
      `--registry: ${choices.length} registries have the name ${name}; name one of ${several}`,
    );
  }
  const known = choices.map(({ registry, loginServer }) => loginServer ?? registry).join(', ');
  throw new ArgumentError(`--registry: the app does not watch ${name}; it watches ${known}`);
}
