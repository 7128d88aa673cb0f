"""The movements of a warehouse, one log line each: KafkaEvent and Logger of Powertools."""

from pathlib import Path

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes import KafkaEvent, event_source
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
@event_source(data_class=KafkaEvent)
def handler(event: KafkaEvent, context: LambdaContext):
    if Path("fail").exists():
        raise ValueError("the shelf is locked")
    for record in event.records:
        logger.info("moved", extra={"item": record.decoded_key.decode(), "pieces": record.json_value["pieces"]})
