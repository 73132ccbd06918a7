// The driver of segmentio/kafka-go. Its writer has no transactions.
package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"math"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"

	"ticklake/clients/frame"
)

func mechanism(s frame.Settings) (sasl.Mechanism, *tls.Config) {
	if !s.Secure() {
		return nil, nil
	}
	if s["mechanism"] == "PLAIN" {
		return plain.Mechanism{Username: s["user"], Password: s["password"]}, s.TLS()
	}
	algorithm := scram.SHA512
	if s["mechanism"] == "SCRAM-SHA-256" {
		algorithm = scram.SHA256
	}
	salted, err := scram.Mechanism(algorithm, s["user"], s["password"])
	frame.Must(err)
	return salted, s.TLS()
}

func dialer(s frame.Settings) *kafka.Dialer {
	salted, security := mechanism(s)
	return &kafka.Dialer{Timeout: 10 * time.Second, SASLMechanism: salted, TLS: security}
}

func transport(s frame.Settings) *kafka.Transport {
	salted, security := mechanism(s)
	return &kafka.Transport{SASL: salted, TLS: security, MetadataTTL: time.Second}
}

// chosen takes the partition that a message brings along in its WriterData.
func chosen(message kafka.Message, partitions ...int) int {
	if partition := message.WriterData.(int); partition >= 0 {
		return partition
	}
	return (&kafka.Hash{}).Balance(message, partitions...)
}

func runProducer(s frame.Settings) {
	codecs := map[string]kafka.Compression{"gzip": kafka.Gzip, "snappy": kafka.Snappy,
		"lz4": kafka.Lz4, "zstd": kafka.Zstd}
	writer := &kafka.Writer{Addr: kafka.TCP(s["bootstrap"]), Transport: transport(s),
		Balancer: kafka.BalancerFunc(chosen), RequiredAcks: kafka.RequireAll,
		BatchTimeout: 20 * time.Millisecond, Compression: codecs[s["codec"]]}
	var messages []kafka.Message
	frame.Serve(map[string]frame.Command{
		"send": func(a []string) ([]any, error) {
			partition, err := strconv.Atoi(a[1])
			messages = append(messages, kafka.Message{Topic: a[0], WriterData: partition,
				Key: []byte(a[2]), Value: []byte(a[3])})
			return nil, err
		},
		"flush": func([]string) ([]any, error) {
			err := writer.WriteMessages(context.Background(), messages...)
			messages = nil
			return nil, err
		},
	})
	frame.Must(writer.Close())
}

func partitionReader(s frame.Settings, partition int, offset int64) *kafka.Reader {
	isolation := kafka.ReadUncommitted
	if s["isolation"] == "committed" {
		isolation = kafka.ReadCommitted
	}
	reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{s["bootstrap"]}, Dialer: dialer(s),
		Topic: s["topic"], Partition: partition, MaxWait: 100 * time.Millisecond,
		IsolationLevel: isolation})
	frame.Must(reader.SetOffset(offset))
	return reader
}

func runMember(s frame.Settings) {
	var left atomic.Int64
	left.Store(math.MaxInt64)
	if s["stop_after"] != "" {
		count, err := strconv.ParseInt(s["stop_after"], 10, 64)
		frame.Must(err)
		left.Store(count)
	}
	group, err := kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{ID: s["group"],
		Brokers: []string{s["bootstrap"]}, Dialer: dialer(s), Topics: []string{s["topic"]},
		HeartbeatInterval: 200 * time.Millisecond, SessionTimeout: 10 * time.Second,
		JoinGroupBackoff: 100 * time.Millisecond, StartOffset: kafka.FirstOffset})
	frame.Must(err)
	ctx, stop := context.WithCancel(context.Background())
	frame.EndOfInput(stop)
	for {
		generation, err := group.Next(ctx)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			continue // it says what went wrong with a try to join, and tries again
		}
		assigned := generation.Assignments[s["topic"]]
		frame.Say("owned", len(assigned))
		for _, assignment := range assigned {
			generation.Start(func(ctx context.Context) {
				consume(ctx, s, generation, assignment, &left)
			})
		}
	}
	frame.Must(group.Close())
}

// consume reads and commits one partition until its generation ends.
func consume(ctx context.Context, s frame.Settings, generation *kafka.Generation,
	assignment kafka.PartitionAssignment, left *atomic.Int64) {
	reader := partitionReader(s, assignment.ID, assignment.Offset)
	defer reader.Close()
	for {
		message, err := reader.FetchMessage(ctx)
		if ctx.Err() != nil {
			return
		}
		frame.Must(err)
		if left.Add(-1) < 0 {
			continue
		}
		err = generation.CommitOffsets(
			map[string]map[int]int64{s["topic"]: {assignment.ID: message.Offset + 1}})
		if err != nil { // whoever has the partition next reads it again
			<-ctx.Done()
			return
		}
		frame.Say("committed", string(message.Value))
	}
}

func runReader(s frame.Settings) {
	partitions, err := dialer(s).LookupPartitions(
		context.Background(), "tcp", s["bootstrap"], s["topic"])
	frame.Must(err)
	ctx, stop := context.WithCancel(context.Background())
	for _, partition := range partitions {
		reader := partitionReader(s, partition.ID, kafka.FirstOffset)
		defer reader.Close()
		go func() {
			for {
				message, err := reader.ReadMessage(ctx)
				if ctx.Err() != nil {
					return
				}
				frame.Must(err)
				frame.Say("value", string(message.Value))
			}
		}()
	}
	frame.EndOfInput(stop)
	<-ctx.Done()
}

func main() {
	frame.Run(map[string]func(frame.Settings){"producer": runProducer, "member": runMember,
		"reader": runReader, "admin": runAdmin,
		"pipe": func(frame.Settings) { frame.Must(fmt.Errorf("kafka-go has no transactions")) }})
}
