"""Stories in which everything is stored as it should be, and people are shown something else."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.faults.harness.evidence import Evidence
from tests.faults.harness.view import Row
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


# Lists


def hide(story: Story) -> None:
    story.live.rows.pop(1)


def show_one_too_many(story: Story) -> None:
    story.live.rows.append(Row(104, 4, 4, "<article>"))


def show_twice(story: Story) -> None:
    story.live.rows.append(story.live.rows[2])


def swap_on_the_screen(story: Story) -> None:
    story.paged.rows[:2] = reversed(story.paged.rows[:2])


def catch_up_out_of_order(story: Story) -> None:
    story.changes.rows.reverse()


def keep_an_old_page(story: Story) -> None:
    """One page still calls the author by another name."""
    row = story.live.rows[0]
    story.live.rows[0] = replace(row, html=row.html.replace("<footer>", "Anne<footer>"))


def keep_an_old_seq(story: Story) -> None:
    """The HTML is right, and the page would take an older change for a newer one."""
    story.edit()
    story.live.rows[0] = replace(story.live.rows[0], seq=1)


# Texts


def show_anothers_text(story: Story) -> None:
    show_everywhere(story, lambda html: html.replace("kkey1", "kkey2"))


def show_the_old_text(story: Story) -> None:
    story.edit()
    show_everywhere(story, lambda html: html.replace(" changed4", ""))


def show_a_deleted_text(story: Story) -> None:
    text = story.stored.messages[0].source
    story.delete()
    show_everywhere(story, lambda html: html.replace("</div>", f"<p>{text}</p></div>"))


def hide_that_it_was_deleted(story: Story) -> None:
    story.delete()
    show_everywhere(story, lambda html: html.replace(" data-deleted", ""))


def call_it_deleted(story: Story) -> None:
    show_everywhere(story, lambda html: html.replace("<article", "<article data-deleted"))


def leave_the_text_out(story: Story) -> None:
    show_everywhere(story, lambda html: html.replace("message-body", "message-nothing"))


def show_everywhere(story: Story, change: Callable[[str], str]) -> None:
    """Every page has this instead of the first message's HTML."""
    for listing in story.listings:
        listing.rows[:] = [
            replace(row, html=change(row.html)) if row.number == 1 else row for row in listing.rows
        ]


# Reactions


def show_a_reaction_that_was_taken_back(story: Story) -> None:
    story.react()
    story.stored.reactions.clear()
    story.history.changes.clear()


def hide_a_reaction(story: Story) -> None:
    story.react()
    show_everywhere(story, lambda html: html.replace("data-emoji", "data-nothing"))


def count_a_reaction_twice(story: Story) -> None:
    story.react()
    show_everywhere(story, lambda html: html.replace(">1<", ">2<"))


# Search and counts


def not_indexed(story: Story) -> None:
    story.find.ids.pop()


def find_what_was_deleted(story: Story) -> None:
    story.delete()
    story.find.ids.append(101)


def miscount(story: Story) -> None:
    story.count.last = 5


def forget_what_was_read(story: Story) -> None:
    story.count.read = 2


BROKEN: list[tuple[Callable[[Story], None], str]] = [
    (overlook_a_live_page, "unlooked"),
    (overlook_one_of_two_tabs, "unlooked"),
    (overlook_a_paged_list, "unlooked"),
    (overlook_a_catch_up, "unlooked"),
    (overlook_a_search, "unlooked"),
    (overlook_a_count, "unlooked"),
    (overlook_everything, "unlooked"),
    (hide, "unseen"),
    (show_one_too_many, "phantom"),
    (show_twice, "doubled"),
    (swap_on_the_screen, "misordered"),
    (catch_up_out_of_order, "misordered"),
    (keep_an_old_page, "stale"),
    (keep_an_old_seq, "stale"),
    (show_anothers_text, "altered"),
    (show_the_old_text, "altered"),
    (show_a_deleted_text, "altered"),
    (hide_that_it_was_deleted, "altered"),
    (call_it_deleted, "altered"),
    (leave_the_text_out, "altered"),
    (show_a_reaction_that_was_taken_back, "miscounted"),
    (hide_a_reaction, "miscounted"),
    (count_a_reaction_twice, "miscounted"),
    (not_indexed, "unfound"),
    (find_what_was_deleted, "unfound"),
    (miscount, "miscounted"),
    (forget_what_was_read, "miscounted"),
]


@pytest.mark.parametrize(
    ("breakage", "kind"), BROKEN, ids=[getattr(one, "__name__", "") for one, _ in BROKEN]
)
def test_whoever_is_shown_something_else_is_told_of(
    breakage: Callable[[Story], None], kind: str
) -> None:
    story = Story()
    breakage(story)
    assert story.kinds() == {kind}
