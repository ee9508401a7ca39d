"""Words that mean danger are noticed; everyday words are left in peace."""

import json
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.alarm_words import AlarmWords, alarm_in

WORDS = AlarmWords.from_data(json.loads((files("app.content") / "alarm_words.json").read_text("utf-8")))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Minulla on ollut rintakipua aamusta", "life_danger"),
        ("rintakivut", "life_danger"),
        ("isä ei hengitä", "life_danger"),
        ("ÄITI EI HENGITA!!!", "life_danger"),
        ("en saa oikein henkeä", "life_danger"),
        ("epäilen aivohalvausta", "life_danger"),
        ("aivohalvuas", "life_danger"),
        ("sydänkohtauksen oireet", "life_danger"),
        ("Har haft bröstsmärtor", "life_danger"),
        ("jag kan inte riktigt andas", "life_danger"),
        ("chest pain since morning", "life_danger"),
        ("I can't breathe", "life_danger"),
        ("she cannot really breathe", "life_danger"),
        ("my face is drooping", "life_danger"),
        ("itsemurha-ajatuksia", "self_harm"),
        ("itsemurhaa", "self_harm"),
        ("itsemurah", "self_harm"),
        ("en jaksa elää", "self_harm"),
        ("En vain enää jaksa elää.", "self_harm"),
        ("haluan kuolla", "self_harm"),
        ("tankar på självmord", "self_harm"),
        ("jag vill dö", "self_harm"),
        ("I want to kill myself", "self_harm"),
        ("suicidal thoughts", "self_harm"),
        ("I don’t want to live", "self_harm"),
        ("en jaksaisi enää elää", "self_harm"),
        ("toivoisin olevani kuollut", "self_harm"),
        ("olen viillellyt", "self_harm"),
        ("hän on vahingoittanut itseään", "self_harm"),
        ("isä puhuu kuolemasta", "self_harm"),
        ("jag önskar att jag var död", "self_harm"),
        ("har skurit mig själv", "self_harm"),
        ("hon talar om att dö", "self_harm"),
        ("she keeps cutting herself", "self_harm"),
        ("there is no point in living", "self_harm"),
        ("mieheni lyö minua", "violence"),
        ("mieheni on lyönyt minua", "violence"),
        ("mannen slår henne", "violence"),
        ("he hits her", "violence"),
        ("isä löi lasta", "child_in_danger"),
        ("barnet blir slaget", "child_in_danger"),
        ("perheväkivalta", "violence"),
        ("min man slår mig", "violence"),
        ("he hits me", "violence"),
        ("naapurissa lyödään: lasta lyödään", "child_in_danger"),
        ("barnet är i fara", "child_in_danger"),
        ("my child is in danger", "child_in_danger"),
    ],
)
def test_danger_is_noticed(text: str, kind: str) -> None:
    """Inflected, misspelt and undotted danger words raise the right kind in three languages."""
    alarm = alarm_in(text, WORDS)
    assert alarm is not None
    assert alarm.kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "",
        "väsymys",
        "rinta",
        "hengitystieinfektio",
        "rintasyöpäseulonta",
        "rintojen kuvaus",
        "hammaslääkäri",
        "kotihoitoa",
        "neuvolaan",
        "elämäntapaohjaus",
        "haluan varata ajan",
        "en jaksa kävellä pitkään",
        "itsehoito",
        "hengityshoitaja",
        "sydän- ja verisuonitaudit",
        "reseptin uusiminen",
        "verikoe",
        "trötthet",
        "bröstcancerscreening",
        "hjärtläkare",
        "I want to book a time",
        "breast screening",
        "breathing exercises",
        "tired",
        "child health clinic",
        "hosta",
        "lapsi yskii",
        "päänsärky ja kuume",
        "aivotärähdyksen jälkitarkastus",
        "will do",
        "strokekvinna på kö",
        "satutin itseni kun kaaduin",
        "lääkäri puhui äidin kuolemasta",
        "vauva potkii",
        "hyppään junan kyytiin",
        "mieheni on kuollut",
        "har vald tid",
    ],
)
def test_everyday_words_are_left_alone(text: str) -> None:
    """Ordinary errands do not bring the emergency card."""
    assert alarm_in(text, WORDS) is None


def test_the_most_serious_wins() -> None:
    """Danger to life stands before everything else in the same text."""
    alarm = alarm_in("mies lyö minua, ja nyt isä ei hengitä", WORDS)
    assert alarm is not None
    assert alarm.kind == "life_danger"


@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    """Any text gets an answer."""
    alarm_in(text, WORDS)


def test_content_is_checked() -> None:
    """A content file with an unknown kind or an empty pattern is refused when it is read."""
    for kinds in ({"fire": {"fi": ["palo*"]}}, {"violence": {"fi": ["*"]}}):
        with pytest.raises(ValueError, match="alarm"):
            AlarmWords.from_data({"kinds": kinds})
