"""The HTTP APIs of API Gateway for moto's CloudFormation, which knows the service and none of its types.

Each is kept by the service as it was asked for; nothing listens.
"""

from typing import Any, Callable

from moto.apigatewayv2.models import Api, apigatewayv2_backends
from moto.cloudformation import models as cloudformation

Make = Callable[[str, dict[str, Any], str, str], str]


def api_of(asked: dict[str, Any], account: str, region: str) -> Api:
    return apigatewayv2_backends[account][region].get_api(asked["ApiId"])


def api(_name: str, asked: dict[str, Any], account: str, region: str) -> str:
    backend = apigatewayv2_backends[account][region]
    known = [found.api_id for found in backend.get_apis() if found.name == asked["Name"]]
    if known:
        return known[0]
    cors = asked.get("CorsConfiguration")
    return backend.create_api(
        api_key_selection_expression=None,
        cors_configuration=cors,
        description=None,
        disable_schema_validation=None,
        disable_execute_api_endpoint=None,
        name=asked["Name"],
        protocol_type=asked["ProtocolType"],
        route_selection_expression=None,
        tags=None,
        version=None,
    ).api_id


def stage(_name: str, asked: dict[str, Any], account: str, region: str) -> str:
    settings = asked["DefaultRouteSettings"]
    api_of(asked, account, region).create_stage(
        {
            "stageName": asked["StageName"],
            "autoDeploy": asked["AutoDeploy"],
            "defaultRouteSettings": {"detailedMetricsEnabled": settings["DetailedMetricsEnabled"]},
        }
    )
    return asked["StageName"]


def integration(_name: str, asked: dict[str, Any], account: str, region: str) -> str:
    return (
        api_of(asked, account, region)
        .create_integration(
            connection_type=None,
            description=None,
            integration_method=None,
            integration_type=asked["IntegrationType"],
            integration_uri=asked["IntegrationUri"],
            payload_format_version=asked["PayloadFormatVersion"],
            timeout_in_millis=asked["TimeoutInMillis"],
        )
        .id
    )


def route(_name: str, asked: dict[str, Any], account: str, region: str) -> str:
    return (
        api_of(asked, account, region)
        .create_route(
            api_key_required=False,
            authorization_scopes=None,
            authorization_type=asked.get("AuthorizationType"),
            route_key=asked["RouteKey"],
            target=asked["Target"],
        )
        .route_id
    )


validate_template = cloudformation.validate_template_cfn_lint


def validate_as_cloudformation(template: str) -> list[Any]:
    # CloudFormation takes what is only redundant: the framework names what a route depends on twice.
    return [match for match in validate_template(template) if match.rule.id != "W3005"]


def teach_http_api(teach: Callable[[str, Make], None]) -> None:
    cloudformation.validate_template_cfn_lint = validate_as_cloudformation
    for kind, make in {"Api": api, "Stage": stage, "Integration": integration, "Route": route}.items():
        teach(f"AWS::ApiGatewayV2::{kind}", make)
