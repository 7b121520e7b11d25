import type { BundledPackage } from './bundled-packages.ts';

/**
 * What a bundle is made of, for scanners of vulnerabilities and licences: CycloneDX 1.6 in JSON.
 *
 * `npm sbom` lists what is installed. Most of that is not in the bundle, and some of what is in it is installed for
 * development only.
 * https://cyclonedx.org/docs/1.6/json/
 */
export const billOfMaterials = (
  name: string,
  version: string,
  licence: string,
  bundled: readonly BundledPackage[],
) => ({
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: { component: { type: 'application', ...component({ name, version, licence }) } },
  components: bundled.map((one) => ({ type: 'library', ...component(one) })),
});

const component = ({ name, version, licence }: Pick<BundledPackage, 'name' | 'version' | 'licence'>) => ({
  'bom-ref': packageUrl(name, version),
  name,
  version,
  licenses: [{ expression: licence }],
  purl: packageUrl(name, version),
});

/** https://github.com/package-url/purl-spec/blob/main/types-doc/npm-definition.md */
const packageUrl = (name: string, version: string): string =>
  `pkg:npm/${name.replace(/^@/, '%40')}@${encodeURIComponent(version)}`;
