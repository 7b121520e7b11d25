import { isJsonObject, type JsonObject } from '../json.ts';

export type EventSchema = 'EventGridSchema' | 'CloudEventSchemaV1_0';

/** An event as somebody published it, in either schema; it may be malformed on purpose. */
export type GridEvent = JsonObject;

export const isCloudEvent = (event: GridEvent): boolean => 'specversion' in event;

export const eventTypeOf = (event: GridEvent): string => textOf(event['eventType'] ?? event['type']);

export const subjectOf = (event: GridEvent): string => textOf(event['subject']);

/** What a filter's key such as `data.operationName` or `subject` names; undefined where nothing is there. */
export function valueAt(event: GridEvent, key: string): unknown {
  const first = key.toLowerCase();
  if (first === 'eventtype' || first === 'type') return eventTypeOf(event);
  let value: unknown = event;
  for (const part of key.split('.')) value = isJsonObject(value) ? value[part] : undefined;
  return value;
}

/** The event as a subscription with `schema` receives it. */
export function inSchema(event: GridEvent, schema: EventSchema): GridEvent {
  if (isCloudEvent(event) === (schema === 'CloudEventSchemaV1_0')) return event;
  if (schema === 'CloudEventSchemaV1_0') {
    const { topic, eventType, eventTime, dataVersion: _data, metadataVersion: _metadata, ...common } = event;
    return { specversion: '1.0', type: eventType, source: topic, time: eventTime, ...common };
  }
  const { specversion: _version, source, type, time, datacontenttype: _type, ...common } = event;
  return {
    topic: source,
    eventType: type,
    eventTime: time,
    dataVersion: '',
    metadataVersion: '1',
    ...common,
  };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
