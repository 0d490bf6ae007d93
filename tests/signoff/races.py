"""Acts that happen in the same moment, each over a connection of its own."""

import random
import threading
import time
from collections.abc import Callable

from django.db import connections

from uploads.refusals import Refusal


def at_once(seed: int, *acts: Callable[[], object]) -> list[str]:
    """Run the acts in threads that start together, a seeded moment apart; each one's refusal, or ''."""
    answers = [""] * len(acts)
    barrier = threading.Barrier(len(acts))
    pauses = random.Random(seed)

    def run(place: int, act: Callable[[], object], pause: float) -> None:
        barrier.wait()
        time.sleep(pause)
        try:
            act()
        except Refusal as refusal:
            answers[place] = refusal.key
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=run, args=[place, act, pauses.uniform(0, 0.01)]) for place, act in enumerate(acts)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers
