import * as v from 'valibot';
import { type ControlRoute, readBody } from '../control-route.ts';
import type { RegistryControl } from './control.ts';

export const text = v.pipe(v.string(), v.minLength(1));
export const count = v.pipe(v.number(), v.integer(), v.minValue(1));
export const spanMs = v.pipe(v.number(), v.minValue(0));
/** The sample registry, unless another one is named by its name, login server, first label of that, or ARM id. */
export const registry = v.optional(text, 'myregistry');
export const place = { registry, region: text };

/**
 * A POST of the control surface below `registries/`. What `act` returns is answered with 201, nothing with 204.
 * @param entries The members of the body; others are refused.
 */
export const command = <Entries extends v.ObjectEntries>(
  path: string,
  entries: Entries,
  act: (
    registries: RegistryControl,
    body: v.InferOutput<v.StrictObjectSchema<Entries, undefined>>,
  ) => unknown,
): ControlRoute => [
  'POST',
  `registries/${path}`,
  async (context, { registries }) => {
    const result = act(registries, await readBody(context, v.strictObject(entries)));
    return result === undefined ? context.body(null, 204) : context.json(result, 201);
  },
];
