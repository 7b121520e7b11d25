import { parseConfig } from '../../src/config.ts';

/** The names of all settings that the app may read, also of those that it reads only when another one is set. */
export function namesThatConfigReads(): string[] {
  const names = new Set<string>();
  const listening = (values: Readonly<Record<string, string>>) =>
    new Proxy<Record<string, string | undefined>>(
      {},
      {
        get: (_, name) => {
          names.add(String(name));
          return values[String(name)];
        },
      },
    );
  parseConfig(listening({}));
  parseConfig(
    listening({
      APPLICATIONINSIGHTS_CONNECTION_STRING: 'InstrumentationKey=11111111-1111-4111-8111-111111111111',
    }),
  );
  return [...names].sort();
}
