from mm_core.labels import COALITIONS, EMOTIONS, MODALITIES, PAIRS, SENTIMENT_OF_EMOTION, SENTIMENTS, coalition_name


def test_coalitions_are_all_subsets_from_nothing_to_everything():
    assert len(COALITIONS) == 8 == len(set(COALITIONS))
    assert COALITIONS[0] == ()
    assert COALITIONS[-1] == MODALITIES
    assert set(PAIRS) == {c for c in COALITIONS if len(c) == 2}


def test_every_emotion_but_surprise_has_a_sign():
    assert set(SENTIMENT_OF_EMOTION) == set(EMOTIONS)
    assert {e for e, s in SENTIMENT_OF_EMOTION.items() if s is None} == {"surprise"}
    assert {s for s in SENTIMENT_OF_EMOTION.values() if s} == set(SENTIMENTS)


def test_names_of_coalitions_keep_the_house_order():
    assert coalition_name({"audio", "text"}) == "text+audio"
    assert coalition_name([]) == "none"
