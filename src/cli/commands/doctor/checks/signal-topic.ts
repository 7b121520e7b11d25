import { type Check, Skip } from '../check.ts';
import type { Finding } from '../finding.ts';
import type { Connectivity } from '../ports.ts';

interface TopicFacts {
  /** `undefined`: none is set. */
  readonly topic:
    | { readonly url: string; readonly answer: Connectivity; readonly isFound: boolean }
    | undefined;
}

const setting = 'SIGNAL_TOPIC__topicEndpointUri';

/** Whether the custom topic for outgoing events is there and takes events. Nothing is published. */
export const signalTopicCheck: Check<TopicFacts> = {
  name: 'signal-topic',
  title: 'The topic for signals',
  async read({ config, topicConnectivity: knockAtTopic, signalTopicId }) {
    if (!config.signalTopic.ok) return new Skip(`${setting} is wrong`);
    const { value: topic } = config.signalTopic;
    if (topic === undefined) return { topic: undefined };
    const [answer, id] = await Promise.all([knockAtTopic(topic), signalTopicId()]);
    return { topic: { url: topic.url, answer, isFound: id !== undefined } };
  },
  judge({ topic }): Finding[] {
    if (topic === undefined) {
      return [
        {
          severity: 'warning',
          what: `${setting} is not set`,
          why: 'signals are logged only, and what the audit finds is never repaired',
          fix: `set ${setting} to the endpoint of a custom topic (infra/modules/signal-topic.bicep)`,
        },
      ];
    }
    const { url, answer, isFound } = topic;
    if (answer.kind === 'open') return isFound ? [] : [notFound(url)];
    if (answer.kind === 'refused' && (answer.status === 401 || answer.status === 403)) {
      return [
        {
          severity: 'note',
          what: `the topic does not let you publish (${answer.status}), so that whether it takes events was not tried`,
          why: 'the check "roles" says whether the app may',
          fix: 'give yourself EventGrid Data Sender on the topic to have it tried',
        },
      ];
    }
    const how = answer.kind === 'silent' ? answer.reason : `it answers ${answer.status}`;
    return [
      {
        severity: 'error',
        what: `the topic ${url} does not take events: ${how}`,
        why: 'no signal goes out, and what the audit finds is never repaired',
        fix: `correct ${setting}, or create the topic (infra/modules/signal-topic.bicep)`,
      },
    ];
  },
};

const notFound = (url: string): Finding => ({
  severity: 'note',
  what: `the topic ${url} takes events, and is in no subscription that can be seen here`,
  why: 'whether its drift events come back to reconcileDns cannot be seen',
  fix: 'sign in with an identity that may read the topic',
});
