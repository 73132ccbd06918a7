"""Requests to a JSON service made from botocore's model of it: valid ones, and such as are nearly."""

import json
import urllib.error
import urllib.request

import botocore.auth
import botocore.awsrequest
import botocore.session

WORDS = ("a", "quotes", "stocks", "SELECT 1", "AwsDataCatalog", "primary", "é\u4e2d", "x" * 300, "'", "..",
         "s3://market/json/", "0b5f2f5e-0000-4000-8000-000000000000", "%", "\n", "\x01")


def value_for(shape, random, depth=0):
    """A value that the shape allows, as far as its type, enumeration and length go."""
    kind = shape.type_name
    if kind == "structure":
        if depth > 5:
            return {}
        return {name: value_for(member, random, depth + 1) for name, member in shape.members.items()
                if name in shape.required_members or random.random() < 0.3}
    if kind == "list":
        count = max(shape.metadata.get("min", 0), random.randint(0, 3))
        return [value_for(shape.member, random, depth + 1) for _ in range(count)]
    if kind == "map":
        return {random.choice(WORDS): value_for(shape.value, random, depth + 1)}
    if kind in ("integer", "long"):
        low, high = shape.metadata.get("min", 0), shape.metadata.get("max", 2**31 - 1)
        return random.choice((low, high, random.randint(low, high)))
    if kind in ("double", "float", "timestamp"):
        return random.random() * 1e9
    if kind == "boolean":
        return random.random() < 0.5
    if getattr(shape, "enum", None):
        return random.choice(shape.enum)
    text = random.choice(WORDS)
    least = shape.metadata.get("min", 0)
    return (text + "0" * least)[:max(least, min(len(text), shape.metadata.get("max", 1024)))]


def broken(value, random):
    """The value with one thing in it changed: a type, a bound, a name, a member gone."""
    wrong = (None, 0, -1, 2**63, 1.5, True, "", "x" * 5000, [], [None], {}, {"": {}}, [[]])
    if isinstance(value, dict) and value and random.random() < 0.8:
        name = random.choice(list(value))
        changed = dict(value)
        how = random.random()
        if how < 0.2:
            del changed[name]
        elif how < 0.3:
            changed[name.lower()] = changed.pop(name)
        else:
            changed[name] = broken(value[name], random)
        return changed
    if isinstance(value, list) and value and random.random() < 0.6:
        changed = list(value)
        at = random.randrange(len(changed))
        changed[at] = broken(changed[at], random)
        return changed * random.choice((1, 1, 60))
    return random.choice(wrong)


class RawClient:
    """Sends what it is told to, signed; boto3 would not send what its model forbids."""

    def __init__(self, service, url, key, secret, region):
        self.session = botocore.session.get_session()
        self.model = self.session.get_service_model(service)
        self.url = url
        credentials = botocore.credentials.Credentials(key, secret)
        self.signer = botocore.auth.SigV4Auth(credentials, service, region)

    def send(self, operation, body):
        """Status, error code (None for a 200) and the parsed answer."""
        target = self.model.metadata["targetPrefix"] + "." + operation
        request = botocore.awsrequest.AWSRequest(
            "POST", self.url + "/", data=json.dumps(body).encode(),
            headers={"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"})
        self.signer.add_auth(request)
        try:
            with urllib.request.urlopen(urllib.request.Request(
                    self.url + "/", data=request.data, headers=dict(request.headers))) as answer:
                return answer.status, None, json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            parsed = json.loads(error.read() or b"{}")
            code = error.headers.get("x-amzn-ErrorType") or parsed.get("__type", "")
            return error.code, code.split("#")[-1].split(":")[0], parsed
