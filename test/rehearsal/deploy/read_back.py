"""What a stack made, asked of each service's own API, in the words of CloudFormation's properties.

read_back.py STACK -> JSON: logical id -> {type, id, attributes, properties}; nothing for a stack that is not there.
A type that is not known here is an error, so that no resource goes unread.
"""

import ast
import json
import sys
from typing import Any, Callable

import boto3
from botocore.exceptions import ClientError
from read_http_api import http_api_readers

client = lambda service: boto3.client(service)  # noqa: E731
Read = tuple[dict[str, Any], dict[str, Any]]  # attributes for GetAtt, properties


def function(name: str) -> Read:
    found = client("lambda").get_function_configuration(FunctionName=name)
    tags = client("lambda").get_function(FunctionName=name)["Configuration"]
    kept = ("FunctionName", "Handler", "Runtime", "Timeout", "MemorySize", "Role", "Description", "Environment")
    properties = {key: found[key] for key in kept if key in found}
    properties["Architectures"] = tags.get("Architectures", found.get("Architectures"))
    network = found.get("VpcConfig", {})
    if network.get("SubnetIds"):
        properties["VpcConfig"] = {key: network[key] for key in ("SubnetIds", "SecurityGroupIds")}
    return {"Arn": found["FunctionArn"]}, properties


def mapping(uuid: str) -> Read:
    found = client("lambda").get_event_source_mapping(UUID=uuid)
    found["FunctionName"] = found.pop("FunctionArn")
    if endpoints := found.get("SelfManagedEventSource", {}).get("Endpoints"):
        found["SelfManagedEventSource"] = {"Endpoints": {"KafkaBootstrapServers": endpoints["KAFKA_BOOTSTRAP_SERVERS"]}}
    for key in ("ResponseMetadata", "UUID", "EventSourceMappingArn", "State", "LastModified"):
        found.pop(key, None)
    return {}, found


def document(policy: dict[str, Any]) -> Any:
    """moto gives back as Python's text what CloudFormation gave it as an object."""
    found = policy["PolicyDocument"]
    return ast.literal_eval(found) if isinstance(found, str) else found


def role(name: str) -> Read:
    iam = client("iam")
    found = iam.get_role(RoleName=name)["Role"]
    names = iam.list_role_policies(RoleName=name)["PolicyNames"]
    policies = [
        {"PolicyName": policy, "PolicyDocument": document(iam.get_role_policy(RoleName=name, PolicyName=policy))}
        for policy in names
    ]
    return {"Arn": found["Arn"]}, {
        "AssumeRolePolicyDocument": found["AssumeRolePolicyDocument"],
        "Policies": policies,
    }


def table(name: str) -> Read:
    dynamodb = client("dynamodb")
    found = dynamodb.describe_table(TableName=name)["Table"]
    expiry = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    key = found.get("SSEDescription", {})
    encryption = {"SSEEnabled": True, "SSEType": key.get("SSEType"), "KMSMasterKeyId": key.get("KMSMasterKeyArn")}
    return {"Arn": found["TableArn"]}, {
        **({"SSESpecification": encryption} if key else {}),
        "TableName": found["TableName"],
        "AttributeDefinitions": found["AttributeDefinitions"],
        "KeySchema": found["KeySchema"],
        "BillingMode": found["BillingModeSummary"]["BillingMode"],
        "TimeToLiveSpecification": {
            "AttributeName": expiry.get("AttributeName"),
            "Enabled": expiry["TimeToLiveStatus"] == "ENABLED",
        },
        "PointInTimeRecoverySpecification": {
            "PointInTimeRecoveryEnabled": backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
        },
    }


def queue(url: str) -> Read:
    found = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {"Arn": found["QueueArn"], "QueueName": found["QueueArn"].split(":")[-1]}, {
        "QueueName": found["QueueArn"].split(":")[-1],
        "FifoQueue": found.get("FifoQueue") == "true",
        "MessageRetentionPeriod": int(found["MessageRetentionPeriod"]),
        "SqsManagedSseEnabled": found.get("SqsManagedSseEnabled") == "true",
        "KmsMasterKeyId": found.get("KmsMasterKeyId"),
    }


def topic(arn: str) -> Read:
    subscriptions = client("sns").list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    key = client("sns").get_topic_attributes(TopicArn=arn)["Attributes"].get("KmsMasterKeyId")
    return {}, {"KmsMasterKeyId": key, "Subscription": [{"Protocol": s["Protocol"], "Endpoint": s["Endpoint"]} for s in subscriptions]}


def alarm(name: str) -> Read:
    return {}, client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]


def log_group(name: str) -> Read:
    found = client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]
    return {"Arn": found["arn"]}, {
        "LogGroupName": found["logGroupName"],
        "RetentionInDays": found["retentionInDays"],
        "KmsKeyId": found.get("kmsKeyId"),
    }


def rule(name: str) -> Read:
    events = client("events")
    found = events.describe_rule(Name=name)
    targets = events.list_targets_by_rule(Rule=name)["Targets"]
    return {"Arn": found["Arn"]}, {
        "ScheduleExpression": found["ScheduleExpression"],
        "State": found["State"],
        "Targets": targets,
    }


def bucket(name: str) -> Read:
    rules = client("s3").get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    algorithms = [
        {
            "ServerSideEncryptionByDefault": rule["ApplyServerSideEncryptionByDefault"],
            **({"BucketKeyEnabled": True} if rule.get("BucketKeyEnabled") else {}),
        }
        for rule in rules
    ]
    public = client("s3").get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    return {}, {
        "BucketName": name,
        "BucketEncryption": {"ServerSideEncryptionConfiguration": algorithms},
        "PublicAccessBlockConfiguration": public,
    }


def bus(name: str) -> Read:
    found = client("events").describe_event_bus(Name=name)
    return {"Arn": found["Arn"]}, {"Name": found["Name"]}


def invoke_config(name: str) -> Read:
    found = client("lambda").get_function_event_invoke_config(FunctionName=name)
    return {}, {
        "MaximumRetryAttempts": found["MaximumRetryAttempts"],
        "MaximumEventAgeInSeconds": found.get("MaximumEventAgeInSeconds"),
        "DestinationConfig": found.get("DestinationConfig", {}),
    }


def exists(_id: str) -> Read:
    return {}, {}


readers: dict[str, Callable[[str], Read]] = {
    "AWS::Lambda::Function": function,
    "AWS::Lambda::EventSourceMapping": mapping,
    "AWS::IAM::Role": role,
    "AWS::DynamoDB::Table": table,
    "AWS::SQS::Queue": queue,
    "AWS::SNS::Topic": topic,
    "AWS::CloudWatch::Alarm": alarm,
    "AWS::Logs::LogGroup": log_group,
    "AWS::Events::Rule": rule,
    "AWS::S3::Bucket": bucket,
    "AWS::Events::EventBus": bus,
    "AWS::Lambda::EventInvokeConfig": invoke_config,
    **http_api_readers,
    # moto keeps no more of these than that they are there.
    "AWS::Lambda::Version": exists,
    "AWS::Lambda::Permission": exists,
    "AWS::S3::BucketPolicy": exists,
}


def main(stack: str) -> dict[str, Any]:
    try:
        resources = client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    except ClientError as error:
        if "does not exist" in str(error):
            return {}
        raise
    answer = {}
    for resource in resources:
        kind, physical = resource["ResourceType"], resource.get("PhysicalResourceId", "")
        attributes, properties = readers[kind](physical)
        answer[resource["LogicalResourceId"]] = {
            "type": kind,
            "id": physical,
            "attributes": attributes,
            "properties": properties,
        }
    return answer


print(json.dumps(main(sys.argv[1]), default=str))
