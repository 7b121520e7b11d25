import { sampleWebhookSecret } from '../../local/azure/sample.ts';
import { personalData } from '../events/payloads.ts';

/** What no line may tell: secrets, keys, persons. Also the address of the client that the simulated registry invents. */
const secrets = [sampleWebhookSecret, 'AccountKey=', ...personalData, '203.0.113.'];

/** The lines that tell what no line may tell. */
export const leaksIn = (lines: readonly string[], more: readonly string[] = []): string[] =>
  lines.filter((line) => [...secrets, ...more].some((text) => line.includes(text)));
