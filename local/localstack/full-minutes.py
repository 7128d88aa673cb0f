# Run by LocalStack as it starts (docker-compose.yml mounts it into /etc/localstack/init/start.d). LocalStack 4.14 looks at its
# schedules every 59.9 s from whenever its EventBridge began: fired at 11:47:49, the producer would send 49 seconds of ticks at
# once instead of one a second, and in some minute it would be fired twice.
import threading
import time

from localstack.services.events.scheduler import JobScheduler

# past the minute, so that a clock that runs a little behind does not see the old one and fire twice
AFTER_S = 0.05


class NextMinute(threading.Event):
    """Instead of so many seconds, waits for the next full minute, or for the stop that it stands for."""

    def wait(self, timeout=None):
        return super().wait(60 - time.time() % 60 + AFTER_S)


JobScheduler.instance()._stop_event = NextMinute()
