// The driver of @platformatic/kafka (driver.py says what it is told).

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import {
  Admin, ConfigResourceTypes, Consumer, FetchIsolationLevels, IncrementalAlterConfigOperationTypes,
  ListOffsetTimestamps, MessagesStreamFallbackModes, MessagesStreamModes, Producer,
  stringDeserializers, stringSerializers,
} from '@platformatic/kafka';

const [role, ...pairs] = process.argv.slice(2);
const settings = Object.fromEntries(pairs.map((pair) => {
  const [name, ...value] = pair.split('=');
  return [name, value.join('=')];
}));

const say = (...fields) =>
  process.stdout.write(`${fields.map((field) => String(field).replaceAll('\n', ' ')).join('\t')}\n`);

const connection = { clientId: 'platformatic', bootstrapBrokers: [settings.bootstrap] };
if (settings.security === 'sasl_ssl') {
  Object.assign(connection, {
    tls: { ca: readFileSync(settings.ca) },
    sasl: { mechanism: settings.mechanism, username: settings.user, password: settings.password },
  });
}

const input = createInterface({ input: process.stdin });

/** Carries out commands, one after the other, until the end of input; "send" has no answer. */
async function serve(commands) {
  for await (const line of input) {
    const [name, ...fields] = line.split('\t');
    if (name === 'send') {
      commands.send(...fields);
      continue;
    }
    try {
      say('ok', ...((await commands[name](...fields)) ?? []));
    } catch (error) {
      say('error', error.errors?.map(({ message }) => message).join('; ') ?? '', error.message);
    }
  }
}

function makeProducer() {
  return new Producer({
    ...connection, serializers: stringSerializers, compression: settings.codec ?? 'none',
    ...(settings.id && { transactionalId: settings.id, idempotent: true }),
  });
}

/**
 * A predecessor's transaction is aborted first. The client takes that for an error, after which it
 * takes the transaction for begun: only another producer can ask again.
 */
async function beginTransaction(holder) {
  for (;;) {
    try {
      // Left to itself the client claims to be producer 0 already, which somebody else may be.
      return await holder.producer.beginTransaction({ producerId: -1n, producerEpoch: -1 });
    } catch (error) {
      if (!error.findBy?.('apiId', 'CONCURRENT_TRANSACTIONS')) throw error;
      await holder.producer.close(true);
      holder.producer = makeProducer();
    }
  }
}

async function runProducer() {
  const holder = { producer: makeProducer() };
  let transaction;
  let messages = [];
  await serve({
    send(topic, partition, key, value) {
      messages.push({ topic, key, value, ...(partition !== '-1' && { partition: Number(partition) }) });
    },
    async flush() {
      const sent = messages;
      messages = [];
      await (transaction ?? holder.producer).send({ messages: sent, acks: -1 });
    },
    async begin() { transaction = await beginTransaction(holder); },
    commit: () => transaction.commit(),
    abort: () => transaction.abort(),
  });
  await holder.producer.close(true);
}

function makeConsumer(groupId, options = {}) {
  return new Consumer({
    ...connection, groupId, deserializers: stringDeserializers, autocommit: false, maxWaitTime: 100,
    ...(settings.protocol === 'consumer'
      ? { groupProtocol: 'consumer' }
      : { sessionTimeout: 10000, heartbeatInterval: 200 }),
    ...options,
  });
}

const owns = (consumer, { topic, partition }) => consumer.assignments?.some(
  (assignment) => assignment.topic === topic && assignment.partitions.includes(partition));

async function runMember() {
  const consumer = makeConsumer(settings.group);
  const owned = () =>
    say('owned', (consumer.assignments ?? []).reduce((sum, { partitions }) => sum + partitions.length, 0));
  consumer.on('consumer:group:join', owned);
  const stream = await consumer.consume({
    topics: [settings.topic], mode: MessagesStreamModes.COMMITTED,
    fallbackMode: MessagesStreamFallbackModes.EARLIEST,
  });
  input.once('close', () => consumer.close(true).catch(() => {}).then(() => process.exit(0)));
  let left = Number(settings.stop_after ?? Infinity);
  const next = new Map(); // by partition: after a rebalance the stream reads again what it held
  for await (const message of stream) {
    if (!owns(consumer, message) || message.offset < (next.get(message.partition) ?? 0n)) continue;
    if (left-- <= 0) continue;
    try {
      await message.commit();
    } catch {
      continue; // a rebalance came between: whoever has the partition now reads it
    }
    next.set(message.partition, message.offset + 1n);
    say('committed', message.value);
  }
}

async function runReader() {
  const isolationLevel = settings.isolation === 'committed'
    ? FetchIsolationLevels.READ_COMMITTED : FetchIsolationLevels.READ_UNCOMMITTED;
  const consumer = makeConsumer(`reader-${settings.isolation}`, { isolationLevel });
  const stream = await consumer.consume({
    topics: [settings.topic], mode: MessagesStreamModes.EARLIEST, isolationLevel,
  });
  input.once('close', () => consumer.close(true).catch(() => {}).then(() => process.exit(0)));
  for await (const message of stream) say('value', message.value);
}

async function runPipe() {
  const holder = { producer: makeProducer() };
  const consumer = makeConsumer(settings.group);
  const stream = await consumer.consume({
    topics: [settings.input], mode: MessagesStreamModes.COMMITTED,
    fallbackMode: MessagesStreamFallbackModes.EARLIEST,
  });
  input.once('close', () => consumer.close(true).catch(() => {}).then(() => process.exit(0)));
  let chunk = [];
  for await (const message of stream) {
    chunk.push(message);
    if (chunk.length < 10 && stream.readableLength > 0) continue;
    const transaction = await beginTransaction(holder);
    await transaction.send({
      messages: chunk.map(({ value }) => ({ topic: settings.output, value: `bar of ${value}` })),
      acks: -1,
    });
    await transaction.addConsumer(consumer);
    await transaction.addOffset(chunk.at(-1));
    await transaction.commit();
    say('transaction');
    chunk = [];
  }
}

async function runAdmin() {
  const admin = new Admin(connection);
  const topicResource = (topic) => ({ resourceType: ConfigResourceTypes.TOPIC, resourceName: topic });
  const pair = (text) => {
    const [name, value] = text.split('=');
    return { name, value };
  };
  const end = async (topic, partition, timestamp) => {
    const [found] = await admin.listOffsets({
      topics: [{ name: topic, partitions: [{ partitionIndex: Number(partition), timestamp }] }],
    });
    return found.partitions[0].offset;
  };
  await serve({
    create: (topic, partitions, ...configs) => admin.createTopics({
      topics: [topic], partitions: Number(partitions), replicas: 1, configs: configs.map(pair),
    }).then(() => []),
    delete: (topic) => admin.deleteTopics({ topics: [topic] }),
    topics: () => admin.listTopics(),
    async partitions(topic) {
      const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true });
      return [topics.get(topic).partitionsCount];
    },
    add_partitions: (name, count) =>
      admin.createPartitions({ topics: [{ name, count: Number(count), assignments: null }] }),
    async config(topic, name) {
      const [found] = await admin.describeConfigs({
        resources: [{ ...topicResource(topic), configurationKeys: [name] }],
      });
      return [found.configs[0].value];
    },
    alter: (topic, ...configs) => admin.incrementalAlterConfigs({
      resources: [{ ...topicResource(topic), configs: configs.map((config) =>
        ({ ...pair(config), configOperation: IncrementalAlterConfigOperationTypes.SET })) }],
    }),
    groups: async () => [...(await admin.listGroups()).keys()],
    async group(name) {
      const found = (await admin.describeGroups({ groups: [name] })).get(name);
      return [`${found.state[0]}${found.state.slice(1).toLowerCase()}`, found.members.size];
    },
    async offset(group, topic, partition) {
      const [found] = await admin.listConsumerGroupOffsets({ groups: [group] });
      const { partitions } = found.topics.find(({ name }) => name === topic);
      return [partitions.find(({ partitionIndex }) => partitionIndex === Number(partition))
        .committedOffset];
    },
    set_offset: (groupId, topic, partition, offset) => admin.alterConsumerGroupOffsets({
      groupId,
      topics: [{ name: topic, partitionOffsets: [{ partition: Number(partition), offset: BigInt(offset) }] }],
    }),
    delete_group: (name) => admin.deleteGroups({ groups: [name] }),
    ends: async (topic, partition) => [
      await end(topic, partition, ListOffsetTimestamps.EARLIEST),
      await end(topic, partition, ListOffsetTimestamps.LATEST),
    ],
    delete_records: (topic, partition, offset) => admin.deleteRecords({
      topics: [{ name: topic, partitions: [{ partition: Number(partition), offset: BigInt(offset) }] }],
    }).then(() => []),
  });
  await admin.close();
}

const ROLES = {
  producer: runProducer, member: runMember, reader: runReader, pipe: runPipe, admin: runAdmin,
};
await ROLES[role]();
