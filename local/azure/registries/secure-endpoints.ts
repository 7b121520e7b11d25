import type { HttpServer } from '../http-server.ts';
import { endpointPath } from './endpoint-condition.ts';
import { labelOf, type Registries } from './registry.ts';

/** Serves https on a port of its own. @param root The path that the host stands for. */
export type ServeSecurely = (root: string) => Promise<HttpServer>;

/**
 * Regional endpoints as hosts of their own over https, as real ones are. Each has its own origin and with it its own
 * token service, so that what one of them refuses says nothing about the others.
 */
export class SecureEndpoints {
  private readonly registries: Registries;
  private readonly serve: ServeSecurely;
  private readonly hosts = new Map<string, HttpServer>();

  constructor(registries: Registries, serve: ServeSecurely) {
    this.registries = registries;
    this.serve = serve;
  }

  /** Gives each replica that has none a host. Again after a replica or registry was added. */
  async open(): Promise<void> {
    const paths = [...this.registries.all].flatMap((registry) =>
      [...registry.replicas].map(({ region }) => endpointPath(labelOf(registry), region)),
    );
    for (const path of paths) {
      if (!this.hosts.has(path)) this.hosts.set(path, await this.serve(path));
    }
  }

  /** Base URL of the host of an endpoint, known by its path; undefined without one. */
  url(path: string): string | undefined {
    return this.hosts.get(path)?.url;
  }
}
