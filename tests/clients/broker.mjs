// A ticklake broker of the test's own, as broker.py has it: the real binary on a free port, with a
// data folder that goes with it. Topics, committed offsets and codecs on disk are asked in Kafka's
// own bytes.

import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const BINARY = process.env.TICKLAKE ?? '';
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const BATCH_HEADER_BYTES = 61;

/** The first true value of condition(), looked at every 20 ms. */
export async function waitUntil(condition, what, seconds = 30) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`after ${seconds} s still not: ${what}`);
    await new Promise((resume) => setTimeout(resume, 20));
  }
}

export async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function int(bytes, value) {
  const buffer = Buffer.alloc(bytes);
  buffer.writeIntBE(value, 0, bytes);
  return buffer;
}

function text(value) {
  return Buffer.concat([int(2, Buffer.byteLength(value)), Buffer.from(value)]);
}

export class Broker {
  static async start() {
    return Broker.startAs(new Broker());
  }

  static async startAs(broker) {
    broker.folder = await mkdtemp(path.join(os.tmpdir(), 'ticklake-clients-'));
    try {
      await broker.prepare();
      await broker.run();
    } catch (error) {
      await broker.remove();
      throw error;
    }
    return broker;
  }

  async prepare() {
    this.data = path.join(this.folder, 'data');
    this.port = await freePort();
    this.address = `127.0.0.1:${this.port}`;
  }

  listenFlags() {
    return ['--kafka-listen', this.address];
  }

  /** What librdkafka needs beside the address; kafkajs() is the same of kafkajs. */
  librdkafka() {
    return {};
  }

  kafkajs() {
    return {};
  }

  async run() {
    const log = openSync(path.join(this.folder, 'broker.log'), 'a');
    this.failure = undefined;
    this.process = spawn(BINARY, ['broker', '--data', this.data, ...this.listenFlags()],
      { stdio: ['ignore', log, log] });
    closeSync(log);
    this.process.once('error', (error) => { this.failure = error; });
    this.ended = new Promise((resolve) => { this.process.once('close', resolve); });
    await waitUntil(() => this.answers(), 'the broker answers', 60);
  }

  async stop(how = 'SIGTERM') {
    if (this.process?.pid === undefined) return;
    this.process.kill(how);
    await this.ended;
  }

  async remove() {
    await this.stop('SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }

  log() {
    return readFileSync(path.join(this.folder, 'broker.log'), 'utf8');
  }

  async answers() {
    if (this.failure) throw new Error(`TICKLAKE='${BINARY}': ${this.failure.message}`);
    if (this.process.exitCode !== null) {
      throw new Error(`the broker ended with ${this.process.exitCode}:\n${this.log()}`);
    }
    try {
      return (await this.request(18, 0, Buffer.alloc(0))).length > 2;
    } catch {
      return false;
    }
  }

  /** One request with a header of version 1; the body of its response. */
  request(apiKey, version, body) {
    const header = Buffer.concat([int(2, apiKey), int(2, version), int(4, 1), text('test')]);
    return new Promise((resolve, reject) => {
      let answer = Buffer.alloc(0);
      const socket = net.connect(this.port, '127.0.0.1');
      socket.setTimeout(10000, () => socket.destroy(new Error('no answer within 10 s')));
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('the broker closed the connection')));
      socket.on('data', (chunk) => {
        answer = Buffer.concat([answer, chunk]);
        if (answer.length < 4 || answer.length < 4 + answer.readInt32BE(0)) return;
        resolve(answer.subarray(8));
        socket.destroy();
      });
      socket.write(Buffer.concat([int(4, header.length + body.length), header, body]));
    });
  }

  async createTopic(name, partitions) {
    const answer = await this.request(19, 2, Buffer.concat([
      int(4, 1), text(name), int(4, partitions), int(2, 1), int(4, 0), int(4, 0), int(4, 10000),
      int(1, 0)]));
    const error = answer.readInt16BE(8 + 2 + Buffer.byteLength(name));
    if (error !== 0) throw new Error(`CreateTopics ${name}: error ${error}`);
  }

  /** The committed offsets of partitions 0 to partitions - 1, -1 where there is none. */
  async committed(group, topic, partitions) {
    const indexes = Array.from({ length: partitions }, (_, index) => int(4, index));
    const answer = await this.request(9, 1, Buffer.concat([
      text(group), int(4, 1), text(topic), int(4, partitions), ...indexes]));
    const offsets = new Array(partitions).fill(-1);
    let position = 4 + 2 + Buffer.byteLength(topic) + 4;
    for (let i = 0; i < partitions; ++i) {
      offsets[answer.readInt32BE(position)] = Number(answer.readBigInt64BE(position + 4));
      position += 14 + Math.max(answer.readInt16BE(position + 12), 0) + 2;
    }
    return offsets;
  }

  /** The codec of each batch of the topic, as its attributes on disk name it. */
  batchCodecs(topic) {
    const codecs = [];
    for (const file of this.logFiles(topic)) {
      const content = readFileSync(file);
      for (let position = 0; position + BATCH_HEADER_BYTES <= content.length;) {
        const length = content.readInt32BE(position + 8);
        if (length <= 0) break; // room that was set aside
        if (content[position + 16] !== 2) throw new Error(`${file}: no batch of version 2`);
        codecs.push(CODECS[content.readInt16BE(position + 21) & 7]);
        position += 12 + length;
      }
    }
    return codecs;
  }

  logFiles(topic, folder = this.data) {
    return readdirSync(folder).sort().flatMap((name) => {
      const whole = path.join(folder, name);
      if (!statSync(whole).isDirectory()) return [];
      if (!new RegExp(`^${topic}-\\d+$`).test(name)) return this.logFiles(topic, whole);
      return readdirSync(whole).filter((file) => file.endsWith('.log'))
        .map((file) => path.join(whole, file));
    });
  }
}
