"""The English-Spanish grammar, and the record of the translators that were trained on it."""

import itertools
import json
import statistics

import pytest

from autograder.authoring import figures
from autograder.course import ROOT
from chainrule import grammar

ADJECTIVES = dict(grammar.OF_PEOPLE + grammar.OF_THINGS)
FORMS = {  # English noun -> (singular, plural or not, Spanish noun, gender)
    word: (row[0], plural, row[2 + plural], row[4])
    for row in grammar.PEOPLE + grammar.THINGS
    for plural, word in enumerate(row[:2])
}


@pytest.fixture(scope="module")
def pairs():
    return grammar.pairs(3000)


SPANISH = {form[2]: form for form in FORMS.values()}


def together(pair):
    """The (singular noun, adjective) pairs that stand side by side in the English sentence."""
    words = pair.english.split()
    for adjective, noun in itertools.pairwise(words):
        if adjective in ADJECTIVES and noun in FORMS:
            yield FORMS[noun][0], adjective


@pytest.mark.parametrize(
    ("adjective", "gender", "plural", "form"),
    [
        ("rojo", "m", False, "rojo"), ("rojo", "f", True, "rojas"), ("verde", "f", False, "verde"),
        ("verde", "m", True, "verdes"), ("azul", "f", True, "azules"), ("azul", "f", False, "azul"),
    ],
)  # fmt: skip
def test_an_adjective_takes_gender_and_number_of_its_noun(adjective, gender, plural, form):
    assert grammar.agree(adjective, gender, plural) == form


def test_every_link_joins_a_word_with_its_translation(pairs):
    for english, spanish, links in pairs:
        source, target = english.split(), spanish.split()
        assert len(links) == sum(w in FORMS or w in ADJECTIVES for w in source), english
        for j, i in links:
            if source[i] in FORMS:
                assert target[j] == FORMS[source[i]][2], english
                continue
            _, plural, _, gender = FORMS[source[i + 1]]
            form = grammar.agree(ADJECTIVES[source[i]], gender, plural)
            assert target[j] == form, (english, spanish)
            assert (j - 1, i + 1) in links, f"the adjective follows its noun: {spanish}"


def test_spanish_has_its_contractions_articles_and_negation(pairs):
    articles = ("el", "la", "los", "las")
    for english, spanish, _ in pairs:
        words = spanish.split()
        neighbours = list(itertools.pairwise(words))
        assert ("a", "el") not in neighbours
        assert ("de", "el") not in neighbours
        assert ("not" in english.split()) == ("no" in words), (english, spanish)
        assert english.endswith("?") == (words[0] == "¿" and words[-1] == "?")
        for article, noun in neighbours:
            if article in articles and noun in SPANISH:
                _, plural, _, gender = SPANISH[noun]
                assert article == articles[2 * plural + (gender == "f")], spanish


def test_english_says_an_before_a_vowel(pairs):
    words = [two for pair in pairs for two in itertools.pairwise(pair.english.split())]
    assert all((first == "an") == (second[0] in "aeiou") for first, second in words
               if first in ("a", "an"))  # fmt: skip


def test_a_corpus_repeats_holds_no_sentence_twice_and_keeps_its_limits(pairs):
    assert pairs == grammar.pairs(3000)
    assert grammar.corpus(50) == [pair[:2] for pair in pairs[:50]]
    assert grammar.pairs(50, seed=1) != pairs[:50]
    assert len({pair.english for pair in pairs}) == 3000
    assert all(len(pair.english.split()) <= grammar.LONGEST for pair in pairs)
    assert not any(grammar.held_out(*two) for pair in pairs for two in together(pair))
    assert max(pair.english.split().count("and") for pair in pairs) == 1


def test_the_three_kinds_outside_the_corpus_are_what_they_say():
    for pair in grammar.unseen_pairs(300):
        assert any(grammar.held_out(*two) for two in together(pair))
        assert len(pair.english.split()) <= grammar.LONGEST
    for pair in grammar.longer(300):
        assert len(pair.english.split()) > grammar.LONGEST
        assert pair.english.split().count("and") <= 1
    for pair in grammar.third_object(300):
        assert pair.english.split().count("and") == 2
        assert len(pair.english.split()) <= grammar.LONGEST


def test_every_single_word_is_in_a_corpus_of_the_lessons_size():
    known = {
        w for english, spanish in grammar.corpus(12_000) for w in f"{english} {spanish}".split()
    }
    for some in (
        grammar.unseen_pairs(500, 1),
        grammar.longer(500, 1),
        grammar.third_object(500, 1),
    ):
        assert not {w for p in some for w in f"{p.english} {p.spanish}".split()} - known


@pytest.fixture(scope="module")
def script():
    return figures.load(ROOT / "figures" / "ch12_attention.py")


@pytest.fixture(scope="module")
def record(script):
    return json.loads(script.RECORD.read_text("utf-8"))


def test_the_record_meets_its_bars(record):
    lesson = record["models"]["transformer"]
    assert len(lesson["held out"]) == 5
    assert min(lesson["held out"]) >= 0.95
    assert max(lesson["seconds"]) <= 40
    assert min(layers[1][-1] for layers in lesson["aligned"]) >= 0.9


def test_the_lesson_quotes_the_record(script, record):
    """The table of translators gives the range of the five seeds, row for row."""
    text = script.LESSON.read_text("utf-8")
    for model in record["models"].values():
        tests = ("held out", "new pairs", "longer", "third object")
        row = [f"{min(model[test]):.2f} to {max(model[test]):.2f}" for test in tests]
        assert " | ".join([f"{model['weights'][0]:,}", *row]) in text


def test_what_the_lesson_says_of_five_seeds_holds(record):
    models = record["models"]
    lesson, seconds = models["transformer"], [s for m in models.values() for s in m["seconds"]]
    assert max(seconds) <= 40
    assert min(min(run) for run in lesson["deviation of scores"]) >= 0.75
    assert max(max(run) for run in lesson["deviation of scores"]) < 5.65
    assert min(lesson["articles"]) >= 1
    assert min(lesson["gender"]) >= 1
    assert all(d >= 0.75 * n for d, n in zip(lesson["faults de el"], lesson["faults"], strict=True))
    assert min(layers[1][-1] for layers in lesson["aligned"]) >= 0.99
    assert min(layers[0][-1] for layers in lesson["aligned"]) >= 0.88
    for rows in lesson["endings"]:  # source book or house, times `el libro` or `la casa` written
        for i, (o, a, on_red) in enumerate(rows):
            assert (o > 0.85 > a) if i in (0, 2) else (a > 0.85 > o)
            assert on_red > 0.95
    for aligned, lost in zip(lesson["aligned"], lesson["lost when flat"], strict=True):
        found = [share for layer in aligned for share in layer[:4]]
        price = [cost for layer in lost for cost in layer]
        assert any(f > 0.94 and p <= 0.02 for f, p in zip(found, price, strict=True))
        assert -0.45 < rank_correlation(found, price) < 0.75


def rank_correlation(a, b):
    place = lambda v, values: sorted(values).index(v) + values.count(v) / 2
    ranks = [[place(v, values) for v in values] for values in (a, b)]
    return statistics.correlation(*ranks)
