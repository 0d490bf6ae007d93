from certlookup.translations import shortcomings


def test_every_marked_text_has_its_english() -> None:
    lacking = shortcomings()
    assert not lacking, "make translations, then fill in:\n" + "\n".join(lacking)
