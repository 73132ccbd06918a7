// Amazon's SDK for JavaScript against the endpoint: S3. The endpoint is in the environment.

import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";

import {
  CreateBucketCommand, DeleteObjectsCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command,
  PutObjectCommand, S3Client, paginateListObjectsV2,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const Bucket = "javascript";
const s3 = new S3Client({ endpoint: process.env.AWS_ENDPOINT_URL, region: "us-east-1" });
await s3.send(new CreateBucketCommand({ Bucket }));

test("strings, streams and what was said of them come back", async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: "a b/ü", Body: "text", Metadata: { who: "me" } }));
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: "a b/ü" }));
  assert.equal(await got.Body.transformToString(), "text");
  assert.deepEqual(got.Metadata, { who: "me" });
  const pieces = Array.from({ length: 100 }, () => Buffer.alloc(10_000, "x"));
  await s3.send(new PutObjectCommand({
    Bucket, Key: "stream", Body: Readable.from(pieces), ContentLength: 1_000_000,
  }));
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "stream", ChecksumMode: "ENABLED" }));
  assert.equal(head.ContentLength, 1_000_000);
  assert.ok(head.ChecksumCRC32);
});

test("what exists is not overwritten under If-None-Match", async () => {
  const command = () => new PutObjectCommand({ Bucket, Key: "once", Body: "1", IfNoneMatch: "*" });
  await s3.send(command());
  await assert.rejects(s3.send(command()), { name: "PreconditionFailed" });
});

test("large streams go in parts, at once", async () => {
  const body = Buffer.alloc(16 << 20, "0123456789");
  const upload = new Upload({ client: s3, params: { Bucket, Key: "large", Body: Readable.from([body]) } });
  await upload.done();
  const range = await s3.send(new GetObjectCommand({ Bucket, Key: "large", Range: "bytes=6000000-6000009" }));
  assert.equal(await range.Body.transformToString(), "0123456789");
});

test("listings are paged and many are deleted at once", async () => {
  for (let i = 0; i < 12; ++i) await s3.send(new PutObjectCommand({ Bucket, Key: `l/${i}`, Body: "" }));
  const keys = [];
  for await (const page of paginateListObjectsV2({ client: s3, pageSize: 5 }, { Bucket, Prefix: "l/" })) {
    keys.push(...page.Contents.map(({ Key }) => Key));
  }
  assert.equal(keys.length, 12);
  const deleted = await s3.send(new DeleteObjectsCommand({
    Bucket, Delete: { Objects: keys.map((Key) => ({ Key })) },
  }));
  assert.equal(deleted.Deleted.length, 12);
  const left = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "l/" }));
  assert.equal(left.KeyCount, 0);
});

test("presigned URLs work without the SDK", async () => {
  const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: "presigned" }), { expiresIn: 60 });
  assert.equal((await fetch(put, { method: "PUT", body: "hello" })).status, 200);
  const get = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "presigned" }), { expiresIn: 60 });
  assert.equal(await (await fetch(get)).text(), "hello");
  const altered = await fetch(get.replace("presigned", "stream"));
  assert.equal(altered.status, 403);
  assert.match(await altered.text(), /SignatureDoesNotMatch/);
});
