import pytest

from knowledge.errors import ContentError
from knowledge.topics import load_topics
from tests.knowledge.content_files import TOPICS, write_content, write_yaml


def test_topics_are_numbered_from_one_in_their_group(tmp_path):
    marriage, labor = load_topics(write_content(tmp_path))

    assert (marriage.letter, marriage.name, marriage.core) == ("B", "婚姻", ("B01", "B05"))
    assert (marriage.ids[0], marriage.ids[-1], len(marriage.ids)) == ("B01", "B33", 33)
    assert labor.ids[-1] == "E46"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"core": ["B01", "B34"]}, "topics.yaml: B: core: B34 is none of its topics; use B01 to B33"),
        ({"core": ["E05"]}, "topics.yaml: B: core: E05 is none of its topics"),
        ({"core": ["B01", "B01"]}, "topics.yaml: B: core: B01 is named twice"),
        ({"letter": "E", "core": []}, "topics.yaml: E: is the letter of two groups"),
        ({"letter": "BB"}, "topics.0.letter"),
        ({"name": "？"}, "topics.0.name"),
        ({"count": 0}, "topics.0.count"),
    ],
)
def test_a_wrong_group_is_refused_with_its_place(tmp_path, change, says):
    content = write_content(tmp_path)
    write_yaml(content / "topics.yaml", {"topics": [TOPICS[0] | change, TOPICS[1]]})

    with pytest.raises(ContentError) as caught:
        load_topics(content)

    assert says in str(caught.value)
