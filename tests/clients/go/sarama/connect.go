package main

import (
	"time"

	"github.com/IBM/sarama"
	"github.com/xdg-go/scram"

	"ticklake/clients/frame"
)

// conversation is SCRAM's client side, which sarama leaves to its user.
type conversation struct {
	hash scram.HashGeneratorFcn
	*scram.ClientConversation
}

func (c *conversation) Begin(user, password, authorization string) error {
	client, err := c.hash.NewClient(user, password, authorization)
	if err == nil {
		c.ClientConversation = client.NewConversation()
	}
	return err
}

// config is what every role has in common.
func config(s frame.Settings) *sarama.Config {
	c := sarama.NewConfig()
	c.Version = sarama.MaxVersion
	c.Metadata.RefreshFrequency = time.Second
	// Commits go over the connection of the fetches, and wait behind one that waits for records.
	c.Consumer.MaxWaitTime = 10 * time.Millisecond
	c.Consumer.Offsets.Initial = sarama.OffsetOldest
	c.Consumer.Offsets.AutoCommit.Enable = false
	c.Consumer.Group.Heartbeat.Interval = 200 * time.Millisecond
	c.Consumer.Group.Session.Timeout = 10 * time.Second
	if s.Secure() {
		c.Net.TLS.Enable = true
		c.Net.TLS.Config = s.TLS()
		c.Net.SASL.Enable = true
		c.Net.SASL.Mechanism = sarama.SASLMechanism(s["mechanism"])
		c.Net.SASL.User = s["user"]
		c.Net.SASL.Password = s["password"]
		hash := scram.SHA512
		if s["mechanism"] == sarama.SASLTypeSCRAMSHA256 {
			hash = scram.SHA256
		}
		c.Net.SASL.SCRAMClientGeneratorFunc = func() sarama.SCRAMClient {
			return &conversation{hash: hash}
		}
	}
	return c
}

// chosen leaves the partition to the record where it names one.
type chosen struct{ sarama.Partitioner }

func (c chosen) Partition(message *sarama.ProducerMessage, count int32) (int32, error) {
	if message.Partition >= 0 {
		return message.Partition, nil
	}
	return c.Partitioner.Partition(message, count)
}

func producerConfig(s frame.Settings) *sarama.Config {
	codecs := map[string]sarama.CompressionCodec{
		"": sarama.CompressionNone, "none": sarama.CompressionNone, "gzip": sarama.CompressionGZIP,
		"snappy": sarama.CompressionSnappy, "lz4": sarama.CompressionLZ4, "zstd": sarama.CompressionZSTD}
	c := config(s)
	c.Producer.RequiredAcks = sarama.WaitForAll
	c.Producer.Compression = codecs[s["codec"]]
	c.Producer.Flush.Frequency = 20 * time.Millisecond
	c.Producer.Return.Successes = true
	c.Producer.Return.Errors = true
	c.Producer.Partitioner = func(topic string) sarama.Partitioner {
		return chosen{sarama.NewHashPartitioner(topic)}
	}
	if s["id"] != "" {
		c.Producer.Transaction.ID = s["id"]
		c.Producer.Transaction.Timeout = 30 * time.Second
		c.Producer.Idempotent = true
		c.Net.MaxOpenRequests = 1
	}
	return c
}
