// What every client of npm is tried for. A client is { connectProducer(broker, codec),
// connectMember(broker, group, topic, { mayProcess, onCommitted }) }:
//   producer: send(topic, [{ key, value, partition? }]), disconnect();
//   member: commits each record for which mayProcess() is true, then calls onCommitted(value);
//   owned(): how many partitions it has; disconnect().
// administer(broker, checks) does what its client's administration has, and awaits the checks between.

import assert from 'node:assert/strict';
import test from 'node:test';

import { waitUntil } from './broker.mjs';
import { startBrokerUnderTest } from './secure.mjs';
import { TRANSACTION_PROMISES } from './transactions.mjs';

// Long enough that every codec makes a batch of them smaller; else librdkafka sends it as it is.
const value = (number) => JSON.stringify({ n: number, text: 'tick'.repeat(10) });
const values = (first, last) =>
  Array.from({ length: last - first }, (_, index) => value(first + index));

/** A member that keeps apart what it was given and what it has committed. */
async function member(client, broker, group, { stopAfter = Infinity } = {}) {
  const state = { delivered: 0, committed: [] };
  const connected = await client.connectMember(broker, group, 'ticks', {
    mayProcess: () => state.delivered < stopAfter && ++state.delivered > 0,
    onCommitted: (text) => state.committed.push(text),
  });
  return Object.assign(state, connected);
}

async function codecOnDisk(client, broker, codec) {
  await broker.createTopic('ticks', 1);
  const producer = await client.connectProducer(broker, codec);
  const records = values(0, 500).map((text, i) => ({ key: `key-${i % 7}`, value: text }));
  await producer.send('ticks', records);
  await producer.disconnect();
  const reader = await member(client, broker, 'readers');
  await waitUntil(() => reader.committed.length >= 500, 'all is read');
  await reader.disconnect();
  assert.deepEqual(reader.committed, values(0, 500));
  assert.deepEqual([...new Set(broker.batchCodecs('ticks'))], [codec]);
}

async function rebalance(client, broker) {
  await broker.createTopic('ticks', 4);
  const producer = await client.connectProducer(broker, 'none');
  let produced = 0;
  const produceNext = async () => {
    const records = values(produced, produced + 200)
      .map((text, i) => ({ key: `key-${i}`, value: text, partition: i % 4 }));
    produced += 200;
    await producer.send('ticks', records);
  };

  const first = await member(client, broker, 'readers');
  await waitUntil(() => first.owned() === 4, 'the first member has all partitions');
  await produceNext();
  await waitUntil(() => first.committed.length === 200, 'the first member reads all');

  const second = await member(client, broker, 'readers');
  const both = () => first.committed.length + second.committed.length;
  await produceNext();
  await waitUntil(() => first.owned() === 2 && second.owned() === 2, 'two partitions each');
  await waitUntil(() => both() >= 400, 'both read what came meanwhile');
  const before = [first.committed.length, second.committed.length];
  await produceNext();
  await waitUntil(() => both() >= 600, 'both read on');
  assert.ok(first.committed.length > before[0] && second.committed.length > before[1]);

  await second.disconnect();
  await waitUntil(() => first.owned() === 4, 'the first member has all partitions again');
  await produceNext();
  await waitUntil(() => both() >= 800, 'the rest is read');
  await first.disconnect();
  await producer.disconnect();
  assert.deepEqual([...first.committed, ...second.committed].sort(), values(0, 800).sort());
  assert.deepEqual(await broker.committed('readers', 'ticks', 4), [200, 200, 200, 200]);
}

async function resume(client, broker, between) {
  await broker.createTopic('ticks', 1);
  const producer = await client.connectProducer(broker, 'none');
  await producer.send('ticks', values(0, 300).map((text) => ({ value: text })));
  await producer.disconnect();
  const first = await member(client, broker, 'readers', { stopAfter: 100 });
  await waitUntil(() => first.committed.length >= 100, 'the first hundred is read');
  await first.disconnect();
  assert.deepEqual(first.committed, values(0, 100));
  await between();
  assert.deepEqual(await broker.committed('readers', 'ticks', 1), [100]);
  const second = await member(client, broker, 'readers');
  await waitUntil(() => second.committed.length >= 200, 'the rest is read');
  await second.disconnect();
  assert.deepEqual(second.committed, values(100, 300));
}

/** Ten records in ticks-0, and the group "readers" with a member that has committed them. */
async function administration(client, broker) {
  await client.administer(broker, {
    async readers() {
      const producer = await client.connectProducer(broker, 'none');
      await producer.send('ticks', values(0, 10).map((text) => ({ value: text, partition: 0 })));
      await producer.disconnect();
      const reader = await member(client, broker, 'readers');
      await waitUntil(() => reader.committed.length === 10, 'all is read and committed');
      return reader;
    },
    committed: () => broker.committed('readers', 'ticks', 1),
  });
}

/** Of each key the last value stays, over a kill too, and the old ones leave the disk. */
async function compaction(client, broker) {
  await client.createTopic(broker, 'ticks', {
    'cleanup.policy': 'compact', 'segment.bytes': '1000', 'min.cleanable.dirty.ratio': '0.01',
  });
  const producer = await client.connectProducer(broker, 'none');
  for (let round = 0; round < 30; ++round) {
    await producer.send('ticks', [0, 1, 2].map((key) =>
      ({ key: `key-${key}`, value: `${key}: ${value(round)}` })));
  }
  await producer.send('ticks', [{ key: 'last', value: 'last' }]);
  await producer.disconnect();
  const isCompacted = () => {
    try {
      return broker.batchCodecs('ticks').length <= 10;
    } catch (error) {
      if (error.code === 'ENOENT') return false; // a segment was replaced between list and read
      throw error;
    }
  };
  await waitUntil(isCompacted, 'the cleaner has been there', 60);
  await broker.stop('SIGKILL');
  await broker.run();
  const reader = await member(client, broker, 'readers');
  await waitUntil(() => reader.committed.includes('last'), 'all is read');
  await reader.disconnect();
  for (const key of [0, 1, 2]) {
    const last = reader.committed.filter((text) => text.startsWith(`${key}: `)).at(-1);
    assert.equal(last, `${key}: ${value(29)}`);
  }
}

const PROMISES = {
  none: (client, broker) => codecOnDisk(client, broker, 'none'),
  gzip: (client, broker) => codecOnDisk(client, broker, 'gzip'),
  snappy: (client, broker) => codecOnDisk(client, broker, 'snappy'),
  lz4: (client, broker) => codecOnDisk(client, broker, 'lz4'),
  zstd: (client, broker) => codecOnDisk(client, broker, 'zstd'),
  rebalance,
  administration,
  compaction,
  resume: (client, broker) => resume(client, broker, async () => {}),
  resume_after_kill: (client, broker) => resume(client, broker, async () => {
    await broker.stop('SIGKILL');
    await broker.run();
  }),
  ...TRANSACTION_PROMISES,
};

/** Runs the promises that the command line names, or all. */
export function keepPromises(name, client) {
  const asked = process.argv.slice(2);
  for (const promise of asked.length ? asked : Object.keys(PROMISES)) {
    test(`${name}: ${promise}`, { timeout: 140_000 }, async () => {
      assert.ok(PROMISES[promise], `no such promise: ${promise}`);
      const broker = await startBrokerUnderTest();
      try {
        await PROMISES[promise](client, broker);
      } catch (error) {
        console.error(broker.log().slice(-4000));
        throw error;
      } finally {
        await broker.remove();
      }
    });
  }
}
