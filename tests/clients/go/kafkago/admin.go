package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/segmentio/kafka-go"

	"ticklake/clients/frame"
)

func number(text string) int {
	number, err := strconv.Atoi(text)
	frame.Must(err)
	return number
}

// first is what went wrong with a call, or with the one thing that it was about.
func first(err error, each map[string]error) ([]any, error) {
	for _, one := range each {
		err = errors.Join(err, one)
	}
	return nil, err
}

func runAdmin(s frame.Settings) {
	client := &kafka.Client{Addr: kafka.TCP(s["bootstrap"]), Transport: transport(s)}
	commands := topicCommands(client, dialer(s))
	for name, command := range groupCommands(client) {
		commands[name] = command
	}
	frame.Serve(commands)
}

var ctx = context.Background()

func topicCommands(client *kafka.Client, dialer *kafka.Dialer) map[string]frame.Command {
	// Asked on a connection of its own: what a transport knows of topics is as old as its cache.
	partitions := func(topics ...string) ([]kafka.Partition, error) {
		connection, err := dialer.DialContext(ctx, "tcp", client.Addr.String())
		if err != nil {
			return nil, err
		}
		defer connection.Close()
		return connection.ReadPartitions(topics...)
	}
	return map[string]frame.Command{
		"create": func(a []string) ([]any, error) {
			topic := kafka.TopicConfig{Topic: a[0], NumPartitions: number(a[1]), ReplicationFactor: 1}
			for name, value := range frame.Configs(a[2:]) {
				topic.ConfigEntries = append(topic.ConfigEntries,
					kafka.ConfigEntry{ConfigName: name, ConfigValue: *value})
			}
			answer, err := client.CreateTopics(ctx,
				&kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{topic}})
			if err != nil {
				return nil, err
			}
			return first(nil, answer.Errors)
		},
		"delete": func(a []string) ([]any, error) {
			answer, err := client.DeleteTopics(ctx, &kafka.DeleteTopicsRequest{Topics: a})
			if err != nil {
				return nil, err
			}
			return first(nil, answer.Errors)
		},
		"topics": func([]string) (names []any, err error) {
			found, err := partitions()
			for _, partition := range found {
				names = append(names, partition.Topic)
			}
			return names, err
		},
		"partitions": func(a []string) ([]any, error) {
			found, err := partitions(a[0])
			return []any{len(found)}, err
		},
		"add_partitions": func(a []string) ([]any, error) {
			answer, err := client.CreatePartitions(ctx, &kafka.CreatePartitionsRequest{
				Topics: []kafka.TopicPartitionsConfig{{Name: a[0], Count: int32(number(a[1]))}}})
			if err != nil {
				return nil, err
			}
			return first(nil, answer.Errors)
		},
		"config": func(a []string) ([]any, error) {
			answer, err := client.DescribeConfigs(ctx, &kafka.DescribeConfigsRequest{
				Resources: []kafka.DescribeConfigRequestResource{{ResourceType: kafka.ResourceTypeTopic,
					ResourceName: a[0], ConfigNames: a[1:2]}}})
			if err != nil {
				return nil, err
			}
			entries := answer.Resources[0].ConfigEntries
			if len(entries) != 1 {
				return nil, fmt.Errorf("%d configs of that name", len(entries))
			}
			return []any{entries[0].ConfigValue}, answer.Resources[0].Error
		},
		"alter": func(a []string) ([]any, error) {
			resource := kafka.IncrementalAlterConfigsRequestResource{
				ResourceType: kafka.ResourceTypeTopic, ResourceName: a[0]}
			for name, value := range frame.Configs(a[1:]) {
				resource.Configs = append(resource.Configs, kafka.IncrementalAlterConfigsRequestConfig{
					Name: name, Value: *value, ConfigOperation: kafka.ConfigOperationSet})
			}
			answer, err := client.IncrementalAlterConfigs(ctx, &kafka.IncrementalAlterConfigsRequest{
				Resources: []kafka.IncrementalAlterConfigsRequestResource{resource}})
			if err != nil {
				return nil, err
			}
			return nil, answer.Resources[0].Error
		},
		"ends": func(a []string) ([]any, error) {
			answer, err := client.ListOffsets(ctx, &kafka.ListOffsetsRequest{
				Topics: map[string][]kafka.OffsetRequest{a[0]: {
					kafka.FirstOffsetOf(number(a[1])), kafka.LastOffsetOf(number(a[1]))}}})
			if err != nil {
				return nil, err
			}
			ends := answer.Topics[a[0]][0]
			return []any{ends.FirstOffset, ends.LastOffset}, ends.Error
		},
	}
}

func groupCommands(client *kafka.Client) map[string]frame.Command {
	return map[string]frame.Command{
		"groups": func([]string) (names []any, err error) {
			answer, err := client.ListGroups(ctx, &kafka.ListGroupsRequest{})
			if err != nil {
				return nil, err
			}
			for _, group := range answer.Groups {
				names = append(names, group.GroupID)
			}
			return names, answer.Error
		},
		"group": func(a []string) ([]any, error) {
			answer, err := client.DescribeGroups(ctx, &kafka.DescribeGroupsRequest{GroupIDs: a})
			if err != nil {
				return nil, err
			}
			group := answer.Groups[0]
			return []any{group.GroupState, len(group.Members)}, group.Error
		},
		"offset": func(a []string) ([]any, error) {
			answer, err := client.OffsetFetch(ctx, &kafka.OffsetFetchRequest{GroupID: a[0],
				Topics: map[string][]int{a[1]: {number(a[2])}}})
			if err != nil {
				return nil, err
			}
			return []any{answer.Topics[a[1]][0].CommittedOffset}, answer.Error
		},
		"set_offset": func(a []string) ([]any, error) {
			answer, err := client.OffsetCommit(ctx, &kafka.OffsetCommitRequest{GroupID: a[0],
				GenerationID: -1, Topics: map[string][]kafka.OffsetCommit{
					a[1]: {{Partition: number(a[2]), Offset: int64(number(a[3]))}}}})
			if err != nil {
				return nil, err
			}
			return nil, answer.Topics[a[1]][0].Error
		},
		"delete_group": func(a []string) ([]any, error) {
			answer, err := client.DeleteGroups(ctx, &kafka.DeleteGroupsRequest{GroupIDs: a})
			if err != nil {
				return nil, err
			}
			return first(nil, answer.Errors)
		},
	}
}
