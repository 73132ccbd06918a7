// The driver of franz-go.
package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"ticklake/clients/frame"
)

var ctx = context.Background()

// reaching is what it takes to reach the broker.
func reaching(s frame.Settings) []kgo.Opt {
	options := []kgo.Opt{kgo.SeedBrokers(s["bootstrap"]), kgo.MetadataMinAge(50 * time.Millisecond),
		kgo.FetchMaxWait(100 * time.Millisecond)}
	if !s.Secure() {
		return options
	}
	options = append(options, kgo.DialTLSConfig(s.TLS()))
	salted := scram.Auth{User: s["user"], Pass: s["password"]}
	switch s["mechanism"] {
	case "PLAIN":
		return append(options, kgo.SASL(plain.Auth{User: s["user"], Pass: s["password"]}.AsMechanism()))
	case "SCRAM-SHA-256":
		return append(options, kgo.SASL(salted.AsSha256Mechanism()))
	default:
		return append(options, kgo.SASL(salted.AsSha512Mechanism()))
	}
}

func connect(s frame.Settings, options ...kgo.Opt) *kgo.Client {
	client, err := kgo.NewClient(append(options, reaching(s)...)...)
	frame.Must(err)
	return client
}

// chosen leaves the partition to the record where it names one.
type chosen struct{ kgo.Partitioner }

func (c chosen) ForTopic(topic string) kgo.TopicPartitioner {
	return chosenForTopic{c.Partitioner.ForTopic(topic)}
}

type chosenForTopic struct{ kgo.TopicPartitioner }

func (c chosenForTopic) Partition(r *kgo.Record, n int) int {
	if r.Partition >= 0 {
		return int(r.Partition)
	}
	return c.TopicPartitioner.Partition(r, n)
}

func producerOptions(s frame.Settings) []kgo.Opt {
	codecs := map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(), "": kgo.NoCompression()}
	options := []kgo.Opt{kgo.ProducerBatchCompression(codecs[s["codec"]]),
		kgo.ProducerLinger(20 * time.Millisecond),
		kgo.RecordPartitioner(chosen{kgo.StickyKeyPartitioner(nil)})}
	if s["id"] != "" {
		options = append(options, kgo.TransactionalID(s["id"]), kgo.TransactionTimeout(30*time.Second))
	}
	return options
}

func runProducer(s frame.Settings) {
	client := connect(s, producerOptions(s)...)
	defer client.Close()
	if s["id"] != "" { // as other clients do it: fences a predecessor now, not with the first record
		_, _, err := client.ProducerID(ctx)
		frame.Must(err)
	}
	var mutex sync.Mutex
	var failure error
	end := func(how kgo.TransactionEndTry) frame.Command {
		return func([]string) ([]any, error) { return frame.Done(client.EndTransaction(ctx, how)) }
	}
	frame.Serve(map[string]frame.Command{
		"send": func(a []string) ([]any, error) {
			partition, err := strconv.Atoi(a[1])
			client.Produce(ctx, &kgo.Record{Topic: a[0], Partition: int32(partition), Key: []byte(a[2]),
				Value: []byte(a[3])}, func(_ *kgo.Record, err error) {
				mutex.Lock()
				defer mutex.Unlock()
				failure = errors.Join(failure, err)
			})
			return nil, err
		},
		"flush": func([]string) ([]any, error) {
			err := client.Flush(ctx)
			mutex.Lock()
			defer mutex.Unlock()
			return nil, errors.Join(err, failure)
		},
		"begin":  func([]string) ([]any, error) { return frame.Done(client.BeginTransaction()) },
		"commit": end(kgo.TryCommit),
		"abort":  end(kgo.TryAbort),
	})
}

func groupOptions(s frame.Settings, topic string) []kgo.Opt {
	options := []kgo.Opt{kgo.ConsumerGroup(s["group"]), kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.HeartbeatInterval(200 * time.Millisecond),
		kgo.SessionTimeout(10 * time.Second)}
	if s["protocol"] == "consumer" {
		ctx = context.WithValue(ctx, "opt_in_kafka_next_gen_balancer_beta", true)
		return append(options, kgo.WithContext(ctx))
	}
	return append(options, kgo.Balancers(kgo.RangeBalancer()))
}

func runMember(s frame.Settings) {
	left := math.MaxInt
	if s["stop_after"] != "" {
		left, _ = strconv.Atoi(s["stop_after"])
	}
	owned := 0
	count := func(by int, change map[string][]int32) {
		for _, partitions := range change {
			owned += by * len(partitions)
		}
		frame.Say("owned", owned)
	}
	assigned := func(_ context.Context, _ *kgo.Client, a map[string][]int32) { count(1, a) }
	revoked := func(_ context.Context, _ *kgo.Client, r map[string][]int32) { count(-1, r) }
	client := connect(s, append(groupOptions(s, s["topic"]), kgo.DisableAutoCommit(),
		kgo.BlockRebalanceOnPoll(), kgo.OnPartitionsAssigned(assigned), kgo.OnPartitionsRevoked(revoked),
		kgo.OnPartitionsLost(revoked))...)
	polling, stop := context.WithCancel(ctx)
	frame.EndOfInput(stop)
	for polling.Err() == nil {
		fetches := client.PollRecords(polling, 20)
		for _, record := range fetches.Records() {
			if left == 0 {
				break
			}
			left--
			// Not while it rebalances: what is polled is ours until AllowRebalance().
			frame.Must(client.CommitRecords(ctx, record))
			frame.Say("committed", string(record.Value))
		}
		client.AllowRebalance()
	}
	client.CloseAllowingRebalance()
}

func runReader(s frame.Settings) {
	isolation := kgo.ReadUncommitted()
	if s["isolation"] == "committed" {
		isolation = kgo.ReadCommitted()
	}
	client := connect(s, kgo.ConsumeTopics(s["topic"]), kgo.FetchIsolationLevel(isolation),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	polling, stop := context.WithCancel(ctx)
	frame.EndOfInput(stop)
	for polling.Err() == nil {
		client.PollFetches(polling).EachRecord(func(r *kgo.Record) { frame.Say("value", string(r.Value)) })
	}
	client.Close()
}

func runPipe(s frame.Settings) {
	options := append(reaching(s), producerOptions(s)...)
	options = append(options, groupOptions(s, s["input"])...)
	options = append(options, kgo.RequireStableFetchOffsets(), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	session, err := kgo.NewGroupTransactSession(options...)
	frame.Must(err)
	polling, stop := context.WithCancel(ctx)
	frame.EndOfInput(stop)
	for polling.Err() == nil {
		records := session.PollRecords(polling, 10).Records()
		if len(records) == 0 {
			continue
		}
		frame.Must(session.Begin())
		for _, record := range records {
			session.Produce(ctx, &kgo.Record{Topic: s["output"], Partition: -1,
				Value: append([]byte("bar of "), record.Value...)}, nil)
		}
		frame.Must(session.Client().Flush(ctx))
		committed, err := session.End(ctx, kgo.TryCommit)
		frame.Must(err)
		if committed {
			frame.Say("transaction")
		}
	}
	session.Close()
}

func runAdmin(s frame.Settings) {
	client := connect(s)
	defer client.Close()
	admin := kadm.NewClient(client)
	frame.Serve(map[string]frame.Command{
		"create": func(a []string) ([]any, error) {
			count, _ := strconv.Atoi(a[1])
			answer, err := admin.CreateTopic(ctx, int32(count), 1, frame.Configs(a[2:]), a[0])
			return nil, errors.Join(err, answer.Err)
		},
		"delete": func(a []string) ([]any, error) {
			answer, err := admin.DeleteTopic(ctx, a[0])
			return nil, errors.Join(err, answer.Err)
		},
		"topics": func([]string) ([]any, error) {
			answer, err := admin.ListTopics(ctx)
			return names(answer.Names()), err
		},
		"partitions": func(a []string) ([]any, error) {
			answer, err := admin.ListTopics(ctx, a[0])
			return []any{len(answer[a[0]].Partitions)}, err
		},
		"add_partitions": func(a []string) ([]any, error) {
			count, _ := strconv.Atoi(a[1])
			answer, err := admin.UpdatePartitions(ctx, count, a[0])
			return nil, errors.Join(err, answer.Error())
		},
		"config": func(a []string) ([]any, error) {
			answer, err := admin.DescribeTopicConfigs(ctx, a[0])
			if err != nil {
				return nil, err
			}
			for _, config := range answer[0].Configs {
				if config.Key == a[1] {
					return []any{config.MaybeValue()}, answer[0].Err
				}
			}
			return nil, fmt.Errorf("no config %s", a[1])
		},
		"alter": func(a []string) ([]any, error) {
			var changes []kadm.AlterConfig
			for name, value := range frame.Configs(a[1:]) {
				changes = append(changes, kadm.AlterConfig{Op: kadm.SetConfig, Name: name, Value: value})
			}
			answer, err := admin.AlterTopicConfigs(ctx, changes, a[0])
			if err != nil {
				return nil, err
			}
			return nil, answer[0].Err
		},
		"groups": func([]string) ([]any, error) {
			answer, err := admin.ListGroups(ctx)
			return names(answer.Groups()), err
		},
		"group": func(a []string) ([]any, error) {
			answer, err := admin.DescribeGroups(ctx, a[0])
			return []any{answer[a[0]].State, len(answer[a[0]].Members)}, err
		},
		"offset": func(a []string) ([]any, error) {
			partition, _ := strconv.Atoi(a[2])
			answer, err := admin.FetchOffsets(ctx, a[0])
			found, _ := answer.Lookup(a[1], int32(partition))
			return []any{found.At}, err
		},
		"set_offset": func(a []string) ([]any, error) {
			offset, _ := strconv.ParseInt(a[3], 10, 64)
			var offsets kadm.Offsets
			offsets.Add(kadm.Offset{Topic: a[1], At: offset, LeaderEpoch: -1})
			return frame.Done(admin.CommitAllOffsets(ctx, a[0], offsets))
		},
		"delete_group": func(a []string) ([]any, error) {
			answer, err := admin.DeleteGroup(ctx, a[0])
			return nil, errors.Join(err, answer.Err)
		},
		"ends": func(a []string) ([]any, error) {
			partition, _ := strconv.Atoi(a[1])
			starts, err := admin.ListStartOffsets(ctx, a[0])
			frame.Must(err)
			ends, err := admin.ListEndOffsets(ctx, a[0])
			first, _ := starts.Lookup(a[0], int32(partition))
			end, _ := ends.Lookup(a[0], int32(partition))
			return []any{first.Offset, end.Offset}, err
		},
		"delete_records": func(a []string) ([]any, error) {
			offset, _ := strconv.ParseInt(a[2], 10, 64)
			var before kadm.Offsets
			before.Add(kadm.Offset{Topic: a[0], At: offset, LeaderEpoch: -1})
			answer, err := admin.DeleteRecords(ctx, before)
			return nil, errors.Join(err, answer.Error())
		},
	})
}

func names(texts []string) []any {
	fields := make([]any, len(texts))
	for i, text := range texts {
		fields[i] = text
	}
	return fields
}

func main() {
	frame.Run(map[string]func(frame.Settings){"producer": runProducer, "member": runMember,
		"reader": runReader, "pipe": runPipe, "admin": runAdmin})
}
