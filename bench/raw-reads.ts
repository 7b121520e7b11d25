/**
 * A process that reads by plain `fetch`: the lower bound of what reads cost. It reads all URLs of a task one after the
 * other, as many tasks at a time as it is told, and answers with the latency of each task in ms.
 */
import * as v from 'valibot';

const order = v.object({ tasks: v.array(v.array(v.string())), concurrency: v.number() });

process.on('message', async (message) => {
  const { tasks, concurrency } = v.parse(order, message);
  const latenciesMs: number[] = [];
  const left = tasks.values();
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (const urls of left) {
        const at = performance.now();
        for (const url of urls) {
          const answer = await fetch(url);
          if (!answer.ok) throw new Error(`${url} was answered ${answer.status}`);
          await answer.json();
        }
        latenciesMs.push(performance.now() - at);
      }
    }),
  );
  process.send?.({ latenciesMs, seconds: (performance.now() - startedAt) / 1000 });
});
