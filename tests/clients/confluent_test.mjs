// @confluentinc/kafka-javascript (librdkafka of its own) against the real broker.

import { createRequire } from 'node:module';

import { keepPromises } from './promises.mjs';

const require = createRequire(import.meta.url);
const { KafkaJS } = require('@confluentinc/kafka-javascript');

const connection = (broker) => new KafkaJS.Kafka({
  kafkaJS: { clientId: 'confluent', brokers: [broker.address], logLevel: KafkaJS.logLevel.NOTHING },
});

keepPromises('confluent', {
  async connectProducer(broker, codec) {
    const producer = connection(broker)
      .producer({ kafkaJS: { acks: -1 }, 'compression.codec': codec, 'linger.ms': 50 });
    await producer.connect();
    return {
      send: (topic, messages) => producer.send({ topic, messages }),
      disconnect: () => producer.disconnect(),
    };
  },

  async connectMember(broker, groupId, topic, { mayProcess, onCommitted }) {
    const consumer = connection(broker).consumer({
      kafkaJS: { groupId, autoCommit: false, fromBeginning: true },
      'session.timeout.ms': 10000, 'heartbeat.interval.ms': 200, 'fetch.wait.max.ms': 100,
    });
    await consumer.connect();
    await consumer.subscribe({ topic });
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        if (!mayProcess()) return;
        const offset = String(BigInt(message.offset) + 1n);
        await consumer.commitOffsets([{ topic, partition, offset }]);
        onCommitted(message.value.toString());
      },
    });
    return {
      owned: () => consumer.assignment().length,
      disconnect: () => consumer.disconnect(),
    };
  },
});
