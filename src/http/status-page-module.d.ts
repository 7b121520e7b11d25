/** The build makes this module from `src/page/`; see `scripts/status-page/build.ts`. */
declare module 'evenkeel:status-page' {
  const page: import('./page-response.ts').BuiltPage;
  export default page;
}
