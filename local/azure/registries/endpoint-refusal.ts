import { ArmError } from '../arm/arm-error.ts';

/** Every answer of an endpoint has it. */
export const version = { 'Docker-Distribution-Api-Version': 'registry/2.0' };

/** A refusal in the words of registries. */
export const refusal = (
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): ArmError =>
  new ArmError(status, code, message, { shape: 'distribution', headers: { ...version, ...headers } });
