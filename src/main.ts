/**
 * Starts the app: reads the settings, names what is wrong with them, and registers the functions. What they do is loaded
 * with the first invocation, so nothing of it is imported here.
 */
import { appErrors, boundSchedules, parseConfig, scheduleErrors } from './config.ts';
import { registerFunctions } from './functions/triggers.ts';
import { once } from './lib/async.ts';

const config = parseConfig(process.env);
for (const error of [...appErrors(config), ...(await scheduleErrors(config))]) console.error(error.message);

const composition = once(async () => {
  const { compose } = await import('./compose.ts');
  // A bundler moves the other file, and leaves this one beside the script.
  return compose(config, new URL('./sweep-worker.js', import.meta.url));
});

const telemetry = config.telemetry.ok ? config.telemetry.value : undefined;
if (telemetry !== undefined) {
  const { traceInvocations } = await import('./telemetry/invocations.ts');
  traceInvocations(
    async () => {
      const { startOpenTelemetry } = await import('./telemetry/open-telemetry.ts');
      const { version, credential } = await composition();
      return startOpenTelemetry(telemetry, version, credential);
    },
    (error) =>
      console.error(`telemetry is not sent: ${error instanceof Error ? error.message : String(error)}`),
  );
}

registerFunctions(
  { ...config, ...(await boundSchedules(config)) },
  {
    dns: async () => (await composition()).dns(),
    registries: async () => (await composition()).registries(),
  },
);

// Off unless somebody asks for them.
if (config.mcpTools.ok && config.mcpTools.value === 'on') {
  const { registries } = await composition();
  await (await registries()).registerTools();
}
