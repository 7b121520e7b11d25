import * as v from 'valibot';

const regionSchema = v.object({
  region: v.string(),
  state: v.string(),
  at: v.optional(v.string()),
  evidence: v.optional(v.string()),
});
const answerSchema = v.object({ state: v.string(), elapsedMs: v.number(), regions: v.array(regionSchema) });

/** What `GET /api/replication` says of an image. */
export type ImageAnswer = v.InferOutput<typeof answerSchema>;

const replicaSchema = v.object({
  region: v.string(),
  routed: v.nullable(v.boolean()),
  verdict: v.picklist(['ok', 'flagged']),
  reasons: v.array(v.string()),
  /** The last ones that counted, oldest first. */
  reviews: v.array(v.object({ at: v.string(), health: v.string(), because: v.array(v.string()) })),
  interlocks: v.array(v.object({ rule: v.string(), pass: v.boolean(), detail: v.string() })),
  rehearsal: v.nullable(v.object({ until: v.string() })),
  commands: v.object({ off: v.string() }),
});
const statusSchema = v.object({
  registries: v.array(
    v.object({
      registry: v.string(),
      reviewedAt: v.nullable(v.string()),
      replicas: v.array(replicaSchema),
    }),
  ),
});

/** What `GET /api/status` says of a replica. */
export type ReplicaStatus = v.InferOutput<typeof replicaSchema>;
type RegistryStatus = v.InferOutput<typeof statusSchema>['registries'][number];

const rehearsalSchema = v.object({ interlocks: v.array(v.object({ rule: v.string() })) });

/** The app, over HTTP, as its users reach it. */
export class App {
  private readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** Fires a function as its timer would. Resolves when the function has started. */
  async fire(functionName: 'auditDns' | 'reviewReplicas'): Promise<void> {
    const answer = await fetch(`${this.url}/admin/functions/${functionName}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"input":""}',
    });
    if (answer.status !== 202) {
      throw new Error(`the host answered ${answer.status} to the call of ${functionName}`);
    }
  }

  /** @returns `undefined` for an image that the app does not know. */
  async ask(
    registry: string,
    repository: string,
    reference: string,
    waitSeconds: number,
  ): Promise<ImageAnswer | undefined> {
    const query = new URLSearchParams({ registry, repository, reference, wait: String(waitSeconds) });
    const answer = await fetch(`${this.url}/api/replication?${query}`);
    const body: unknown = await answer.json();
    return answer.status === 404 ? undefined : v.parse(answerSchema, body);
  }

  /** Takes a replica out of global routing for a time. @throws when an interlock refuses. */
  async rehearse(wish: Readonly<Record<string, string>>) {
    const answer = await fetch(`${this.url}/api/rehearsals`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(wish),
    });
    const body = await answer.text();
    if (answer.status !== 202) throw new Error(`the rehearsal was answered ${answer.status}: ${body}`);
    return v.parse(rehearsalSchema, JSON.parse(body));
  }

  async endRehearsal(registry: string, region: string): Promise<void> {
    const query = new URLSearchParams({ registry, region });
    const answer = await fetch(`${this.url}/api/rehearsals?${query}`, { method: 'DELETE' });
    if (answer.status !== 202) throw new Error(`the end of the rehearsal was answered ${answer.status}`);
  }

  /** What the last review made of a registry. */
  async registry(name: string): Promise<RegistryStatus> {
    const answer = await fetch(`${this.url}/api/status`);
    const { registries } = v.parse(statusSchema, await answer.json());
    const found = registries.find(({ registry }) => registry === name);
    if (found === undefined) throw new Error(`the status names no registry ${name}`);
    return found;
  }
}
