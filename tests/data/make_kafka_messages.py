"""Prints tests/data/kafka-messages.txt: Kafka messages as another implementation encodes them.

kio (PyPI, 0.6.5) is generated from Kafka's own message definitions. One line a message and version:
name, version, body in hex, content as ticklake prints it. Run by hand, after: pip install kio
"""

import base64
import dataclasses
import datetime
import importlib
import io
import itertools
import sys
import types
import typing
import uuid

from kio.schema.errors import ErrorCode
from kio.serial import entity_writer

VERSIONS = {
    "api_versions": (0, 4), "produce": (0, 11), "fetch": (4, 12), "list_offsets": (1, 7),
    "metadata": (0, 12), "offset_commit": (2, 9), "offset_fetch": (1, 9),
    "find_coordinator": (0, 4), "join_group": (0, 9), "heartbeat": (0, 4), "leave_group": (0, 5),
    "sync_group": (0, 5), "init_producer_id": (0, 4), "offset_for_leader_epoch": (2, 4),
    "create_topics": (2, 7), "delete_topics": (1, 6),
    "describe_acls": (1, 3), "create_acls": (1, 3), "delete_acls": (1, 3),
    "add_offsets_to_txn": (0, 3), "add_partitions_to_txn": (0, 3), "end_txn": (0, 4),
    "txn_offset_commit": (0, 4), "alter_configs": (0, 2), "incremental_alter_configs": (0, 1),
    "describe_configs": (1, 4), "create_partitions": (0, 3), "delete_groups": (0, 2),
    "delete_records": (0, 2), "describe_cluster": (0, 1), "describe_groups": (0, 5),
    "list_groups": (0, 5), "offset_delete": (0, 0), "describe_log_dirs": (1, 4),
    "describe_producers": (0, 0), "describe_topic_partitions": (0, 0),
    "describe_transactions": (0, 0), "list_transactions": (0, 1),
    "consumer_group_heartbeat": (0, 1), "consumer_group_describe": (0, 1),
    "sasl_handshake": (0, 1), "sasl_authenticate": (0, 2), "describe_client_quotas": (0, 1),
    "alter_client_quotas": (0, 1), "describe_user_scram_credentials": (0, 0),
    "alter_user_scram_credentials": (0, 0),
}
UUID_PATTERN = 0x0102030405060708090A0B0C0D0E0F
EPOCH_S = 1_700_000_000
VALUE_OF = {  # no two fields of a message get the same value
    "int8": lambda n: n % 100,
    "int16": lambda n: n * 0x0101 % 2**15,
    "int32": lambda n: n * 0x010203 % 2**31,
    "int64": lambda n: n * 0x0102030405,
    "float64": lambda n: n * 1.5,
    "string": lambda n: f"text{n}",
    "bytes": lambda n: bytes(range(n % 40 + 1)),
    "records": lambda n: bytes(range(n % 40 + 1)),
    "bool": lambda n: n % 2 == 0,
    "uuid": lambda n: uuid.UUID(int=n * UUID_PATTERN % 2**128),
    "error_code": lambda n: ErrorCode(n % 90),
    "timedelta_i32": lambda n: datetime.timedelta(milliseconds=n * 7),
    "timedelta_i64": lambda n: datetime.timedelta(milliseconds=n * 7),
    "datetime_i64": lambda n: datetime.datetime.fromtimestamp(EPOCH_S + n, datetime.timezone.utc),
}
counter = itertools.count(1)


def shape_of(hint):
    """(type of the element, is it an array, may it be null)"""
    is_optional = False
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        is_optional = type(None) in typing.get_args(hint)
        hint = next(a for a in typing.get_args(hint) if a is not type(None))
    if typing.get_origin(hint) is tuple:
        return typing.get_args(hint)[0], True, is_optional
    return hint, False, is_optional


def build(cls):
    hints = typing.get_type_hints(cls)
    values = {}
    for field in dataclasses.fields(cls):
        element, is_array, is_optional = shape_of(hints[field.name])
        is_tagged = "tag" in field.metadata
        kafka_type = field.metadata.get("kafka_type")
        # kio has None for no id and no time. Null records of a Fetch are read as none by ticklake,
        # and never written. One error code is a plain int16 in Kafka's definitions.
        is_error_code = field.name.endswith("error_code")
        is_optional = is_optional and kafka_type not in ("uuid", "datetime_i64", "records")

        def one():
            if dataclasses.is_dataclass(element):
                return build(element)
            # A tagged field is only written if it is not its default.
            value = (is_tagged and element is bool) or VALUE_OF[kafka_type](next(counter))
            return ErrorCode(next(counter) % 90) if is_error_code else value

        if is_optional and not is_tagged and next(counter) % 3 == 0:
            values[field.name] = None
        else:
            values[field.name] = (one(), one()) if is_array else one()
    return cls(**values)


def name_of(field):
    """kio leaves the unit out of the names of times."""
    is_time = field.metadata.get("kafka_type", "").startswith(("timedelta", "datetime"))
    return field.name + ("_ms" if is_time and not field.name.endswith("timestamp") else "")


def text_of(value):
    match value:
        case None: return "null"
        case bool(): return str(value).lower()
        case ErrorCode(): return f'"{value.name.upper()}"'
        case datetime.timedelta(): return str(round(value.total_seconds() * 1000))
        case datetime.datetime(): return str(round(value.timestamp() * 1000))
        case uuid.UUID(): return f'"{base64.urlsafe_b64encode(value.bytes).decode().rstrip("=")}"'
        case int(): return str(int(value))
        case float(): return f"{value:f}"
        case str(): return f'"{value}"'
        case bytes(): return f'"{len(value)} bytes"'
        case tuple(): return "[" + ", ".join(map(text_of, value)) + "]"
    fields = dataclasses.fields(value)
    return "{" + ", ".join(f'"{name_of(f)}": {text_of(getattr(value, f.name))}' for f in fields) + "}"


for api, (first, last) in VERSIONS.items():
    for kind in ("request", "response"):
        name = "".join(map(str.capitalize, api.split("_"))) + kind.capitalize()
        for version in range(first, last + 1):
            try:
                cls = getattr(importlib.import_module(f"kio.schema.{api}.v{version}.{kind}"), name)
            except ModuleNotFoundError:
                print(f"kio has no {name} {version}", file=sys.stderr)
                continue
            message = build(cls)
            body = io.BytesIO()
            entity_writer(cls)(body, message)
            print(name, version, body.getvalue().hex() or "-", text_of(message))
