"""AWS's APIs on loopback: moto's server, taught what it lacks of CloudFormation for this project's templates.

The event source mappings of Kafka, which moto refuses, are kept as they were asked for; nothing polls. Alarms, bucket policies,
the retries of asynchronous invocations, the architecture of a function, the expiry, backups and key of a table, the key of a log
group, what `Ref` of a bus gives, the key of a bucket and what closes it to the public are known to moto's services but not to its CloudFormation. Listens on 127.0.0.1 at
the port of its one argument.
"""

import sys
from typing import Any, Callable

from http_api import teach_http_api
from moto.awslambda import models
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.common_models import CloudFormationModel
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table
from moto.events.models import EventBus
from moto.logs.models import LogGroup
from moto.s3.models import FakeBucket, s3_backends
from moto.server import main

create_any = models.LambdaBackend.create_event_source_mapping
update_any = models.LambdaBackend.update_event_source_mapping


class KafkaEventSourceMapping:
    """In the place of moto's own class, with what the rest of moto asks of one; all else is the request."""

    def __init__(self, spec: dict[str, Any], function_arn: str):
        self.region = spec["RegionName"]
        self.account_id = spec["AccountId"]
        self.uuid = str(models.random.uuid4())
        self.arn = models.make_event_source_mapping_arn(self.region, self.account_id, self.uuid)
        self.function_name = spec["FunctionName"]
        self.function_arn = function_arn
        self.spec = spec

    @property
    def event_source_arn(self) -> str:
        return self.spec.get("EventSourceArn", "")

    @property
    def physical_resource_id(self) -> str:
        return self.uuid

    def get_configuration(self) -> dict[str, Any]:
        asked = {key: value for key, value in self.spec.items() if key not in ("RegionName", "AccountId", "FunctionName")}
        # CloudFormation names this key otherwise than the API does.
        if servers := asked.get("SelfManagedEventSource", {}).get("Endpoints", {}).get("KafkaBootstrapServers"):
            asked["SelfManagedEventSource"] = {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": servers}}
        return {
            **asked,
            "UUID": self.uuid,
            "EventSourceMappingArn": self.arn,
            "FunctionArn": self.function_arn,
            "State": "Enabled" if self.spec.get("Enabled", True) else "Disabled",
        }


def create(backend: models.LambdaBackend, spec: dict[str, Any]) -> models.EventSourceMapping:
    if "Topics" not in spec:
        return create_any(backend, spec)
    function = backend._lambdas.get_function_by_name_or_arn_with_qualifier(spec["FunctionName"])
    spec.update(RegionName=backend.region_name, AccountId=backend.account_id)
    mapping = KafkaEventSourceMapping(spec, function.function_arn)
    backend._event_source_mappings[mapping.uuid] = mapping
    return mapping


def update(backend: models.LambdaBackend, uuid: str, spec: dict[str, Any]) -> models.EventSourceMapping | None:
    mapping = backend.get_event_source_mapping(uuid)
    if not isinstance(mapping, KafkaEventSourceMapping):
        return update_any(backend, uuid, spec)
    mapping.spec.update(spec)
    return mapping


@classmethod
def delete(cls: type, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str) -> None:
    models.get_backend(account_id, region_name).delete_event_source_mapping(resource_name)


def teach(kind: str, make: Callable[[str, dict[str, Any], str, str], str]) -> None:
    """A type of CloudFormation's: `make(name, properties, account, region)` creates or replaces one and gives its id."""

    class Made:
        def __init__(self, physical_resource_id: str):
            self.physical_resource_id = physical_resource_id

    def create_one(_cls: type, name: str, json: Any, account: str, region: str, **_more: Any) -> Made:
        return Made(make(name, json["Properties"], account, region))

    def update_one(_cls: type, original: Made, _name: str, json: Any, account: str, region: str) -> Made:
        return Made(make(original.physical_resource_id, json["Properties"], account, region))

    members = {
        # Where moto looks for the name of a service.
        "__module__": "moto.rehearsal.taught",
        "cloudformation_name_type": staticmethod(lambda: ""),
        "cloudformation_type": staticmethod(lambda: kind),
        "create_from_cloudformation_json": classmethod(create_one),
        "update_from_cloudformation_json": classmethod(update_one),
        "delete_from_cloudformation_json": classmethod(lambda *_: None),
    }
    type(CloudFormationModel)(kind.replace(":", ""), (CloudFormationModel,), members)


def alarm(name: str, asked: dict[str, Any], account: str, region: str) -> str:
    cloudwatch_backends[account][region].put_metric_alarm(
        name=name,
        namespace=asked["Namespace"],
        metric_name=asked["MetricName"],
        comparison_operator=asked["ComparisonOperator"],
        evaluation_periods=int(asked["EvaluationPeriods"]),
        period=int(asked["Period"]),
        threshold=float(asked["Threshold"]),
        statistic=asked["Statistic"],
        description=asked["AlarmDescription"],
        dimensions=asked["Dimensions"],
        alarm_actions=asked["AlarmActions"],
        ok_actions=asked["OKActions"],
        insufficient_data_actions=asked.get("InsufficientDataActions"),
        treat_missing_data=asked["TreatMissingData"],
    )
    return name


def bucket_policy(_name: str, asked: dict[str, Any], _account: str, _region: str) -> str:
    # The framework's refuses what comes without TLS; moto would refuse everything, since it knows no conditions.
    return asked["Bucket"]


def invoke_config(_name: str, asked: dict[str, Any], account: str, region: str) -> str:
    limits = {key: value for key, value in asked.items() if key not in ("FunctionName", "Qualifier")}
    models.get_backend(account, region).put_function_event_invoke_config(asked["FunctionName"], limits)
    return asked["FunctionName"]


teach("AWS::CloudWatch::Alarm", alarm)
teach("AWS::S3::BucketPolicy", bucket_policy)
teach("AWS::Lambda::EventInvokeConfig", invoke_config)
teach_http_api(teach)

create_function = models.LambdaFunction.create_from_cloudformation_json


@classmethod
def create_function_with_architecture(cls: type, name: str, json: Any, *more: Any, **rest: Any) -> Any:
    function = create_function(name, json, *more, **rest)
    function.architectures = json["Properties"].get("Architectures", ["x86_64"])
    return function


create_table = Table.create_from_cloudformation_json


@classmethod
def create_table_with_expiry(cls: type, name: str, json: Any, account: str, region: str, **rest: Any) -> Any:
    table = create_table(name, json, account, region, **rest)
    backend, asked = dynamodb_backends[account][region], json["Properties"]
    if expiry := asked.get("TimeToLiveSpecification"):
        backend.update_time_to_live(table.name, expiry)
    if key := asked.get("SSESpecification"):
        table.sse_specification = {
            "Enabled": key["SSEEnabled"],
            "SSEType": key["SSEType"],
            "KMSMasterKeyId": key["KMSMasterKeyId"],
        }
    if backups := asked.get("PointInTimeRecoverySpecification"):
        backend.update_continuous_backups(table.name, backups)
    return table


create_bucket = FakeBucket.create_from_cloudformation_json


@classmethod
def create_closed_bucket(cls: type, name: str, json: Any, account: str, region: str, **rest: Any) -> Any:
    bucket = create_bucket(name, json, account, region, **rest)
    if asked := json.get("Properties", {}).get("PublicAccessBlockConfiguration"):
        block = {key: str(value).lower() for key, value in asked.items()}
        s3_backends[account]["aws"].put_public_access_block(name, block)
    for rule in json.get("Properties", {}).get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", []):
        bucket.encryption["Rule"]["BucketKeyEnabled"] = rule.get("BucketKeyEnabled", False)
    return bucket


create_log_group = LogGroup.create_from_cloudformation_json


@classmethod
def create_log_group_with_key(cls: type, name: str, json: Any, *more: Any, **rest: Any) -> Any:
    group = create_log_group(name, json, *more, **rest)
    group.kms_key_id = json["Properties"].get("KmsKeyId")
    return group


attribute_of_log_group = LogGroup.get_cfn_attribute


def log_group_attribute(group: LogGroup, name: str) -> str:
    # CloudFormation's Arn of a log group ends so; moto's does not.
    return attribute_of_log_group(group, name) + (":*" if name == "Arn" else "")


EventBus.physical_resource_id = property(lambda bus: bus.name)
models.LambdaFunction.create_from_cloudformation_json = create_function_with_architecture
Table.create_from_cloudformation_json = create_table_with_expiry
LogGroup.create_from_cloudformation_json = create_log_group_with_key
LogGroup.get_cfn_attribute = log_group_attribute
FakeBucket.create_from_cloudformation_json = create_closed_bucket
models.LambdaBackend.create_event_source_mapping = create
models.LambdaBackend.update_event_source_mapping = update
models.EventSourceMapping.delete_from_cloudformation_json = delete

main(["-H", "127.0.0.1", "-p", sys.argv[1]])
