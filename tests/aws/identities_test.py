"""IAM and STS as the tutorials, boto3 and the AWS CLI call them."""

import json
import os
import subprocess
import sys
import unittest

import boto3

from stack import Pipeline, client, code_of, settings

ACCOUNT = "000000000000"
TRUST = {"Version": "2012-10-17", "Statement": {
    "Effect": "Allow", "Action": "sts:AssumeRole",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}}
GLUE_TRUST = {"Version": "2012-10-17", "Statement": {
    "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "glue.amazonaws.com"}}}


def allow(*actions, resource="*"):
    return json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": list(actions), "Resource": resource}})


class Identities(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.up = Pipeline("--feed", "none").start()
        cls.given = settings(cls.up.data)
        cls.iam = client("iam", cls.given)
        cls.sts = client("sts", cls.given)

    @classmethod
    def tearDownClass(cls):
        cls.up.__exit__(None)

    def as_user(self, name, *policies):
        """The settings of a new user with managed policies."""
        self.iam.create_user(UserName=name)
        for arn in policies:
            self.iam.attach_user_policy(UserName=name, PolicyArn=arn)
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        self.assertEqual((key["UserName"], key["Status"]), (name, "Active"))
        return self.given | {"AWS_ACCESS_KEY_ID": key["AccessKeyId"],
                             "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}

    def test_a_user_is_made_given_rights_and_removed_as_the_tutorial_does(self):
        user = self.iam.create_user(UserName="kafka-project", Path="/people/")["User"]
        self.assertEqual(user["Arn"], f"arn:aws:iam::{ACCOUNT}:user/people/kafka-project")
        admin = "arn:aws:iam::aws:policy/AdministratorAccess"
        self.iam.attach_user_policy(UserName="kafka-project", PolicyArn=admin)
        self.assertEqual(
            self.iam.list_attached_user_policies(UserName="kafka-project")["AttachedPolicies"],
            [{"PolicyName": "AdministratorAccess", "PolicyArn": admin}])
        key = self.iam.create_access_key(UserName="kafka-project")["AccessKey"]
        own = client("iam", self.given | {"AWS_ACCESS_KEY_ID": key["AccessKeyId"],
                                          "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]})
        self.assertEqual(own.get_user()["User"]["UserName"], "kafka-project")
        self.assertIn("kafka-project", [found["UserName"] for found in own.list_users()["Users"]])

        self.assertEqual(code_of(self.iam.create_user, UserName="Kafka-Project"), "EntityAlreadyExists")
        self.assertEqual(code_of(self.iam.delete_user, UserName="kafka-project"), "DeleteConflict")
        self.iam.update_access_key(UserName="kafka-project", AccessKeyId=key["AccessKeyId"],
                                   Status="Inactive")
        self.assertEqual(code_of(own.get_user), "InvalidClientTokenId")
        self.assertEqual(
            [(found["AccessKeyId"], found["Status"]) for found in
             self.iam.list_access_keys(UserName="kafka-project")["AccessKeyMetadata"]],
            [(key["AccessKeyId"], "Inactive")])
        self.iam.delete_access_key(UserName="kafka-project", AccessKeyId=key["AccessKeyId"])
        self.iam.detach_user_policy(UserName="kafka-project", PolicyArn=admin)
        self.iam.delete_user(UserName="kafka-project")
        self.assertEqual(code_of(self.iam.get_user, UserName="kafka-project"), "NoSuchEntity")

    def test_policies_of_a_user_are_kept_as_they_were_put_and_count_at_once(self):
        carol = client("iam", self.as_user("carol"))
        document = json.loads(allow("iam:ListUsers"))
        self.assertEqual(code_of(carol.list_users), "AccessDenied")
        self.iam.put_user_policy(UserName="carol", PolicyName="list",
                                 PolicyDocument=json.dumps(document))
        carol.list_users()
        self.assertEqual(self.iam.list_user_policies(UserName="carol")["PolicyNames"], ["list"])
        kept = self.iam.get_user_policy(UserName="carol", PolicyName="list")
        self.assertEqual(kept["PolicyDocument"], document)
        self.iam.delete_user_policy(UserName="carol", PolicyName="list")
        self.assertEqual(code_of(carol.list_users), "AccessDenied")
        self.assertEqual(code_of(self.iam.put_user_policy, UserName="carol", PolicyName="bad",
                                 PolicyDocument='{"Version": "2012-10-17"}'),
                         "MalformedPolicyDocument")

    def test_managed_policies_of_ones_own_and_of_aws(self):
        made = self.iam.create_policy(PolicyName="read-ticks", Description="Ticks may be read.",
                                      PolicyDocument=allow("s3:GetObject"))["Policy"]
        arn = f"arn:aws:iam::{ACCOUNT}:policy/read-ticks"
        self.assertEqual((made["Arn"], made["DefaultVersionId"], made["AttachmentCount"]),
                         (arn, "v1", 0))
        version = self.iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
        self.assertEqual(version["Document"], json.loads(allow("s3:GetObject")))
        self.as_user("reader", arn)
        self.assertEqual(self.iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"], 1)
        held = self.iam.list_entities_for_policy(PolicyArn=arn)
        self.assertEqual([user["UserName"] for user in held["PolicyUsers"]], ["reader"])
        self.assertEqual(code_of(self.iam.delete_policy, PolicyArn=arn), "DeleteConflict")

        pages = self.iam.get_paginator("list_policies").paginate(
            Scope="AWS", PaginationConfig={"PageSize": 2})
        names = [policy["PolicyName"] for page in pages for policy in page["Policies"]]
        for name in ("AdministratorAccess", "AmazonS3FullAccess", "AmazonAthenaFullAccess",
                     "AWSGlueServiceRole"):
            self.assertEqual(names.count(name), 1, names)
        local = self.iam.list_policies(Scope="Local")["Policies"]
        self.assertIn("read-ticks", [policy["PolicyName"] for policy in local])
        self.assertNotIn("AdministratorAccess", [policy["PolicyName"] for policy in local])

    def test_a_role_for_a_crawler_and_one_for_people(self):
        role = self.iam.create_role(RoleName="AWSGlueServiceRole-stocks", Path="/service-role/",
                                    AssumeRolePolicyDocument=json.dumps(GLUE_TRUST),
                                    Description="For the crawler.")["Role"]
        self.assertEqual(role["AssumeRolePolicyDocument"], GLUE_TRUST)
        service = "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole"
        self.iam.attach_role_policy(RoleName=role["RoleName"], PolicyArn=service)
        self.iam.put_role_policy(RoleName=role["RoleName"], PolicyName="data",
                                 PolicyDocument=allow("s3:GetObject"))
        attached = self.iam.list_attached_role_policies(RoleName=role["RoleName"])
        self.assertEqual([found["PolicyArn"] for found in attached["AttachedPolicies"]], [service])
        self.assertEqual(self.iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"],
                         ["data"])
        self.assertEqual(self.iam.get_role(RoleName=role["RoleName"])["Role"]["Arn"], role["Arn"])
        # Nobody but the service may take it.
        self.assertEqual(code_of(client("sts", self.as_user("thief")).assume_role,
                                 RoleArn=role["Arn"], RoleSessionName="theft"), "AccessDenied")
        self.assertEqual(code_of(self.iam.delete_role, RoleName=role["RoleName"]), "DeleteConflict")

    def test_a_session_of_a_role_may_what_the_role_may_and_no_more(self):
        self.iam.create_role(RoleName="lister", AssumeRolePolicyDocument=json.dumps(TRUST))
        self.iam.put_role_policy(RoleName="lister", PolicyName="list",
                                 PolicyDocument=allow("iam:ListUsers", "iam:ListRoles"))
        arn = f"arn:aws:iam::{ACCOUNT}:role/lister"
        taken = self.sts.assume_role(RoleArn=arn, RoleSessionName="monday",
                                     Policy=allow("iam:ListRoles"))
        self.assertEqual(taken["AssumedRoleUser"]["Arn"],
                         f"arn:aws:sts::{ACCOUNT}:assumed-role/lister/monday")
        keys = taken["Credentials"]
        session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"],
                                region_name="eu-west-3")
        iam = session.client("iam", endpoint_url=self.up.aws_url)
        iam.list_roles()
        self.assertEqual(code_of(iam.list_users), "AccessDenied")
        self.assertEqual(code_of(iam.create_user, UserName="mallory"), "AccessDenied")
        sts = session.client("sts", endpoint_url=self.up.aws_url)
        self.assertEqual(sts.get_caller_identity()["Arn"], taken["AssumedRoleUser"]["Arn"])

    def test_a_session_token_is_asked_for_used_and_must_be_whole(self):
        dora = self.as_user("dora", "arn:aws:iam::aws:policy/AdministratorAccess")
        keys = client("sts", dora).get_session_token(DurationSeconds=900)["Credentials"]

        def sts_with(token):
            return boto3.client("sts", endpoint_url=self.up.aws_url, region_name="us-east-1",
                                aws_access_key_id=keys["AccessKeyId"],
                                aws_secret_access_key=keys["SecretAccessKey"],
                                aws_session_token=token)
        identity = sts_with(keys["SessionToken"]).get_caller_identity()
        self.assertEqual(identity["Arn"], f"arn:aws:iam::{ACCOUNT}:user/dora")
        altered = keys["SessionToken"][:-8] + "AAAAAAA="
        for token in (altered, None):
            self.assertEqual(code_of(sts_with(token).get_caller_identity), "InvalidClientTokenId")

    def test_the_command_line_of_aws(self):
        def aws(*arguments):
            done = subprocess.run([sys.executable, "-m", "awscli", *arguments, "--output", "json"],
                                  env=os.environ | self.given, capture_output=True, text=True,
                                  timeout=60, check=True)
            return json.loads(done.stdout or "null")
        self.assertEqual(aws("sts", "get-caller-identity")["Account"], ACCOUNT)
        aws("iam", "create-user", "--user-name", "cli")
        key = aws("iam", "create-access-key", "--user-name", "cli")["AccessKey"]
        aws("iam", "attach-user-policy", "--user-name", "cli", "--policy-arn",
            "arn:aws:iam::aws:policy/AmazonS3FullAccess")
        self.assertEqual(aws("iam", "list-access-keys", "--user-name", "cli")
                         ["AccessKeyMetadata"][0]["AccessKeyId"], key["AccessKeyId"])
        role = aws("iam", "create-role", "--role-name", "cli-role", "--assume-role-policy-document",
                   json.dumps(TRUST))["Role"]
        taken = aws("sts", "assume-role", "--role-arn", role["Arn"], "--role-session-name", "cli-1")
        self.assertTrue(taken["Credentials"]["SessionToken"])
        aws("iam", "delete-access-key", "--user-name", "cli", "--access-key-id", key["AccessKeyId"])


if __name__ == "__main__":
    unittest.main()
