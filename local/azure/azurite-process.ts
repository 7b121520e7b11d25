/** The child process that `azurite.ts` starts. */
import { createRequire, enableCompileCache, registerHooks } from 'node:module';

// The parent says nothing on this channel. It closes when the parent ends, however that happens.
process.on('disconnect', () => process.exit(0));
// Everything is in memory: nothing is lost by leaving at once.
process.on('SIGTERM', () => process.exit(0));

enableCompileCache();
// No SQL server is in use, and its client is not installed: see `overrides` in package.json.
const sqlStores = /\/azurite\/dist\/src\/(blob|common)\/(persistence\/)?Sql\w+\.js$/;
registerHooks({
  load: (url, context, next) =>
    sqlStores.test(url) ? { source: '', format: 'commonjs', shortCircuit: true } : next(url, context),
});
createRequire(import.meta.url)('azurite/dist/src/azurite.js');
