from __future__ import annotations

import pytest

from knowledge.wording import MAX_CHARACTERS, clean, words


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<@U04AB12CD> what was *Q4* revenue?", "what was Q4 revenue?"),
        ("see <https://calix.com|the site> and <#C1|ir>", "see the site and ir"),
        ("<!channel> hello &amp; welcome", "hello & welcome"),
        ("margin :rocket: up 🤔", "margin up"),
        ("at 9:30 pm", "at 9:30 pm"),
        ("a\u0000b\u202ec\n\td", "a b c d"),
        ("ﬁbre ＡＢＣ", "fibre ABC"),
        ("> quoted\n> twice", "quoted twice"),
        ("🙈🙉", ""),
        ("", ""),
    ],
)
def test_mark_up_emoji_and_control_characters_are_put_aside(text: str, plain: str) -> None:
    assert clean(text) == plain


def test_a_very_long_question_is_read_up_to_a_limit() -> None:
    assert len(clean("revenue " * 10_000)) <= MAX_CHARACTERS


def test_words_keep_figures_whole() -> None:
    assert words("What’s the 43.6% in 10-Q?") == ["what's", "the", "43.6%", "in", "10-q"]
