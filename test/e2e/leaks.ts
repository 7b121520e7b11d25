import { sampleWebhookSecret } from '../../local/azure/sample.ts';
import { personalData } from '../events/payloads.ts';

/** Secrets, the key of the storage account, persons; also the client's address that the simulated registry invents. */
const untold = [sampleWebhookSecret, 'AccountKey', 'Eby8vdM02xNOcqFlqUwJ', ...personalData, '203.0.113.'];

/** The lines that tell what no line may tell. */
export const leaksIn = (lines: readonly string[]): string[] =>
  lines.filter((line) => untold.some((text) => line.includes(text)));
