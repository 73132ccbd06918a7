// kafkajs against the real broker.

import { createRequire } from 'node:module';

import assert from 'node:assert/strict';

import zstd from '@mongodb-js/zstd';

import { keepPromises } from './promises.mjs';

const require = createRequire(import.meta.url);
const kafkajs = require('kafkajs');
const { CompressionCodecs, CompressionTypes, ConfigResourceTypes, Kafka, Partitioners, logLevel } =
  kafkajs;
CompressionCodecs[CompressionTypes.Snappy] = require('kafkajs-snappy');
const Lz4 = require('kafkajs-lz4');
CompressionCodecs[CompressionTypes.LZ4] = new Lz4().codec;
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: (encoder) => zstd.compress(encoder.buffer),
  decompress: (buffer) => zstd.decompress(buffer),
});
const TYPES = {
  none: CompressionTypes.None, gzip: CompressionTypes.GZIP, snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4, zstd: CompressionTypes.ZSTD,
};

const connection = (broker) => new Kafka({
  clientId: 'kafkajs', brokers: [broker.address], logLevel: logLevel.NOTHING, ...broker.kafkajs(),
});

async function configOf(admin, name) {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: true,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: 'ticks', configNames: [name] }],
  });
  return resources[0].configEntries[0];
}

async function administerTopics(admin) {
  const wrong = [{ topic: 'wrong', configEntries: [{ name: 'retention.msec', value: '1' }] }];
  await assert.rejects(admin.createTopics({ topics: wrong }),
    ({ errors }) => errors[0].type === 'INVALID_CONFIG');
  await admin.createTopics({
    topics: [{ topic: 'ticks', configEntries: [{ name: 'retention.ms', value: '600000' }] }],
  });
  assert.equal((await configOf(admin, 'retention.ms')).configValue, '600000');
  assert.equal((await configOf(admin, 'segment.bytes')).isDefault, true);
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{
      type: ConfigResourceTypes.TOPIC, name: 'ticks',
      configEntries: [{ name: 'max.message.bytes', value: '2000' }],
    }],
  });
  assert.equal((await configOf(admin, 'max.message.bytes')).configValue, '2000');
  assert.equal((await configOf(admin, 'retention.ms')).configValue, '604800000');
  await admin.createPartitions({ topicPartitions: [{ topic: 'ticks', count: 3 }] });
  const { topics } = await admin.fetchTopicMetadata({ topics: ['ticks'] });
  assert.equal(topics[0].partitions.length, 3);
  const cluster = await admin.describeCluster();
  assert.deepEqual(cluster.brokers.map((node) => node.nodeId), [cluster.controller]);
}

async function administerGroups(admin, { readers, committed }) {
  const reader = await readers();
  const { groups } = await admin.listGroups();
  assert.deepEqual(groups, [{ groupId: 'readers', protocolType: 'consumer' }]);
  const described = (await admin.describeGroups(['readers'])).groups[0];
  assert.equal(described.state, 'Stable');
  assert.equal(described.members[0].clientId, 'kafkajs');
  await assert.rejects(admin.deleteGroups(['readers']), /Error in DeleteGroups/);
  await reader.disconnect();
  const offsets = await admin.fetchOffsets({ groupId: 'readers', topics: ['ticks'] });
  assert.equal(offsets[0].partitions.find(({ partition }) => partition === 0).offset, '10');
  await admin.deleteGroups(['readers']);
  assert.deepEqual(await committed(), [-1]);
  assert.deepEqual((await admin.listGroups()).groups, []);
}

keepPromises('kafkajs', {
  async createTopic(broker, topic, configs) {
    const admin = connection(broker).admin();
    await admin.connect();
    const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
    await admin.createTopics({ topics: [{ topic, configEntries }] });
    await admin.disconnect();
  },

  async administer(broker, checks) {
    const admin = connection(broker).admin();
    await admin.connect();
    try {
      await administerTopics(admin);
      await administerGroups(admin, checks);
      await admin.deleteTopicRecords({ topic: 'ticks', partitions: [{ partition: 0, offset: '4' }] });
      const offsets = await admin.fetchTopicOffsets('ticks');
      const first = offsets.find(({ partition }) => partition === 0);
      assert.deepEqual([first.low, first.high], ['4', '10']);
      await admin.deleteTopics({ topics: ['ticks'] });
      assert.ok(!(await admin.listTopics()).includes('ticks'));
    } finally {
      await admin.disconnect();
    }
  },

  async connectProducer(broker, codec) {
    const producer = connection(broker)
      .producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    return {
      send: (topic, messages) =>
        producer.send({ topic, messages, acks: -1, compression: TYPES[codec] }),
      disconnect: () => producer.disconnect(),
    };
  },

  async connectMember(broker, groupId, topic, { mayProcess, onCommitted }) {
    const consumer = connection(broker).consumer({
      groupId, sessionTimeout: 10000, heartbeatInterval: 200, maxWaitTimeInMs: 100,
    });
    let owned = 0;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      owned = (payload.memberAssignment[topic] ?? []).length;
    });
    consumer.on(consumer.events.REBALANCING, () => { owned = 0; });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async ({ batch, resolveOffset, heartbeat, isRunning, isStale }) => {
        for (const message of batch.messages) {
          if (!isRunning() || isStale() || !mayProcess()) return;
          const offset = String(BigInt(message.offset) + 1n);
          await consumer.commitOffsets([{ topic, partition: batch.partition, offset }]);
          resolveOffset(message.offset);
          onCommitted(message.value.toString());
          await heartbeat();
        }
      },
    });
    return { owned: () => owned, disconnect: () => consumer.disconnect() };
  },

  async connectTransactional(broker, transactionalId) {
    const producer = connection(broker).producer({
      transactionalId, idempotent: true, maxInFlightRequests: 1, transactionTimeout: 30000,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    return {
      async begin() {
        const transaction = await producer.transaction();
        return {
          send: (topic, messages) => transaction.send({ topic, messages }),
          sendOffsets: (member, topic, partition, offset) => transaction.sendOffsets({
            consumerGroupId: member.groupId,
            topics: [{ topic, partitions: [{ partition, offset }] }],
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
      groupId: `reader-${committed}`, readUncommitted: !committed, maxWaitTimeInMs: 100,
    });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({ eachMessage: async ({ message }) => onValue(message.value.toString()) });
    return { disconnect: () => consumer.disconnect() };
  },

  async connectBatchMember(broker, groupId, topic, onBatch) {
    const consumer = connection(broker).consumer({
      groupId, sessionTimeout: 10000, heartbeatInterval: 200, maxWaitTimeInMs: 100,
    });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const member = { groupId, disconnect: () => consumer.disconnect() };
    await consumer.run({ autoCommit: false, eachBatch: ({ batch }) => onBatch(member, batch) });
    return member;
  },
});
