import * as v from 'valibot';
import { ArmError } from './arm-error.ts';

/** @throws ArmError that says what is wrong where, in the words of Resource Manager. */
export function parsedBody<Schema extends v.GenericSchema>(
  schema: Schema,
  body: unknown,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, body);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const message = `The request content is invalid at '${v.getDotPath(issue) ?? ''}': ${issue.message}`;
  throw new ArmError(400, 'InvalidRequestContent', message);
}
