"""The driver of aiokafka. Its event loop waits for input on another thread."""

import asyncio
import sys

import frame
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import CommitFailedError, for_code
from aiokafka.helpers import create_ssl_context


def connection(settings):
    options = {"bootstrap_servers": settings["bootstrap"]}
    if settings["security"] == "sasl_ssl":
        options.update(security_protocol="SASL_SSL",
                       ssl_context=create_ssl_context(cafile=settings["ca"]),
                       sasl_mechanism=settings["mechanism"],
                       sasl_plain_username=settings["user"],
                       sasl_plain_password=settings["password"])
    return options


def consumer(settings, **options):
    return AIOKafkaConsumer(
        **connection(settings), auto_offset_reset="earliest", enable_auto_commit=False,
        heartbeat_interval_ms=200, session_timeout_ms=10000, metadata_max_age_ms=1000,
        fetch_max_wait_ms=100, **options)


async def serve(obj):
    """As frame.serve(), for methods that are awaited."""
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        name, *arguments = line.rstrip("\n").split("\t")
        if name == "send":
            await obj.send(*arguments)
            continue
        try:
            result = await getattr(obj, name)(*arguments)
        except Exception as error:  # whatever class the client has for it
            frame.say("error", f"{type(error).__name__}: {error}".replace("\n", " "))
        else:
            frame.say("ok", *(result or []))


class Producer:
    def __init__(self, settings):
        codec = settings["codec"]
        self.client = AIOKafkaProducer(
            **connection(settings), acks="all", linger_ms=20,
            compression_type=None if codec == "none" else codec,
            transactional_id=settings.get("id"), transaction_timeout_ms=30000)
        self.sent = []
        self.begin = self.client.begin_transaction
        self.commit = self.client.commit_transaction
        self.abort = self.client.abort_transaction

    async def send(self, topic, partition, key, value):
        where = None if partition == "-1" else int(partition)
        self.sent.append(await self.client.send(topic, value.encode(), key.encode(), where))

    async def flush(self):
        sent, self.sent = self.sent, []
        await asyncio.gather(*sent)


async def run_producer(settings):
    producer = Producer(settings)
    await producer.client.start()
    await serve(producer)
    await producer.client.stop()


class Member(ConsumerRebalanceListener):
    def __init__(self, settings):
        self.client = consumer(settings, group_id=settings["group"])
        self.client.subscribe([settings["topic"]], listener=self)
        self.left = int(settings.get("stop_after", sys.maxsize))
        self.rebalances = 0

    async def on_partitions_revoked(self, revoked):
        self.rebalances += 1
        frame.say("owned", 0)

    async def on_partitions_assigned(self, assigned):
        frame.say("owned", len(assigned))

    async def run(self):
        ended = frame.end_of_input()
        await self.client.start()
        while not ended.is_set():
            batches = await self.client.getmany(timeout_ms=50, max_records=20)
            rebalances = self.rebalances
            for partition, records in batches.items():
                await self.process(partition, records, rebalances)
        await self.client.stop()

    async def process(self, partition, records, rebalances):
        for record in records:
            # Rebalances happen in the background: what was read before one is read again after it.
            if self.left == 0 or self.rebalances != rebalances:
                return
            self.left -= 1
            try:
                await self.client.commit({partition: record.offset + 1})
            except CommitFailedError:
                return  # a rebalance took it away: whoever has it now reads it
            frame.say("committed", record.value.decode())


async def run_reader(settings):
    client = consumer(settings, isolation_level=f"read_{settings['isolation']}")
    topic = settings["topic"]
    await client.start()
    partitions = await client._client.fetch_all_metadata()
    client.assign([TopicPartition(topic, index) for index in partitions.partitions_for_topic(topic)])
    ended = frame.end_of_input()
    while not ended.is_set():
        for records in (await client.getmany(timeout_ms=50)).values():
            for record in records:
                frame.say("value", record.value.decode())
    await client.stop()


async def run_pipe(settings):
    producer = Producer({**settings, "codec": "none"}).client
    client = consumer(settings, group_id=settings["group"], isolation_level="read_committed")
    client.subscribe([settings["input"]])
    ended = frame.end_of_input()
    try:
        await producer.start()
        await client.start()
        while not ended.is_set():
            batches = await client.getmany(timeout_ms=50, max_records=10)
            for partition, records in batches.items():
                await producer.begin_transaction()
                for record in records:
                    await producer.send(settings["output"], b"bar of " + record.value)
                await producer.send_offsets_to_transaction(
                    {partition: records[-1].offset + 1}, settings["group"])
                await producer.commit_transaction()
                frame.say("transaction")
    finally:
        await client.stop()
        await producer.stop()


def check(code, message=""):
    if code:
        raise for_code(code)(message)


class Admin:
    def __init__(self, settings):
        self.client = AIOKafkaAdminClient(**connection(settings))
        self.reader = consumer(settings)

    async def create(self, topic, partitions, *configs):
        answer = await self.client.create_topics([NewTopic(
            topic, int(partitions), 1, topic_configs=dict(c.split("=", 1) for c in configs))])
        for _, code, message, *_ in answer.topic_errors:
            check(code, message)

    async def delete(self, topic):
        answer = await self.client.delete_topics([topic])
        for _, code, *_ in answer.topic_error_codes:
            check(code)

    async def topics(self):
        return await self.client.list_topics()

    async def partitions(self, topic):
        return [len((await self.client.describe_topics([topic]))[0]["partitions"])]

    async def add_partitions(self, topic, count):
        await self.client.create_partitions({topic: NewPartitions(int(count))})

    async def config(self, topic, name):
        answer, = await self.client.describe_configs(
            [ConfigResource(ConfigResourceType.TOPIC, topic, {name: None})])
        (code, message, _, _, entries), = answer.resources
        check(code, message)
        return [entries[0][1]]

    async def groups(self):
        return [name for name, *_ in await self.client.list_consumer_groups()]

    async def group(self, name):
        answer, = await self.client.describe_consumer_groups([name])
        (code, _, state, _, _, members, *_), = answer.groups
        check(code)
        return [state, len(members)]

    async def offset(self, group, topic, partition):
        offsets = await self.client.list_consumer_group_offsets(group)
        return [offsets[TopicPartition(topic, int(partition))].offset]

    async def ends(self, topic, partition):
        where = TopicPartition(topic, int(partition))
        return [(await self.reader.beginning_offsets([where]))[where],
                (await self.reader.end_offsets([where]))[where]]

    async def delete_records(self, topic, partition, offset):
        await self.client.delete_records(
            {TopicPartition(topic, int(partition)): RecordsToDelete(int(offset))})


async def run_admin(settings):
    admin = Admin(settings)
    await admin.client.start()
    await admin.reader.start()
    await serve(admin)
    await admin.reader.stop()
    await admin.client.close()


async def run_member(settings):
    await Member(settings).run()


def role(coroutine):
    return lambda settings: asyncio.run(coroutine(settings))


frame.run({"producer": role(run_producer), "member": role(run_member),
           "reader": role(run_reader), "pipe": role(run_pipe), "admin": role(run_admin)})
