"""Holds the answers of an AWS service against botocore's model of it."""

import json


def deviations(shape, value, path):
    """What of `value`, parsed JSON, is not as `shape` says."""
    if value is None:
        yield f"{path}: null"
        return
    kind = shape.type_name
    if kind == "structure":
        if not isinstance(value, dict):
            yield f"{path}: no object"
            return
        for name, member in value.items():
            if name not in shape.members:
                yield f"{path}.{name}: not in the model"
            else:
                yield from deviations(shape.members[name], member, f"{path}.{name}")
        for name in shape.required_members:
            if name not in value:
                yield f"{path}.{name}: required, and missing"
    elif kind == "list":
        if not isinstance(value, list):
            yield f"{path}: no list"
            return
        if len(value) < shape.metadata.get("min", 0):
            yield f"{path}: fewer than {shape.metadata['min']}"
        for element in value:
            yield from deviations(shape.member, element, f"{path}[]")
    elif kind == "map":
        if not isinstance(value, dict):
            yield f"{path}: no map"
            return
        for element in value.values():
            yield from deviations(shape.value, element, path + "{}")
    elif kind in ("integer", "long"):
        if not isinstance(value, int) or isinstance(value, bool):
            yield f"{path}: no integer: {value!r}"
    elif kind in ("double", "float", "timestamp"):
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            yield f"{path}: no number: {value!r}"
    elif kind == "boolean":
        if not isinstance(value, bool):
            yield f"{path}: no boolean: {value!r}"
    elif kind == "string":
        if not isinstance(value, str):
            yield f"{path}: no string: {value!r}"
        elif getattr(shape, "enum", None) and value not in shape.enum:
            yield f"{path}: not of the enumeration: {value}"
        elif len(value) < shape.metadata.get("min", 0):
            yield f"{path}: shorter than {shape.metadata['min']}"


class ModelCheck:
    """Looks at every answer that a boto3 client gets; `found` are the deviations."""

    # Every service may answer these, though its model does not name them.
    COMMON = {"AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException",
              "ExpiredTokenException", "ThrottlingException", "ValidationException",
              "UnknownOperationException"}

    def __init__(self, client):
        self.found = []
        service = client.meta.service_model.service_name
        client.meta.events.register(f"after-call.{service}", self.look)

    def look(self, http_response, model, **_):
        body = json.loads(http_response.content or b"{}")
        if http_response.status_code < 300:
            if model.output_shape:
                self.found += deviations(model.output_shape, body, model.name)
            return
        code = http_response.headers.get("x-amzn-errortype") or body.get("__type", "")
        code = code.split("#")[-1].split(":")[0]
        names = {e.metadata.get("error", {}).get("code", e.name) for e in model.error_shapes}
        if code not in names | self.COMMON:
            self.found.append(f"{model.name}: error {code} is none of {sorted(names)}")
        if not (body.get("message") or body.get("Message")):
            self.found.append(f"{model.name}: error {code} without a message")
