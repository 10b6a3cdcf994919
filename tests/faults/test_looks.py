"""Stories in which everything is stored as it should be, and people are shown something else."""

from collections.abc import Callable

import pytest

from tests.faults.harness.evidence import Evidence
from tests.faults.story import Story


def overlook_a_live_page(story: Story) -> None:
    story.evidence.listings.remove(story.live)


def overlook_one_of_two_tabs(story: Story) -> None:
    story.history.pages *= 2


def overlook_a_paged_list(story: Story) -> None:
    story.evidence.listings.remove(story.paged)


def overlook_a_catch_up(story: Story) -> None:
    story.evidence.listings.remove(story.changes)


def overlook_a_search(story: Story) -> None:
    story.evidence.finds.clear()


def overlook_a_count(story: Story) -> None:
    story.evidence.counts.clear()


def overlook_everything(story: Story) -> None:
    story.evidence = Evidence()


UNSEEN = [
    overlook_a_live_page,
    overlook_one_of_two_tabs,
    overlook_a_paged_list,
    overlook_a_catch_up,
    overlook_a_search,
    overlook_a_count,
    overlook_everything,
]


@pytest.mark.parametrize("breakage", UNSEEN, ids=lambda one: one.__name__)
def test_what_nobody_looked_at_is_named(breakage: Callable[[Story], None]) -> None:
    story = Story()
    breakage(story)
    assert story.kinds() == {"unlooked"}
