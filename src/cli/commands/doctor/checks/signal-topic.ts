import type { Connectivity } from '../../../../azure/connectivity.ts';
import { type Check, type Finding, Skip } from '../check.ts';

interface TopicFacts {
  /** `undefined`: none is set. */
  readonly topic:
    | { readonly url: string; readonly connectivity: Connectivity; readonly isFound: boolean }
    | undefined;
}

const setting = 'SIGNAL_TOPIC__topicEndpointUri';

/** The custom topic for outgoing events exists and accepts events. Nothing is published. */
export const signalTopicCheck: Check<TopicFacts> = {
  name: 'signal-topic',
  title: 'Signal topic',
  async read({ config, topicConnectivity, signalTopicId }) {
    if (!config.signalTopic.ok) return new Skip(`${setting} is wrong`);
    const { value: topic } = config.signalTopic;
    if (topic === undefined) return { topic: undefined };
    const [connectivity, id] = await Promise.all([topicConnectivity(topic), signalTopicId()]);
    return { topic: { url: topic.url, connectivity, isFound: id !== undefined } };
  },
  evaluate({ topic }): Finding[] {
    if (topic === undefined) {
      return [
        {
          severity: 'warning',
          what: `${setting} is not set`,
          why: 'signals are only logged, and findings of the audit are never repaired',
          fix: `set ${setting} to the endpoint of a custom topic (infra/modules/signal-topic.bicep)`,
        },
      ];
    }
    const { url, connectivity, isFound } = topic;
    if (connectivity.kind === 'reachable') return isFound ? [] : [notFound(url)];
    if (connectivity.kind === 'refused' && (connectivity.status === 401 || connectivity.status === 403)) {
      return [
        {
          severity: 'note',
          what: `you may not publish to the topic (${connectivity.status}), so it could not be tested`,
          why: 'the check "roles" shows whether the app may',
          fix: 'assign yourself EventGrid Data Sender on the topic to test it',
        },
      ];
    }
    const reason =
      connectivity.kind === 'unreachable' ? connectivity.reason : `it answered ${connectivity.status}`;
    return [
      {
        severity: 'error',
        what: `the topic ${url} does not accept events: ${reason}`,
        why: 'no signals are published, and findings of the audit are never repaired',
        fix: `correct ${setting}, or create the topic (infra/modules/signal-topic.bicep)`,
      },
    ];
  },
};

const notFound = (url: string): Finding => ({
  severity: 'note',
  what: `the topic ${url} accepts events, but is in no visible subscription`,
  why: 'it cannot be checked whether its drift events reach reconcileDns',
  fix: 'sign in with an identity that can read the topic',
});
