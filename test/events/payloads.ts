import { readFileSync } from 'node:fs';
import * as v from 'valibot';

const anEvent = v.record(v.string(), v.unknown());

/** An example of what a source sends; a new object every time. */
export const payload = (source: string, name: string): Record<string, unknown> =>
  v.parse(
    anEvent,
    JSON.parse(readFileSync(new URL(`payloads/${source}/${name}.json`, import.meta.url), 'utf8')),
  );

/** The fictitious personal data in the claims of the examples. */
export const personalData = [
  'Ada Example',
  'ada.example@contoso.example',
  '203.0.113.77',
  'c0ffee00-0000-4000-8000-000000000001',
];
