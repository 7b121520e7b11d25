import { once } from 'node:events';
import { createRequire } from 'node:module';
import { app, McpTextContent, McpToolResponse, output, trigger } from '@azure/functions';

// A bundle asks for the host's module this way.
const core = createRequire(import.meta.url)('@azure/functions-core');

/** What the functions saw, told by GET /api/journal. */
const journal = [];
const gates = new Map();
const gate = (name) => {
  if (!gates.has(name)) gates.set(name, Promise.withResolvers());
  return gates.get(name);
};

app.hook.appStart(() => journal.push({ saw: 'appStart' }));
app.hook.appTerminate(() => process.stdout.write('the app has ended\n'));
app.hook.preInvocation((context) => {
  context.hookData.startedBy = 'preInvocation';
  if (context.invocationContext.functionName === 'hooked') context.inputs = [...context.inputs, 'added'];
});
app.hook.postInvocation((context) => {
  if (context.invocationContext.functionName !== 'hooked') return;
  context.result = {
    jsonBody: { result: context.result, error: context.error?.message, ...context.hookData },
  };
  context.error = undefined;
});
app.hook.log((context) => {
  context.message = context.message.replace('secret', '***');
});

const startup = {};
const attempt = (name, action) => {
  try {
    startup[name] = action();
  } catch (error) {
    startup[name] = { name: error.name, message: error.message, system: error.isAzureFunctionsSystemError };
  }
};
attempt('version', () => core.version);
attempt('hostVersion', () => core.hostVersion);
attempt('unknownHook', () => core.registerHook('teatime', () => {}));

app.eventGrid('collect', {
  handler: async (event, context) => {
    journal.push({ saw: 'event', event, id: context.invocationId });
    if (event.data?.waitsFor !== undefined) await gate(event.data.waitsFor).promise;
    if (event.data?.fails) throw new Error('no event today', { cause: new Error('it is Sunday') });
  },
});
attempt('duplicate', () => app.eventGrid('collect', { handler: () => {} }));
attempt('model', () => core.getProgrammingModel().name);
app.eventGrid('collectMany', {
  trigger: trigger.generic({ type: 'eventGridTrigger', cardinality: 'many' }),
  handler: (events) => journal.push({ saw: 'events', events }),
});

app.mcpTool('tool', {
  toolName: 'say',
  description: 'Says a word.',
  toolProperties: [
    { propertyName: 'word', propertyType: 'string', description: 'The word.', isRequired: true },
    { propertyName: 'times', propertyType: 'number', isArray: true },
  ],
  handler: (input, context) => {
    if (input.arguments.word === 'fail') throw new Error('no word today');
    if (input.arguments.word === 'nothing') return undefined;
    const { mcptoolargs } = context.triggerMetadata;
    return new McpToolResponse({
      content: [new McpTextContent(input.arguments.word), new McpTextContent('again')],
      structuredContent: { input, mcptoolargs },
    });
  },
});

app.http('journal', { methods: ['GET'], handler: () => ({ jsonBody: journal }) });
app.http('startup', { methods: ['GET'], handler: () => ({ jsonBody: startup }) });
app.http('late', {
  methods: ['GET'],
  handler: () => {
    attempt('late', () => app.http('tooLate', { handler: () => {} }));
    return { jsonBody: startup.late };
  },
});
app.http('echo', {
  methods: ['GET', 'POST', 'PUT'],
  route: 'echo/{id}/{part?}',
  handler: async (request) => ({
    jsonBody: {
      method: request.method,
      path: new URL(request.url).pathname,
      query: Object.fromEntries(request.query),
      params: request.params,
      header: request.headers.get('X-Mixed-Case'),
      body: Buffer.from(await request.arrayBuffer()).toString('base64'),
    },
  }),
});
app.http('echoFixed', { methods: ['GET'], route: 'echo/fixed', handler: () => ({ body: 'fixed' }) });
app.http('numbered', { methods: ['GET'], route: 'numbers/{n:int}', handler: (r) => ({ body: r.params.n }) });
app.http('everything', {
  methods: ['GET'],
  route: 'files/{*path}',
  handler: (r) => ({ body: r.params.path }),
});
app.http('oddRoute', { methods: ['GET'], route: 'odd/{n:prime}', handler: () => ({}) });
app.http('size', { handler: async (r) => ({ body: String((await r.arrayBuffer()).byteLength) }) });
app.http('bytes', {
  methods: ['GET'],
  handler: () => ({
    body: new Uint8Array([0, 255, 128]),
    headers: { 'content-type': 'image/x' },
    status: 203,
  }),
});
app.http('cookies', {
  methods: ['GET'],
  handler: () => ({
    status: 204,
    cookies: [
      { name: 'a', value: '1', httpOnly: true, secure: true, sameSite: 'None', maxAge: 60 },
      { name: 'b', value: 'two words', path: '/api' },
    ],
  }),
});
app.http('nothing', { handler: () => {} });
app.http('failing', {
  handler: () => {
    throw new Error('out of order');
  },
});
app.http('hooked', {
  methods: ['GET'],
  handler: (_request, added) => Promise.reject(new Error(`got ${added}`)),
});
app.http('talk', {
  methods: ['GET'],
  handler: (_request, context) => {
    context.debug('a debug line');
    context.log('two\nlines', { and: 'an object' });
    context.warn('careful with the secret');
    context.error('oh no');
    return {};
  },
});
app.http('keyed', { authLevel: 'function', methods: ['GET'], handler: () => ({ body: 'keyed' }) });
app.http('keyedToo', { authLevel: 'function', methods: ['GET'], handler: () => ({ body: 'keyed too' }) });
app.http('masterOnly', { authLevel: 'admin', methods: ['GET'], handler: () => ({ body: 'master' }) });
app.http('release', {
  methods: ['POST'],
  route: 'release/{name}',
  handler: (request) => {
    gate(request.params.name).resolve();
    return {};
  },
});
/** Opens a gate as soon as the host has been told to stop, which no request from outside could do any more. */
app.http('releaseAfterStop', {
  methods: ['POST'],
  route: 'releaseAfterStop/{name}',
  handler: async (request) => {
    const stopping = once(process, 'SIGTERM');
    process.stdout.write(`waiting to release ${request.params.name}\n`);
    await stopping;
    gate(request.params.name).resolve();
    return { body: 'released' };
  },
});
app.http('hold', {
  methods: ['GET'],
  route: 'hold/{name}',
  handler: async (request) => {
    process.stdout.write(`holding ${request.params.name}\n`);
    await gate(request.params.name).promise;
    return { body: 'released' };
  },
});

app.timer('tick', {
  schedule: '%TICK_SCHEDULE%',
  handler: (timer) => {
    journal.push({ saw: 'tick', timer });
  },
});
app.timer('startOnce', {
  schedule: '0 0 0 1 1 *',
  runOnStartup: true,
  handler: (timer) => {
    journal.push({ saw: 'startOnce', timer });
  },
});
app.timer('unset', { schedule: '%NO_SUCH_SETTING%', handler: () => {} });
app.timer('unreadable', { schedule: 'every now and then', handler: () => {} });

app.storageQueue('takeOrder', {
  queueName: '%ORDER_QUEUE%',
  connection: 'ORDERS',
  return: output.generic({ type: 'nowhere' }),
  handler: async (order, context) => {
    journal.push({ saw: 'order', order, metadata: context.triggerMetadata });
    if (order.waitsFor !== undefined) await gate(order.waitsFor).promise;
    if (order.endsAfterStop) {
      await once(process, 'SIGTERM');
      // Longer than the host takes to stop listening.
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    if (order.fails) throw new Error('no such dish');
  },
});
