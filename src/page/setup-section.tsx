import type { StatusDocument } from '../status/schema.ts';
import { Copyable } from './copyable.tsx';
import { Disclosure } from './disclosure.tsx';
import { Section } from './section.tsx';

const zoneMap = `{
  "rg-spoke-a": {
    "forwardZone": "spoke-a.internal.contoso.com",
    "reverseZones": ["1.10.in-addr.arpa"],
    "zoneResourceGroup": "rg-hub-dns"
  }
}`;

const registries = `[
  {
    "id": "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-registry/providers/Microsoft.ContainerRegistry/registries/myregistry",
    "replicationSlo": "PT10M"
  }
]`;

/** What to configure next, where a whole job has nothing to do. */
export function SetupSection({
  status: { dns, registries: configured },
}: {
  readonly status: StatusDocument;
}) {
  const missing = [
    ...(dns.spokes.length === 0 ? [<ZoneMap key="zones" />] : []),
    ...(configured.length === 0 ? [<Registries key="registries" />] : []),
  ];
  if (missing.length === 0) return null;
  if (missing.length === 2) {
    return (
      <Section id="setup" title="What to configure next">
        <p>Each of these app settings brings one part of this page to life; either may come first.</p>
        <div class="cards">{missing}</div>
      </Section>
    );
  }
  return (
    <Section id="setup" title="Not configured">
      <Disclosure
        summary={dns.spokes.length === 0 ? 'DNS: set DNS_ZONE_MAP' : 'Images and replicas: set REGISTRIES'}
      >
        {() => <div class="cards">{missing}</div>}
      </Disclosure>
    </Section>
  );
}

const ZoneMap = () => (
  <article class="card">
    <h3>
      DNS: <code>DNS_ZONE_MAP</code>
    </h3>
    <p>Which resource group’s container groups get records, and in which private DNS zones.</p>
    <Copyable label="A sample of DNS_ZONE_MAP" text={zoneMap} />
  </article>
);

const Registries = () => (
  <article class="card">
    <h3>
      Images and replicas: <code>REGISTRIES</code>
    </h3>
    <p>
      The container registries whose images and replicas are followed. Their webhooks also need{' '}
      <code>REGISTRY_WEBHOOK_SECRET</code>.
    </p>
    <Copyable label="A sample of REGISTRIES" text={registries} />
  </article>
);
