"""The same movements, each for itself: what fails is named, and comes again alone."""

from pathlib import Path

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.kafka_event import KafkaEventRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

processor = BatchProcessor(event_type=EventType.Kafka)
logger = Logger(service="audit")


def audit(record: KafkaEventRecord):
    pieces = record.json_value["pieces"]
    if pieces < 0 and Path("fail").exists():
        raise ValueError(f"{pieces} pieces")
    logger.info("audited", extra={"offset": record.offset, "pieces": pieces})


@logger.inject_lambda_context
def handler(event, context: LambdaContext):
    return process_partial_response(event=event, record_handler=audit, processor=processor, context=context)
