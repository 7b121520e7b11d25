import { metrics } from '@opentelemetry/api';

/** Registers a meter provider in place of any other, and gives what is counted and measured from then on: name, value, attributes. */
export function countedMetrics(): unknown[] {
  const counted: unknown[] = [];
  const noop = metrics.getMeterProvider().getMeter('test');
  const note = (name: string) => (value: number, attributes: unknown) =>
    void counted.push([name, value, attributes]);
  const meter = Object.assign(Object.create(noop), {
    createCounter: (name: string) => ({ add: note(name) }),
    createHistogram: (name: string) => ({ record: note(name) }),
  });
  metrics.disable();
  metrics.setGlobalMeterProvider({ getMeter: () => meter });
  return counted;
}
