import type { GridEvent } from './event.ts';
import type { EventGrid } from './event-grid.ts';
import { topicSource } from './subscription.ts';

/** A custom topic: keeps what is published to it and passes it on to its subscriptions. */
export class Topic {
  readonly name: string;
  /** Everything published, as it came, in order of arrival. */
  readonly events: GridEvent[] = [];
  private readonly eventGrid: EventGrid;
  private readonly listeners = new Set<(event: GridEvent) => void>();

  constructor(name: string, eventGrid: EventGrid) {
    this.name = name;
    this.eventGrid = eventGrid;
  }

  publish(event: GridEvent): void {
    this.events.push(event);
    this.eventGrid.publishFrom(topicSource(this.name), event);
    for (const listener of this.listeners) listener(event);
  }

  /** Runs after an event was published. Returns how to remove it. */
  onEvent(listener: (event: GridEvent) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}

/** The custom topics, under names compared without case. */
export class Topics {
  private readonly eventGrid: EventGrid;
  private readonly byName = new Map<string, Topic>();

  constructor(eventGrid: EventGrid) {
    this.eventGrid = eventGrid;
  }

  get all(): readonly Topic[] {
    return [...this.byName.values()];
  }

  find(name: string): Topic | undefined {
    return this.byName.get(name.toLowerCase());
  }

  /** The existing topic, or a new one. */
  ensure(name: string): Topic {
    const found = this.find(name);
    if (found !== undefined) return found;
    const topic = new Topic(name, this.eventGrid);
    this.byName.set(name.toLowerCase(), topic);
    return topic;
  }
}
