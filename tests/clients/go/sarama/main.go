// The driver of sarama.
package main

import (
	"context"
	"errors"
	"math"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/IBM/sarama"

	"ticklake/clients/frame"
)

// sender counts what is on its way, since sarama has no call that waits for it.
type sender struct {
	sarama.AsyncProducer
	onWay   sync.WaitGroup
	mutex   sync.Mutex
	failure error
}

func newSender(s frame.Settings) *sender {
	producer, err := sarama.NewAsyncProducer([]string{s["bootstrap"]}, producerConfig(s))
	frame.Must(err)
	result := &sender{AsyncProducer: producer}
	go func() {
		for range producer.Successes() {
			result.onWay.Done()
		}
	}()
	go func() {
		for failed := range producer.Errors() {
			result.mutex.Lock()
			result.failure = errors.Join(result.failure, failed)
			result.mutex.Unlock()
			result.onWay.Done()
		}
	}()
	return result
}

func (s *sender) send(message *sarama.ProducerMessage) {
	s.onWay.Add(1)
	s.Input() <- message
}

func (s *sender) flush() error {
	s.onWay.Wait()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	failure := s.failure
	s.failure = nil
	return failure
}

func runProducer(s frame.Settings) {
	producer := newSender(s)
	frame.Serve(map[string]frame.Command{
		"send": func(a []string) ([]any, error) {
			partition, err := strconv.Atoi(a[1])
			producer.send(&sarama.ProducerMessage{Topic: a[0], Partition: int32(partition),
				Key: sarama.StringEncoder(a[2]), Value: sarama.StringEncoder(a[3])})
			return nil, err
		},
		"flush":  func([]string) ([]any, error) { return frame.Done(producer.flush()) },
		"begin":  func([]string) ([]any, error) { return frame.Done(producer.BeginTxn()) },
		"commit": func([]string) ([]any, error) { return frame.Done(producer.CommitTxn()) },
		"abort":  func([]string) ([]any, error) { return frame.Done(producer.AbortTxn()) },
	})
	frame.Must(producer.Close())
}

// group consumes a topic as a member until the end of input.
func group(s frame.Settings, c *sarama.Config, topic string, handler sarama.ConsumerGroupHandler) {
	client, err := sarama.NewConsumerGroup([]string{s["bootstrap"]}, s["group"], c)
	frame.Must(err)
	ctx, stop := context.WithCancel(context.Background())
	frame.EndOfInput(stop)
	for ctx.Err() == nil { // one round a generation
		frame.Must(client.Consume(ctx, []string{topic}, handler))
	}
	frame.Must(client.Close())
}

type member struct{ left atomic.Int64 }

func (m *member) Setup(session sarama.ConsumerGroupSession) error {
	owned := 0
	for _, partitions := range session.Claims() {
		owned += len(partitions)
	}
	frame.Say("owned", owned)
	return nil
}

func (m *member) Cleanup(sarama.ConsumerGroupSession) error {
	frame.Say("owned", 0)
	return nil
}

func (m *member) ConsumeClaim(
	session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for {
		select {
		case <-session.Context().Done(): // a rebalance: what was not committed is read again
			return nil
		case message, open := <-claim.Messages():
			if !open {
				return nil
			}
			if session.Context().Err() != nil || m.left.Add(-1) < 0 {
				continue
			}
			session.MarkMessage(message, "")
			session.Commit()
			frame.Say("committed", string(message.Value))
		}
	}
}

func runMember(s frame.Settings) {
	var handler member
	handler.left.Store(math.MaxInt64)
	if s["stop_after"] != "" {
		left, err := strconv.ParseInt(s["stop_after"], 10, 64)
		frame.Must(err)
		handler.left.Store(left)
	}
	group(s, config(s), s["topic"], &handler)
}

func runReader(s frame.Settings) {
	c := config(s)
	if s["isolation"] == "committed" {
		c.Consumer.IsolationLevel = sarama.ReadCommitted
	}
	consumer, err := sarama.NewConsumer([]string{s["bootstrap"]}, c)
	frame.Must(err)
	partitions, err := consumer.Partitions(s["topic"])
	frame.Must(err)
	ended := make(chan struct{})
	frame.EndOfInput(func() { close(ended) })
	var readers sync.WaitGroup
	for _, partition := range partitions {
		part, err := consumer.ConsumePartition(s["topic"], partition, sarama.OffsetOldest)
		frame.Must(err)
		readers.Add(1)
		go func() {
			defer readers.Done()
			for message := range part.Messages() {
				frame.Say("value", string(message.Value))
			}
		}()
		go func() {
			<-ended
			part.AsyncClose()
		}()
	}
	readers.Wait()
	frame.Must(consumer.Close())
}

// pipe copies what it is given, ten records a transaction.
type pipe struct {
	producer *sender
	output   string
	group    string
}

func (p *pipe) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (p *pipe) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (p *pipe) ConsumeClaim(
	session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for {
		select {
		case <-session.Context().Done():
			return nil
		case message, open := <-claim.Messages():
			if !open {
				return nil
			}
			p.copy(session, message, claim.Messages())
		}
	}
}

// copy takes the first message and those at hand.
func (p *pipe) copy(session sarama.ConsumerGroupSession, message *sarama.ConsumerMessage,
	more <-chan *sarama.ConsumerMessage) {
	frame.Must(p.producer.BeginTxn())
	metadata := &sarama.ConsumerGroupMetadata{GroupID: p.group, GenerationID: session.GenerationID(),
		MemberID: session.MemberID()}
	for count := 1; message != nil; count++ {
		p.producer.send(&sarama.ProducerMessage{Topic: p.output, Partition: -1,
			Value: sarama.StringEncoder("bar of " + string(message.Value))})
		frame.Must(p.producer.AddMessageToTxnWithGroupMetadata(message, metadata, nil))
		message = nil
		if count < 10 {
			select {
			case message = <-more:
			default:
			}
		}
	}
	frame.Must(p.producer.flush())
	frame.Must(p.producer.CommitTxn())
	frame.Say("transaction")
}

func runPipe(s frame.Settings) {
	c := config(s)
	c.Consumer.IsolationLevel = sarama.ReadCommitted
	producer := newSender(s)
	group(s, c, s["input"], &pipe{producer: producer, output: s["output"], group: s["group"]})
	frame.Must(producer.Close())
}

func main() {
	frame.Run(map[string]func(frame.Settings){"producer": runProducer, "member": runMember,
		"reader": runReader, "pipe": runPipe, "admin": runAdmin})
}
