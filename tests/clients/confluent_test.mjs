// @confluentinc/kafka-javascript (librdkafka of its own) against the real broker.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

import { keepPromises } from './promises.mjs';

const require = createRequire(import.meta.url);
const { KafkaJS } = require('@confluentinc/kafka-javascript');

const connection = (broker) => new KafkaJS.Kafka({
  kafkaJS: { clientId: 'confluent', brokers: [broker.address], logLevel: KafkaJS.logLevel.NOTHING },
  ...broker.librdkafka(),
});

// Members of KIP-848 are told their session timeout and heartbeat interval by the broker.
const isConsumerProtocol = process.env.GROUP_PROTOCOL === 'consumer';
const MEMBERSHIP = isConsumerProtocol
  ? { 'group.protocol': 'consumer' }
  : { 'session.timeout.ms': 10000, 'heartbeat.interval.ms': 200 };

keepPromises(isConsumerProtocol ? 'confluent, KIP-848' : 'confluent', {
  async createTopic(broker, topic, configs) {
    const admin = connection(broker).admin();
    await admin.connect();
    const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
    await admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries }] });
    await admin.disconnect();
  },

  async administer(broker, { readers, committed }) {
    const admin = connection(broker).admin();
    await admin.connect();
    try {
      await admin.createTopics({ topics: [{ topic: 'ticks', numPartitions: 1 }] });
      const reader = await readers();
      const stable = await admin.listGroups({
        matchConsumerGroupStates: [KafkaJS.ConsumerGroupStates.STABLE],
      });
      assert.deepEqual(stable.groups.map(({ groupId }) => groupId), ['readers']);
      const { groups } = await admin.describeGroups(['readers']);
      assert.equal(groups[0].state, KafkaJS.ConsumerGroupStates.STABLE);
      assert.equal(groups[0].members[0].assignment.topicPartitions.length, 1);
      await assert.rejects(admin.deleteGroups(['readers']));
      await reader.disconnect();
      const offsets = await admin.fetchOffsets({ groupId: 'readers', topics: ['ticks'] });
      assert.equal(offsets[0].partitions[0].offset, '10');
      await admin.deleteGroups(['readers']);
      assert.deepEqual(await committed(), [-1]);
      await admin.deleteTopicRecords({ topic: 'ticks', partitions: [{ partition: 0, offset: '4' }] });
      const [first] = await admin.fetchTopicOffsets('ticks');
      assert.deepEqual([first.low, first.high], ['4', '10']);
    } finally {
      await admin.disconnect();
    }
  },

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
      ...MEMBERSHIP, 'fetch.wait.max.ms': 100,
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
      ...MEMBERSHIP, 'fetch.wait.max.ms': 100,
    });
    await consumer.connect();
    await consumer.subscribe({ topic });
    const member = { consumer, disconnect: () => consumer.disconnect() };
    await consumer.run({ eachBatch: ({ batch }) => onBatch(member, batch) });
    return member;
  },
});
