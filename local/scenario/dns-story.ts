import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalAzure } from '../azure/local-azure.ts';
import type { Narrator } from './narrator.ts';
import type { ReconciliationLog } from './reconciliation-log.ts';
import { differences, type Expectation, type NameService, resolveAll, staleNames } from './resolver.ts';

interface DnsStage {
  readonly azure: LocalAzure;
  readonly names: NameService;
  readonly narrator: Narrator;
  readonly log: ReconciliationLog;
  /** Fires the audit as its timer would. */
  readonly fireAudit: () => Promise<void>;
}

/** A container group of the story. */
interface Player {
  readonly name: string;
  readonly spoke: 'spoke-a' | 'spoke-b';
  readonly id: string;
  readonly host: string;
}

/** How long the story waits for a name. Event Grid repeats a failed delivery after 10 s, and after 30 s more. */
const timeoutMs = 60_000;
/** How long the story waits until the platform gives a container group an address. */
const platformTimeoutMs = 10_000;

/**
 * Three container groups in two spokes with one hub of zones: started, restarted, swapped, moved without an
 * event, deleted. Every event is delivered at least once, out of order, and sometimes twice.
 */
export class DnsStory {
  private readonly stage: DnsStage;
  private readonly web: Player;
  private readonly api: Player;
  private readonly db: Player;
  private readonly usedAddresses = new Set<string>();
  /** Deliveries that the host has answered. */
  private answered = 0;

  constructor(stage: DnsStage) {
    this.stage = stage;
    stage.azure.eventGrid.onAttempt(({ status }) => {
      if (status !== undefined) this.answered += 1;
    });
    this.web = this.player('web', 'spoke-a');
    this.api = this.player('api', 'spoke-a');
    this.db = this.player('db', 'spoke-b');
  }

  private get players(): readonly Player[] {
    return [this.web, this.api, this.db];
  }

  /** @throws {NotResolvedError} when a name is not right in time. */
  async play(): Promise<void> {
    const { containerGroups, eventGrid } = this.stage.azure;
    const { web, api, db } = this;
    await this.act('Three container groups start in two spokes', [web, api, db], () => {
      for (const { name, spoke } of [web, api, db]) {
        containerGroups.create({ resourceGroup: `rg-${spoke}`, name, asynchronous: true });
      }
    });
    await this.act('web restarts, and the platform gives it another address', [web], () =>
      containerGroups.restart(web.id, { asynchronous: true }),
    );
    await this.act('web and api swap their addresses', [web, api], () => {
      containerGroups.swap(web.id, api.id);
      for (const { id } of [web, api]) this.raise(id);
    });
    await this.act('The platform moves db without an event; the audit finds out', [db], async () => {
      containerGroups.move(db.id);
      await this.stage.fireAudit();
    });
    await this.act('api is deleted', [api], () => containerGroups.delete(api.id));
    await this.act('The events of all three arrive once more, much too late', [web, api, db], () => {
      for (const { id } of [web, api, db]) this.raise(id);
    });
    const { delivered, duplicated, retried } = eventGrid.counts();
    this.stage.narrator.note(
      `Event Grid delivered ${delivered} events, ${duplicated} of them twice, and repeated ${retried}.`,
    );
  }

  /** Returns what DNS answers wrongly, one sentence each. */
  async verify(): Promise<string[]> {
    const { azure, names } = this.stage;
    const wrong = await Promise.all(
      this.players.map((player) => differences(names, this.expectationOf(player))),
    );
    const inUse = new Set(this.players.map(({ id }) => azure.containerGroups.address(id)));
    const left = [...this.usedAddresses].filter((address) => !inUse.has(address));
    return [...wrong.flat(), ...(await staleNames(names, left))];
  }

  /** A name that resolves at the end of the story, and its address. */
  example(): { host: string; address: string } | undefined {
    for (const player of this.players) {
      const { host, address } = this.expectationOf(player);
      if (address !== undefined) return { host, address };
    }
    return undefined;
  }

  /** Plays one act: something happens, every name becomes right, and the narrator reports what was seen. */
  private async act(
    title: string,
    players: readonly Player[],
    happen: () => void | Promise<void>,
  ): Promise<void> {
    const { azure, names, narrator, log } = this.stage;
    narrator.act(title);
    const before = new Map(players.map(({ id }) => [id, azure.containerGroups.address(id)]));
    await happen();
    await narrator.wait('waiting for the platform', this.platformIsDone(players));
    const movedAt = performance.now();
    const expectations = players.map((player) => this.expectationOf(player));
    const resolvedMs = await narrator.wait(
      'waiting for the names to be right',
      resolveAll(names, expectations, movedAt, timeoutMs),
    );
    await narrator.wait('waiting for the last delivery', azure.eventGrid.idle());
    await log.executionsSeen(this.answered);
    for (const player of players) {
      const address = azure.containerGroups.address(player.id);
      if (address !== undefined) this.usedAddresses.add(address);
      const ms = Math.round(resolvedMs.get(player.host) ?? 0);
      narrator.row({
        name: player.name,
        spoke: player.spoke,
        happened: changeInWords(before.get(player.id), address),
        did: log.collect(player.id),
        resolved: `${address === undefined ? 'gone from DNS' : 'right in DNS'} after ${ms} ms`,
      });
    }
  }

  /** Waits until every group shows the address that it will have. Names are timed from that moment. */
  private async platformIsDone(players: readonly Player[]): Promise<void> {
    const { containerGroups } = this.stage.azure;
    const deadline = performance.now() + platformTimeoutMs;
    const isPending = ({ id }: Player) =>
      JSON.stringify(containerGroups.get(id))?.includes('"Pending"') === true;
    while (players.some(isPending)) {
      if (performance.now() > deadline) throw new Error('the simulated platform gave no address in time');
      await sleep(5);
    }
  }

  private raise(id: string): void {
    const { resourceGroup, subscriptionId } = partsOf(id);
    this.stage.azure.eventGrid.report({
      verb: 'action',
      operationName: 'Microsoft.ContainerInstance/containerGroups/restart/action',
      resourceId: id,
      subscriptionId,
      resourceGroup,
      httpMethod: 'POST',
    });
  }

  private expectationOf({ id, host }: Player): Expectation {
    return { host, address: this.stage.azure.containerGroups.address(id) };
  }

  private player(name: string, spoke: Player['spoke']): Player {
    const id = this.stage.azure.containerGroups.id(`rg-${spoke}`, name);
    return { name, spoke, id, host: `${name}.${spoke}.internal.contoso.com` };
  }
}

function partsOf(id: string): { subscriptionId: string; resourceGroup: string } {
  const [, , subscriptionId = '', , resourceGroup = ''] = id.split('/');
  return { subscriptionId, resourceGroup };
}

function changeInWords(before: string | undefined, after: string | undefined): string {
  if (before === after) return before === undefined ? 'still gone' : `still ${before}`;
  if (before === undefined) return `starts on ${after}`;
  return after === undefined ? `was on ${before}` : `${before} → ${after}`;
}
