/** Made by the build from `src/page/`; see `local/status-page/build.ts`. */
declare module 'evenkeel:status-page' {
  const page: { readonly html: string; readonly contentSecurityPolicy: string };
  export default page;
}
