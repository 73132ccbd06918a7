// Package minio tries MinIO's client for Go against ticklake's S3 endpoint, which the environment names as
// `ticklake env` prints it.
package minio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

const (
	region = "us-east-1"
	mib    = 1 << 20
)

// connect is a client with the keys of the environment, and a bucket of the test's own.
func connect(t *testing.T) (*minio.Client, string) {
	t.Helper()
	endpoint, err := url.Parse(os.Getenv("AWS_ENDPOINT_URL"))
	if err != nil || endpoint.Host == "" {
		t.Fatal("AWS_ENDPOINT_URL names no endpoint")
	}
	client, err := minio.New(endpoint.Host, &minio.Options{
		Creds: credentials.NewEnvAWS(), Secure: endpoint.Scheme == "https", Region: region,
	})
	must(t, err)
	bucket := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(t.Name(), "Test")), "_", "-") + "-minio"
	must(t, client.MakeBucket(context.Background(), bucket, minio.MakeBucketOptions{Region: region}))
	return client, bucket
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, client *minio.Client, bucket, key, body string) minio.UploadInfo {
	t.Helper()
	info, err := client.PutObject(context.Background(), bucket, key, strings.NewReader(body), int64(len(body)),
		minio.PutObjectOptions{})
	must(t, err)
	return info
}

func get(t *testing.T, client *minio.Client, bucket, key string, options minio.GetObjectOptions) string {
	t.Helper()
	object, err := client.GetObject(context.Background(), bucket, key, options)
	must(t, err)
	defer object.Close()
	body, err := io.ReadAll(object)
	must(t, err)
	return string(body)
}

func is(t *testing.T, got, want any) {
	t.Helper()
	if got != want {
		t.Fatalf("%v instead of %v", got, want)
	}
}

// isRefused: with that code of S3.
func isRefused(t *testing.T, err error, code string) {
	t.Helper()
	if err == nil {
		t.Fatalf("not refused with %s", code)
	}
	is(t, minio.ToErrorResponse(err).Code, code)
}

// What is put comes back, with all that was said of it.
func TestPut(t *testing.T) {
	client, bucket := connect(t)
	ctx := context.Background()
	info, err := client.PutObject(ctx, bucket, "a b/ü.txt", strings.NewReader("text"), 4, minio.PutObjectOptions{
		ContentType: "text/plain", CacheControl: "no-store", UserMetadata: map[string]string{"Who": "me"},
	})
	must(t, err)
	is(t, info.ETag, "1cb251ec0d568de6a929b520c4aed8d1")
	is(t, get(t, client, bucket, "a b/ü.txt", minio.GetObjectOptions{}), "text")
	stat, err := client.StatObject(ctx, bucket, "a b/ü.txt", minio.StatObjectOptions{})
	must(t, err)
	is(t, stat.Size, int64(4))
	is(t, stat.ContentType, "text/plain")
	is(t, stat.Metadata.Get("Cache-Control"), "no-store")
	is(t, stat.UserMetadata["Who"], "me")
	_, err = client.StatObject(ctx, bucket, "none", minio.StatObjectOptions{})
	isRefused(t, err, minio.NoSuchKey)
}

// Ranges, and reads from anywhere in an object.
func TestRange(t *testing.T) {
	client, bucket := connect(t)
	put(t, client, bucket, "digits", "0123456789")
	options := minio.GetObjectOptions{}
	must(t, options.SetRange(2, 4))
	is(t, get(t, client, bucket, "digits", options), "234")
	object, err := client.GetObject(context.Background(), bucket, "digits", minio.GetObjectOptions{})
	must(t, err)
	defer object.Close()
	_, err = object.Seek(-3, io.SeekEnd)
	must(t, err)
	tail, err := io.ReadAll(object)
	must(t, err)
	is(t, string(tail), "789")
	middle := make([]byte, 2)
	_, err = object.ReadAt(middle, 4)
	must(t, err)
	is(t, string(middle), "45")
}

// Listings: pages, folders, both versions, and those of buckets.
func TestList(t *testing.T) {
	client, bucket := connect(t)
	ctx := context.Background()
	for i := range 12 {
		put(t, client, bucket, fmt.Sprintf("dt=2026-01-%02d/x.json", i+1), "{}")
	}
	put(t, client, bucket, "top", "")
	for _, options := range []minio.ListObjectsOptions{
		{Recursive: true, MaxKeys: 5}, {Recursive: true, MaxKeys: 5, UseV1: true}, {MaxKeys: 5},
	} {
		count := 0
		for object := range client.ListObjects(ctx, bucket, options) {
			must(t, object.Err)
			count++
		}
		is(t, count, 13)
	}
	later := minio.ListObjectsOptions{Prefix: "dt=2026-01-1", StartAfter: "dt=2026-01-11/x.json", Recursive: true}
	for object := range client.ListObjects(ctx, bucket, later) {
		must(t, object.Err)
		is(t, object.Key, "dt=2026-01-12/x.json")
		is(t, object.Size, int64(2))
	}
	buckets, err := client.ListBuckets(ctx)
	must(t, err)
	found := false
	for _, each := range buckets {
		found = found || each.Name == bucket
	}
	is(t, found, true)
	exists, err := client.BucketExists(ctx, "no-such-bucket")
	must(t, err)
	is(t, exists, false)
}

// A stream of unknown length goes in parts, several at once, and comes back the same; an upload that is
// given up leaves nothing.
func TestMultipart(t *testing.T) {
	client, bucket := connect(t)
	ctx := context.Background()
	body := bytes.Repeat([]byte("0123456789abcdef"), 16*mib/16)
	options := minio.PutObjectOptions{PartSize: 5 * mib, NumThreads: 3, ConcurrentStreamParts: true}
	info, err := client.PutObject(ctx, bucket, "large", io.MultiReader(bytes.NewReader(body)), -1, options)
	must(t, err)
	is(t, info.Size, int64(len(body)))
	is(t, strings.HasSuffix(info.ETag, "-4"), true)
	is(t, get(t, client, bucket, "large", minio.GetObjectOptions{}) == string(body), true)

	core := minio.Core{Client: client}
	upload, err := core.NewMultipartUpload(ctx, bucket, "given-up", minio.PutObjectOptions{})
	must(t, err)
	_, err = core.PutObjectPart(ctx, bucket, "given-up", upload, 1, bytes.NewReader(body[:100]), 100,
		minio.PutObjectPartOptions{})
	must(t, err)
	must(t, client.RemoveIncompleteUpload(ctx, bucket, "given-up"))
	for left := range client.ListIncompleteUploads(ctx, bucket, "", true) {
		t.Fatalf("%s is left (%v)", left.Key, left.Err)
	}
}

// Copies, with metadata of their own, and objects that are made of several.
func TestCopy(t *testing.T) {
	client, bucket := connect(t)
	ctx := context.Background()
	put(t, client, bucket, "from", "text")
	_, err := client.CopyObject(ctx, minio.CopyDestOptions{
		Bucket: bucket, Object: "to", UserMetadata: map[string]string{"Who": "copy"}, ReplaceMetadata: true,
	}, minio.CopySrcOptions{Bucket: bucket, Object: "from"})
	must(t, err)
	is(t, get(t, client, bucket, "to", minio.GetObjectOptions{}), "text")
	stat, err := client.StatObject(ctx, bucket, "to", minio.StatObjectOptions{})
	must(t, err)
	is(t, stat.UserMetadata["Who"], "copy")

	_, err = client.CopyObject(ctx, minio.CopyDestOptions{Bucket: bucket, Object: "stale"},
		minio.CopySrcOptions{Bucket: bucket, Object: "from", MatchETag: strings.Repeat("0", 32)})
	isRefused(t, err, minio.PreconditionFailed)

	put(t, client, bucket, "head", strings.Repeat("a", 5*mib))
	_, err = client.ComposeObject(ctx, minio.CopyDestOptions{Bucket: bucket, Object: "whole"},
		minio.CopySrcOptions{Bucket: bucket, Object: "head"}, minio.CopySrcOptions{Bucket: bucket, Object: "from"})
	must(t, err)
	is(t, strings.HasSuffix(get(t, client, bucket, "whole", minio.GetObjectOptions{}), "atext"), true)
}

// Presigned URLs work without the client, and only for what was signed.
func TestPresigned(t *testing.T) {
	client, bucket := connect(t)
	ctx := context.Background()
	ask := func(method string, address string, body string) (int, string) {
		request, err := http.NewRequest(method, address, strings.NewReader(body))
		must(t, err)
		answer, err := http.DefaultClient.Do(request)
		must(t, err)
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		must(t, err)
		return answer.StatusCode, string(text)
	}
	upload, err := client.PresignedPutObject(ctx, bucket, "by-url", time.Minute)
	must(t, err)
	status, _ := ask(http.MethodPut, upload.String(), "hello")
	is(t, status, http.StatusOK)
	download, err := client.PresignedGetObject(ctx, bucket, "by-url", time.Minute,
		url.Values{"response-content-type": {"text/x-test"}})
	must(t, err)
	status, text := ask(http.MethodGet, download.String(), "")
	is(t, status, http.StatusOK)
	is(t, text, "hello")
	status, text = ask(http.MethodGet, strings.Replace(download.String(), "by-url", "other", 1), "")
	is(t, status, http.StatusForbidden)
	is(t, strings.Contains(text, "SignatureDoesNotMatch"), true)
}

// Removed by one and by many; a bucket goes once it is empty.
func TestRemove(t *testing.T) {
	client, bucket := connect(t)
	ctx := context.Background()
	keys := make(chan minio.ObjectInfo, 30)
	for i := range 30 {
		key := fmt.Sprintf("k/%d", i)
		put(t, client, bucket, key, "x")
		keys <- minio.ObjectInfo{Key: key}
	}
	close(keys)
	put(t, client, bucket, "one", "x")
	isRefused(t, client.RemoveBucket(ctx, bucket), "BucketNotEmpty")
	for failed := range client.RemoveObjects(ctx, bucket, keys, minio.RemoveObjectsOptions{}) {
		t.Fatal(failed.ObjectName, failed.Err)
	}
	must(t, client.RemoveObject(ctx, bucket, "one", minio.RemoveObjectOptions{}))
	must(t, client.RemoveObject(ctx, bucket, "never-there", minio.RemoveObjectOptions{}))
	must(t, client.RemoveBucket(ctx, bucket))
}

// Of eight that write a key that must not exist, one does; reads and writes under a condition.
func TestConditional(t *testing.T) {
	client, bucket := connect(t)
	ctx := context.Background()
	absent := minio.PutObjectOptions{}
	absent.SetMatchETagExcept("*")
	var writers sync.WaitGroup
	outcomes := make([]error, 8)
	for i := range outcomes {
		writers.Go(func() {
			_, outcomes[i] = client.PutObject(ctx, bucket, "once", strings.NewReader("x"), 1, absent)
		})
	}
	writers.Wait()
	won := 0
	for _, err := range outcomes {
		if err == nil {
			won++
			continue
		}
		isRefused(t, err, minio.PreconditionFailed)
	}
	is(t, won, 1)

	info := put(t, client, bucket, "changing", "1")
	same := minio.PutObjectOptions{}
	same.SetMatchETag(info.ETag)
	_, err := client.PutObject(ctx, bucket, "changing", strings.NewReader("2"), 1, same)
	must(t, err)
	_, err = client.PutObject(ctx, bucket, "changing", strings.NewReader("3"), 1, same)
	isRefused(t, err, minio.PreconditionFailed)
	unchanged := minio.StatObjectOptions{}
	must(t, unchanged.SetMatchETagExcept(put(t, client, bucket, "changing", "4").ETag))
	_, err = client.StatObject(ctx, bucket, "changing", unchanged)
	var answer minio.ErrorResponse
	is(t, errors.As(err, &answer), true)
	is(t, answer.StatusCode, http.StatusNotModified)
}
