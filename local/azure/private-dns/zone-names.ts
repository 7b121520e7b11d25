import { isDomainName } from './record-types.ts';

/** Zones that the service keeps for itself; a selection. */
const reserved = [
  'azure.com',
  'azure.net',
  'azurecontainer.io',
  'azurewebsites.net',
  'cloudapp.net',
  'core.windows.net',
  'microsoft.com',
  'trafficmanager.net',
  'windows.net',
];

/** Why a zone of this name is refused; undefined when it is fine. */
export function zoneNameProblem(name: string): string | undefined {
  const labels = name.split('.').length;
  if (!isDomainName(name) || name.endsWith('.')) return `The zone name '${name}' is not a valid domain name.`;
  if (labels < 2 || labels > 34) return `The zone name '${name}' must have between 2 and 34 labels.`;
  if (reserved.includes(name.toLowerCase())) return `The zone name '${name}' is reserved.`;
  return undefined;
}
