// What a client of npm is tried for that has transactions. Besides what promises.mjs asks, it has
//   connectTransactional(broker, id): { begin(), disconnect() }; begin() gives a transaction:
//     send(topic, messages), sendOffsets(member, topic, partition, offset), commit(), abort();
//   connectReader(broker, topic, { committed }, onValue): { disconnect() }, from the beginning;
//   connectBatchMember(broker, group, topic, onBatch): a member without commits of its own, which
//     calls onBatch(member, { partition, messages }) for what it reads.

import assert from 'node:assert/strict';

import { waitUntil } from './broker.mjs';

const records = (first, last) => Array.from({ length: last - first },
  (_, index) => ({ key: `key-${first + index}`, value: `value-${first + index}` }));
const values = (first, last) => records(first, last).map((record) => record.value);
const sorted = (list) => [...list].sort();

async function commitAndAbort(client, broker) {
  await broker.createTopic('ticks', 2);
  const producer = await client.connectTransactional(broker, 'pipe');
  const committed = [];
  const all = [];
  const readers = [
    await client.connectReader(broker, 'ticks', { committed: true }, (value) => committed.push(value)),
    await client.connectReader(broker, 'ticks', { committed: false }, (value) => all.push(value)),
  ];

  const aborted = await producer.begin();
  await aborted.send('ticks', records(0, 20));
  await aborted.abort();
  const kept = await producer.begin();
  await kept.send('ticks', records(20, 40));
  await kept.commit();
  const open = await producer.begin();
  await open.send('ticks', records(40, 60));

  await waitUntil(() => all.length === 60, 'read_uncommitted sees everything');
  await waitUntil(() => committed.length >= 20, 'read_committed sees what was committed');
  assert.deepEqual(sorted(committed), sorted(values(20, 40)));
  assert.deepEqual(sorted(all), sorted(values(0, 60)));
  await open.commit();
  await waitUntil(() => committed.length >= 40, 'the last commit is seen');
  assert.deepEqual(sorted(committed), sorted(values(20, 60)));
  await Promise.all([...readers, producer].map((one) => one.disconnect()));
}

async function fenced(client, broker) {
  await broker.createTopic('ticks', 1);
  const committed = [];
  const old = await client.connectTransactional(broker, 'pipe');
  const first = await old.begin();
  await first.send('ticks', records(0, 10));
  const successor = await client.connectTransactional(broker, 'pipe');
  const second = await successor.begin();
  await second.send('ticks', records(10, 20));
  await assert.rejects(first.commit());
  await second.commit();
  const reader = await client.connectReader(
    broker, 'ticks', { committed: true }, (value) => committed.push(value));
  await waitUntil(() => committed.length >= 10, "the successor's records are seen");
  assert.deepEqual(committed, values(10, 20));
  await Promise.all([reader, successor].map((one) => one.disconnect()));
  await old.disconnect().catch(() => {});
}

/**
 * One life of a program that reads `ticks` and writes `bars`: ten records, their results and the
 * offset behind them in a transaction. Ends with the first error, or when it is told to.
 */
async function pipe(client, broker, progress) {
  let failure;
  let member;
  const producer = await client.connectTransactional(broker, 'pipe');
  try {
    member = await client.connectBatchMember(broker, 'pipe', 'ticks', async (self, batch) => {
      for (let i = 0; i < batch.messages.length && !failure && !progress.isStopping; i += 10) {
        const chunk = batch.messages.slice(i, i + 10);
        try {
          const transaction = await producer.begin();
          await transaction.send('bars', chunk.map(({ value }) => ({ value: `bar of ${value}` })));
          const next = String(BigInt(chunk.at(-1).offset) + 1n);
          await transaction.sendOffsets(self, 'ticks', batch.partition, next);
          await transaction.commit();
          progress.transactions += 1;
        } catch (error) {
          failure = error;
        }
      }
      if (failure) throw failure;
    });
    await waitUntil(() => failure || progress.isStopping, 'it is over', 90);
  } finally {
    await member?.disconnect().catch(() => {});
    await producer.disconnect().catch(() => {});
  }
  progress.failures.push(failure?.message);
}

async function exactlyOnceAfterKill(client, broker) {
  const count = 400;
  await broker.createTopic('ticks', 1);
  await broker.createTopic('bars', 1);
  const source = await client.connectProducer(broker, 'none');
  await source.send('ticks', records(0, count));
  await source.disconnect();

  const bars = [];
  const progress = { transactions: 0, failures: [], isStopping: false };
  const lives = (async () => {
    while (!progress.isStopping) {
      await pipe(client, broker, progress).catch((error) => progress.failures.push(error.message));
    }
  })();
  for (const kills of [5, 12, 20]) {
    await waitUntil(() => progress.transactions >= kills, `${kills} transactions`, 90);
    await broker.stop('SIGKILL');
    await broker.run();
  }
  const reader = await client.connectReader(
    broker, 'bars', { committed: true }, (value) => bars.push(value));
  await waitUntil(() => new Set(bars).size === count, 'every record has its bar', 90);
  progress.isStopping = true;
  await lives;
  await reader.disconnect();
  assert.deepEqual(bars, values(0, count).map((value) => `bar of ${value}`));
  assert.deepEqual(await broker.committed('pipe', 'ticks', 1), [count]);
}

export const TRANSACTION_PROMISES = {
  commit_and_abort: commitAndAbort,
  fenced,
  exactly_once_after_kill: exactlyOnceAfterKill,
};
