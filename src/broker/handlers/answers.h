#pragma once

#include "broker/broker.h"
#include "broker/security/access.h"
#include "kafka/messages/alter_client_quotas.h"
#include "kafka/messages/alter_configs.h"
#include "kafka/messages/alter_user_scram_credentials.h"
#include "kafka/messages/create_partitions.h"
#include "kafka/messages/delete_records.h"
#include "kafka/messages/describe_client_quotas.h"
#include "kafka/messages/describe_configs.h"
#include "kafka/messages/describe_log_dirs.h"
#include "kafka/messages/describe_topic_partitions.h"
#include "kafka/messages/describe_user_scram_credentials.h"
#include "kafka/messages/incremental_alter_configs.h"

namespace ticklake::broker {

// What the handlers of the administration answer, apart from the connection that it goes to: each
// is defined in the file of its API. All they change is on disk when they return.
// `access` is that of who asks.

kafka::DeleteRecordsResponse answer(Broker& broker, const Access& access,
                                    const kafka::DeleteRecordsRequest& request);
kafka::DescribeConfigsResponse answer(Broker& broker, const Access& access,
                                      const kafka::DescribeConfigsRequest& request);
kafka::AlterConfigsResponse answer(Broker& broker, const Access& access,
                                   const kafka::AlterConfigsRequest& request);
kafka::DescribeLogDirsResponse answer(Broker& broker, const Access& access,
                                      const kafka::DescribeLogDirsRequest& request);
kafka::CreatePartitionsResponse answer(Broker& broker, const Access& access,
                                       const kafka::CreatePartitionsRequest& request);
kafka::IncrementalAlterConfigsResponse answer(Broker& broker, const Access& access,
                                              const kafka::IncrementalAlterConfigsRequest& request);
kafka::DescribeClientQuotasResponse answer(Broker& broker, const Access& access,
                                           const kafka::DescribeClientQuotasRequest& request);
kafka::AlterClientQuotasResponse answer(Broker& broker, const Access& access,
                                        const kafka::AlterClientQuotasRequest& request);
kafka::DescribeUserScramCredentialsResponse answer(
    Broker& broker, const Access& access,
    const kafka::DescribeUserScramCredentialsRequest& request);
kafka::AlterUserScramCredentialsResponse answer(
    Broker& broker, const Access& access, const kafka::AlterUserScramCredentialsRequest& request);
kafka::DescribeTopicPartitionsResponse answer(Broker& broker, const Access& access,
                                              const kafka::DescribeTopicPartitionsRequest& request);

}  // namespace ticklake::broker
