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

  async connectTransactional(broker, transactionalId) {
    const producer = connection(broker)
      .producer({ kafkaJS: { transactionalId, transactionTimeout: 30000 }, 'linger.ms': 5 });
    await producer.connect();
    return {
      async begin() {
        const transaction = await producer.transaction();
        return {
          send: (topic, messages) => transaction.send({ topic, messages }),
          sendOffsets: (member, topic, partition, offset) => transaction.sendOffsets({
            consumer: member.consumer, topics: [{ topic, partitions: [{ partition, offset }] }],
          }),
          commit: () => transaction.commit(),
          abort: () => transaction.abort(),
        };
      },
      disconnect: () => producer.disconnect(),
    };
  },

  async connectReader(broker, topic, { committed }, onValue) {
    const consumer = connection(broker).consumer({
      kafkaJS: { groupId: `reader-${committed}`, fromBeginning: true, readUncommitted: !committed },
      'fetch.wait.max.ms': 100,
    });
    await consumer.connect();
    await consumer.subscribe({ topic });
    await consumer.run({ eachMessage: async ({ message }) => onValue(message.value.toString()) });
    return { disconnect: () => consumer.disconnect() };
  },

  async connectBatchMember(broker, groupId, topic, onBatch) {
    const consumer = connection(broker).consumer({
      kafkaJS: { groupId, autoCommit: false, fromBeginning: true },
      'session.timeout.ms': 10000, 'heartbeat.interval.ms': 200, 'fetch.wait.max.ms': 100,
    });
    await consumer.connect();
    await consumer.subscribe({ topic });
    const member = { consumer, disconnect: () => consumer.disconnect() };
    await consumer.run({ eachBatch: ({ batch }) => onBatch(member, batch) });
    return member;
  },
});
