// As secure.py: a broker on SASL_SSL, with certificates and users made for the test.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

import { Broker, freePort } from './broker.mjs';

const USER = 'alice';
const PASSWORD = 'wonder=land,1';

/** What a client is tried on: KAFKA_SECURITY=SASL_SSL names a secure one, none a plain one. */
export function startBrokerUnderTest() {
  const security = process.env.KAFKA_SECURITY ?? 'PLAINTEXT';
  return security === 'PLAINTEXT' ? Broker.start() : SecureBroker.start(security);
}

export class SecureBroker extends Broker {
  static async start(protocol = 'SASL_SSL') {
    return Broker.startAs(new SecureBroker(protocol));
  }

  constructor(protocol) {
    super();
    this.protocol = protocol;
  }

  async prepare() {
    await super.prepare();
    this.plainAddress = this.address;
    this.address = `127.0.0.1:${await freePort()}`;
    this.folderOfCertificates = path.join(this.folder, 'tls');
    // The one maker of certificates is secure.py's.
    execFileSync('/usr/bin/python3', ['-B', '-c', `
import sys
from secure import Certificates
Certificates(sys.argv[1]).sign("broker", "/CN=broker")`, this.folderOfCertificates],
    { cwd: import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname) });
    execFileSync(process.env.TICKLAKE, ['user', 'add', USER, '--data', this.data],
      { env: { ...process.env, TICKLAKE_PASSWORD: PASSWORD }, stdio: 'ignore' });
  }

  listenFlags() {
    const file = (name) => path.join(this.folderOfCertificates, name);
    return ['--kafka-listen', this.plainAddress,
      '--kafka-listen', `${this.protocol}://${this.address}`,
      '--tls-certificate', file('broker.pem'), '--tls-key', file('broker.key')];
  }

  get caFile() {
    return path.join(this.folderOfCertificates, 'ca.pem');
  }

  /** The settings of librdkafka and of what is built on it. */
  librdkafka(mechanism = 'SCRAM-SHA-512') {
    return {
      'security.protocol': this.protocol.toLowerCase(),
      'ssl.ca.location': this.caFile,
      'sasl.mechanisms': mechanism,
      'sasl.username': USER,
      'sasl.password': PASSWORD,
    };
  }

  /** kafkajs's `ssl` and `sasl`. */
  kafkajs(mechanism = 'scram-sha-512') {
    return {
      ssl: { ca: [readFileSync(this.caFile, 'utf8')] },
      sasl: { mechanism, username: USER, password: PASSWORD },
    };
  }
}
