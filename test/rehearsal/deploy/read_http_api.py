"""The HTTP APIs of a stack, asked of API Gateway, in the words of CloudFormation's properties (read_back.py)."""

from typing import Any, Callable

import boto3

Read = tuple[dict[str, Any], dict[str, Any]]  # attributes for GetAtt, properties


def http_api(api_id: str) -> Read:
    found = boto3.client("apigatewayv2").get_api(ApiId=api_id)
    cors = found.get("CorsConfiguration")
    return {}, {"Name": found["Name"], "ProtocolType": found["ProtocolType"], **({"CorsConfiguration": cors} if cors else {})}


def part_of_api(kind: str, key: str, kept: tuple[str, ...]) -> Callable[[str], Read]:
    """A part is found by its own id among those of all APIs, since a stack knows no other."""

    def read(part_id: str) -> Read:
        gateway = boto3.client("apigatewayv2")
        for api in gateway.get_apis()["Items"]:
            for found in getattr(gateway, f"get_{kind}")(ApiId=api["ApiId"])["Items"]:
                if found[key] == part_id:
                    return {}, {"ApiId": api["ApiId"], **{name: found[name] for name in kept if name in found}}
        raise LookupError(f"no API has {part_id} among its {kind}")

    return read


http_api_readers: dict[str, Callable[[str], Read]] = {
    "AWS::ApiGatewayV2::Api": http_api,
    "AWS::ApiGatewayV2::Stage": part_of_api("stages", "StageName", ("StageName", "AutoDeploy", "DefaultRouteSettings")),
    "AWS::ApiGatewayV2::Integration": part_of_api(
        "integrations", "IntegrationId", ("IntegrationType", "IntegrationUri", "PayloadFormatVersion", "TimeoutInMillis")
    ),
    "AWS::ApiGatewayV2::Route": part_of_api("routes", "RouteId", ("RouteKey", "Target", "AuthorizationType")),
}
