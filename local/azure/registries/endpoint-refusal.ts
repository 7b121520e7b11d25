import { ArmError } from '../arm/arm-error.ts';
import type { JsonObject } from '../json.ts';

/** Every answer of an endpoint has it. */
export const version = { 'Docker-Distribution-Api-Version': 'registry/2.0' };

/** A refusal in the words of registries. @param detail What it is about, as far as it was seen to be told. */
export const refusal = (
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
  detail?: JsonObject | readonly JsonObject[],
): ArmError =>
  new ArmError(status, code, message, {
    shape: 'distribution',
    headers: { ...version, ...headers },
    members: detail === undefined ? {} : { detail },
  });
