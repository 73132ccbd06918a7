package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/IBM/sarama"

	"ticklake/clients/frame"
)

func partition(text string) int32 {
	number, err := strconv.Atoi(text)
	frame.Must(err)
	return int32(number)
}

func offset(text string) int64 {
	number, err := strconv.ParseInt(text, 10, 64)
	frame.Must(err)
	return number
}

func runAdmin(s frame.Settings) {
	admin, err := sarama.NewClusterAdmin([]string{s["bootstrap"]}, config(s))
	frame.Must(err)
	defer admin.Close()
	commands := groupCommands(admin)
	commands["create"] = func(a []string) ([]any, error) {
		return frame.Done(admin.CreateTopic(a[0], &sarama.TopicDetail{NumPartitions: partition(a[1]),
			ReplicationFactor: 1, ConfigEntries: frame.Configs(a[2:])}, false))
	}
	commands["delete"] = func(a []string) ([]any, error) { return frame.Done(admin.DeleteTopic(a[0])) }
	commands["topics"] = func([]string) (names []any, err error) {
		topics, err := admin.ListTopics()
		for name := range topics {
			names = append(names, name)
		}
		return names, err
	}
	commands["partitions"] = func(a []string) ([]any, error) {
		topics, err := admin.DescribeTopics(a[:1])
		if err != nil {
			return nil, err
		}
		return []any{len(topics[0].Partitions)}, nil
	}
	commands["add_partitions"] = func(a []string) ([]any, error) {
		return frame.Done(admin.CreatePartitions(a[0], partition(a[1]), nil, false))
	}
	commands["config"] = func(a []string) ([]any, error) {
		entries, err := admin.DescribeConfig(
			sarama.ConfigResource{Type: sarama.TopicResource, Name: a[0], ConfigNames: a[1:2]})
		for _, entry := range entries {
			if entry.Name == a[1] {
				return []any{entry.Value}, err
			}
		}
		return nil, errors.Join(err, fmt.Errorf("no config %s", a[1]))
	}
	commands["alter"] = func(a []string) ([]any, error) {
		changes := map[string]sarama.IncrementalAlterConfigsEntry{}
		for name, value := range frame.Configs(a[1:]) {
			changes[name] = sarama.IncrementalAlterConfigsEntry{
				Operation: sarama.IncrementalAlterConfigsOperationSet, Value: value}
		}
		return frame.Done(admin.IncrementalAlterConfig(sarama.TopicResource, a[0], changes, false))
	}
	commands["ends"] = func(a []string) ([]any, error) {
		var ends []any
		for _, which := range []int64{sarama.OffsetOldest, sarama.OffsetNewest} {
			found, err := admin.ListOffsets(
				map[string]map[int32]int64{a[0]: {partition(a[1]): which}}, nil)
			if err != nil {
				return nil, err
			}
			ends = append(ends, found[a[0]][partition(a[1])].Offset)
		}
		return ends, nil
	}
	commands["delete_records"] = func(a []string) ([]any, error) {
		return frame.Done(admin.DeleteRecords(a[0], map[int32]int64{partition(a[1]): offset(a[2])}))
	}
	frame.Serve(commands)
}

func groupCommands(admin sarama.ClusterAdmin) map[string]frame.Command {
	return map[string]frame.Command{
		"groups": func([]string) (names []any, err error) {
			groups, err := admin.ListConsumerGroups()
			for name := range groups {
				names = append(names, name)
			}
			return names, err
		},
		"group": func(a []string) ([]any, error) {
			groups, err := admin.DescribeConsumerGroups(a)
			if err != nil {
				return nil, err
			}
			return []any{groups[0].State, len(groups[0].Members)}, nil
		},
		"offset": func(a []string) ([]any, error) {
			answer, err := admin.ListConsumerGroupOffsets(
				a[0], map[string][]int32{a[1]: {partition(a[2])}})
			if err != nil {
				return nil, err
			}
			return []any{answer.GetBlock(a[1], partition(a[2])).Offset}, nil
		},
		"set_offset": func(a []string) ([]any, error) {
			_, err := admin.AlterConsumerGroupOffsets(a[0], map[string]map[int32]sarama.OffsetAndMetadata{
				a[1]: {partition(a[2]): {Offset: offset(a[3]), LeaderEpoch: -1}}}, nil)
			return nil, err
		},
		"delete_group": func(a []string) ([]any, error) {
			return frame.Done(admin.DeleteConsumerGroup(a[0]))
		},
	}
}
