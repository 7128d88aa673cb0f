"""AWS's APIs on loopback: moto's server, taught to store the event source mappings of Kafka, which moto refuses.

A mapping is kept as it was asked for; nothing polls. Prints nothing; listens on 127.0.0.1 at the port of its one argument.
"""

import sys
from typing import Any

from moto.awslambda import models
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


models.LambdaBackend.create_event_source_mapping = create
models.LambdaBackend.update_event_source_mapping = update
models.EventSourceMapping.delete_from_cloudformation_json = delete

main(["-H", "127.0.0.1", "-p", sys.argv[1]])
