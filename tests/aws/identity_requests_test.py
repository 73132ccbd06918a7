"""Whatever STS and IAM are asked, in forms that their models allow or nearly so, they answer as the models say."""

import os
import random
import unittest
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.session

from endpoint import REGION, Endpoint
from model_requests import broken, value_for
from service_model import deviations

REQUESTS = int(os.environ.get("REQUESTS", "500"))
SEED = int(os.environ.get("SEED", "1"))
OPERATIONS = {
    "sts": ("GetCallerIdentity", "GetSessionToken", "AssumeRole"),
    "iam": ("CreateUser", "GetUser", "ListUsers", "DeleteUser", "CreateAccessKey", "ListAccessKeys",
            "UpdateAccessKey", "DeleteAccessKey", "AttachUserPolicy", "DetachUserPolicy",
            "ListAttachedUserPolicies", "PutUserPolicy", "GetUserPolicy", "ListUserPolicies", "DeleteUserPolicy",
            "CreateRole", "GetRole", "ListRoles", "DeleteRole", "UpdateAssumeRolePolicy", "AttachRolePolicy",
            "DetachRolePolicy", "ListAttachedRolePolicies", "PutRolePolicy", "GetRolePolicy", "ListRolePolicies",
            "DeleteRolePolicy", "CreatePolicy", "GetPolicy", "GetPolicyVersion", "ListPolicyVersions",
            "ListPolicies", "DeletePolicy", "ListEntitiesForPolicy"),
}
# Every service of this protocol may answer these, though its model does not name them. Source: "Common
# errors" of IAM's and STS's references.
COMMON = {"AccessDenied", "ValidationError", "InvalidParameterValue", "MissingParameter", "InvalidAction",
          "MalformedInput", "InvalidQueryParameter", "InvalidParameterCombination"}
ROOT_LACKS = ("GetUser.User.UserId", "GetUser.User.UserName", "GetUser.User.Path",
              "CreateAccessKey.AccessKey.UserName")
GIVEN = ('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}',
         "arn:aws:iam::aws:policy/AmazonS3FullAccess", "arn:aws:iam::000000000000:role/a", "a")
TRUST = ('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"000000000000"},'
         '"Action":"sts:AssumeRole"}]}')


def parameters(value, name=""):
    """A value as the query protocol has it: A.member.1.B=…"""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from parameters(member, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for at, element in enumerate(value, 1):
            yield from parameters(element, f"{name}.member.{at}")
    elif name:
        yield name, "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def value_of(element, shape):
    """What XML says, as parsed JSON would: text that is none of its type stays text."""
    kind = shape.type_name
    if kind == "structure":
        # A tag that the model does not have stays, for deviations() to name.
        return {tag_of(child): value_of(child, shape.members[tag_of(child)])
                if tag_of(child) in shape.members else child.text for child in element}
    if kind == "list":
        return [value_of(child, shape.member) for child in element]
    if kind == "map":
        return {child[0].text: value_of(child[1], shape.value) for child in element}
    text = element.text or ""
    if kind in ("integer", "long") and text.lstrip("-").isdigit():
        return int(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    if kind == "timestamp" and text.endswith("Z"):
        return 0
    return text


def tag_of(element):
    return element.tag.split("}")[-1]


class IdentityRequestsTest(unittest.TestCase):
    def send(self, service, url, credentials, body):
        request = botocore.awsrequest.AWSRequest(
            "POST", url + "/", data=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
        botocore.auth.SigV4Auth(credentials, service, REGION).add_auth(request)
        try:
            with urllib.request.urlopen(urllib.request.Request(
                    url + "/", data=request.data, headers=dict(request.headers))) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def check(self, operation, status, body, what):
        self.assertLess(status, 500, what)
        root = ElementTree.fromstring(body)
        if status == 200:
            self.assertEqual(tag_of(root), operation.name + "Response", what)
            parts = {tag_of(child): child for child in root}
            self.assertTrue(parts["ResponseMetadata"][0].text, what)
            if operation.output_shape:
                result = value_of(parts[operation.name + "Result"], operation.output_shape)
                found = list(deviations(operation.output_shape, result, operation.name))
                # Of the account itself AWS tells its number and neither name nor path, whatever the model says.
                is_root = operation.name == "CreateAccessKey" or ":root" in result.get("User", {}).get("Arn", "")
                found = [each for each in found if not (is_root and each.split(":")[0] in ROOT_LACKS)]
                self.assertEqual(found, [], what)
            return
        error = next(child for child in root if tag_of(child) == "Error")
        said = {tag_of(child): child.text for child in error}
        declared = {e.metadata.get("error", {}).get("code", e.name) for e in operation.error_shapes}
        self.assertIn(said["Code"], declared | COMMON, what)
        self.assertTrue(said["Message"], what)

    def test_answers_are_those_of_the_models(self):
        session = botocore.session.get_session()
        answered = set()
        with Endpoint() as endpoint:
            credentials = botocore.credentials.Credentials(endpoint.key, endpoint.secret)
            chance = random.Random(SEED)
            for service, names in OPERATIONS.items():
                model = session.get_service_model(service)
                for number in range(REQUESTS):
                    operation = model.operation_model(chance.choice(names))
                    body = value_for(operation.input_shape, chance) if operation.input_shape else {}
                    for name in list(body):  # so that some of it is there, and some of it succeeds
                        if isinstance(body[name], str) and chance.random() < 0.7:
                            body[name] = (TRUST if name == "AssumeRolePolicyDocument" else
                                          GIVEN[0] if name.endswith("Document") else
                                          GIVEN[1] if name == "PolicyArn" else
                                          GIVEN[2] if name == "RoleArn" else
                                          body[name] if name in ("Status", "Path", "Marker") else GIVEN[3])
                    if chance.random() < 0.4:
                        body = broken(body, chance)
                    form = [("Action", operation.name), ("Version", model.api_version), *parameters(body)]
                    status, answer = self.send(service, endpoint.url, credentials, urllib.parse.urlencode(form).encode())
                    what = f"request {number} of seed {SEED}: {str(form)[:500]}: {status} {answer[:500]}"
                    self.check(operation, status, answer, what)
                    if status == 200:
                        answered.add(operation.name)
        # Requests that are all refused would show nothing.
        self.assertGreater(len(answered), 10, answered)


if __name__ == "__main__":
    unittest.main()
