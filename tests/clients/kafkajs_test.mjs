// kafkajs against the real broker.

import { createRequire } from 'node:module';

import zstd from '@mongodb-js/zstd';

import { keepPromises } from './promises.mjs';

const require = createRequire(import.meta.url);
const kafkajs = require('kafkajs');
const { CompressionCodecs, CompressionTypes, Kafka, Partitioners, logLevel } = kafkajs;
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

const connection = (broker) =>
  new Kafka({ clientId: 'kafkajs', brokers: [broker.address], logLevel: logLevel.NOTHING });

keepPromises('kafkajs', {
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
