import { parseConfig } from '../../src/config.ts';

/** The settings that the app asks for, whatever is set: an environment that has what leads on to the next question. */
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
  parseConfig(listening({ APPLICATIONINSIGHTS_CONNECTION_STRING: 'InstrumentationKey=1' }));
  return [...names].sort();
}
