import type { StatusDocument } from '../status/schema.ts';
import { Copyable } from './copyable.tsx';
import { Disclosure } from './disclosure.tsx';

const zoneMapSample = `{
  "rg-spoke-a": {
    "forwardZone": "spoke-a.internal.contoso.com",
    "reverseZones": ["1.10.in-addr.arpa"],
    "zoneResourceGroup": "rg-hub-dns"
  }
}`;

const registriesSample = `[
  {
    "id": "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-registry/providers/Microsoft.ContainerRegistry/registries/myregistry",
    "replicationSlo": "PT10M"
  }
]`;

/** Samples of the settings without which a whole job has nothing to do. */
export function SetupSection({ status: { dns, registries } }: { readonly status: StatusDocument }) {
  const missing = [
    ...(dns.spokes.length === 0 ? [<ZoneMapCard key="zones" />] : []),
    ...(registries.length === 0 ? [<RegistriesCard key="registries" />] : []),
  ];
  if (missing.length === 0) return null;
  if (missing.length === 2) {
    return (
      <section id="setup" class="panel" aria-labelledby="setup-title">
        <h2 id="setup-title">What to configure next</h2>
        <p>Each of these app settings turns on one part of this page. Start with either one.</p>
        <div class="cards">{missing}</div>
      </section>
    );
  }
  return (
    <section id="setup" class="panel" aria-labelledby="setup-title">
      <h2 id="setup-title">Not configured</h2>
      <Disclosure
        summary={dns.spokes.length === 0 ? 'DNS: set DNS_ZONE_MAP' : 'Images and replicas: set REGISTRIES'}
      >
        {() => <div class="cards">{missing}</div>}
      </Disclosure>
    </section>
  );
}

const ZoneMapCard = () => (
  <article class="card">
    <h3>
      DNS: <code>DNS_ZONE_MAP</code>
    </h3>
    <p>The resource groups whose container groups get DNS records, and the private DNS zones of each.</p>
    <Copyable isSample label="Sample of DNS_ZONE_MAP" text={zoneMapSample} />
  </article>
);

const RegistriesCard = () => (
  <article class="card">
    <h3>
      Images and replicas: <code>REGISTRIES</code>
    </h3>
    <p>
      The container registries whose images and replicas evenkeel watches. Their webhooks also need{' '}
      <code>REGISTRY_WEBHOOK_SECRET</code>.
    </p>
    <Copyable isSample label="Sample of REGISTRIES" text={registriesSample} />
  </article>
);
