/** The package's main module loads all that it has, `fetch` and WebSockets included; this part has no types of its own. */
declare module 'undici/lib/dispatcher/agent.js' {
  const Agent: typeof import('undici').Agent;
  export default Agent;
}
