"""A small grammar that writes English sentences together with their Spanish translations.

The pairs show what word-for-word translation gets wrong:

    agreement   the white houses      las casas blancas       (article, noun and adjective)
    order       the boy 's red book   el libro rojo del niño
                the girl sees him     la niña lo ve           (the pronoun precedes its verb)
                does she see him ?    ¿ lo ve ella ?          (a question begins with its verb)
    negation    she does not see him  ella no lo ve           ("does" has no counterpart)

Sentences are lower case, words and signs separated by blanks. Every noun and adjective of the
Spanish sentence carries the position of the English word that it translates.

The split. A corpus has no sentence twice, so any cut through it makes a training and a held-out
part. Three things are in no corpus, each written by a function of its own: a noun beside an
adjective for which `held_out` is true (`unseen_pairs`), more than LONGEST English words and signs
(`longer`), more than two objects (`third_object`). Every single word of theirs is in the corpus.
"""

import itertools
import random
from typing import NamedTuple

LONGEST = 14
"""Most English words and signs in a sentence of the corpus."""


class Pair(NamedTuple):
    """A sentence in both languages.

    links holds (Spanish position, English position) of each noun and adjective; both count words
    from 0.
    """

    english: str
    spanish: str
    links: tuple


# English singular and plural, Spanish singular and plural, gender
PEOPLE = [row.split() for row in (
    "boy boys niño niños m", "girl girls niña niñas f", "man men hombre hombres m",
    "woman women mujer mujeres f", "king kings rey reyes m", "queen queens reina reinas f",
    "father fathers padre padres m", "mother mothers madre madres f",
    "uncle uncles tío tíos m", "aunt aunts tía tías f",
)]  # fmt: skip
THINGS = [row.split() for row in (
    "book books libro libros m", "house houses casa casas f", "car cars coche coches m",
    "apple apples manzana manzanas f", "table tables mesa mesas f", "dog dogs perro perros m",
    "flower flowers flor flores f", "letter letters carta cartas f", "tree trees árbol árboles m",
    "chair chairs silla sillas f", "hat hats sombrero sombreros m", "key keys llave llaves f",
    "clock clocks reloj relojes m", "bird birds pájaro pájaros m", "shirt shirts camisa camisas f",
    "horse horses caballo caballos m",
)]  # fmt: skip
# English, Spanish masculine singular
OF_PEOPLE = [row.split() for row in (
    "tall alto", "sad triste", "strange extraño", "tired cansado", "kind amable", "serious serio",
)]  # fmt: skip
OF_THINGS = [row.split() for row in (
    "red rojo", "white blanco", "black negro", "small pequeño", "new nuevo", "pretty bonito",
    "green verde", "blue azul", "big grande", "expensive caro",
)]  # fmt: skip
# English base, third person, past; Spanish he and they in the present, he and they in the past
VERBS = [row.split() for row in (
    "see sees saw ve ven vio vieron", "find finds found encuentra encuentran encontró encontraron",
    "paint paints painted pinta pintan pintó pintaron",
    "carry carries carried lleva llevan llevó llevaron",
    "clean cleans cleaned limpia limpian limpió limpiaron",
    "draw draws drew dibuja dibujan dibujó dibujaron",
    "hide hides hid esconde esconden escondió escondieron",
    "remember remembers remembered recuerda recuerdan recordó recordaron",
)]  # fmt: skip
# English singular and plural; Spanish masculine and feminine singular, then plural
DETERMINERS = [row.split() for row in (
    "the the el la los las", "a some un una unos unas", "this these este esta estos estas",
    "my my mi mi mis mis",
)]  # fmt: skip
SUBJECTS = [("he", "él", False), ("she", "ella", False), ("they", "ellos", True)]
OBJECTS = [("him", "lo"), ("her", "la"), ("them", "los")]
ADVERBS = [
    ("today", "hoy"), ("at night", "por la noche"), ("every day", "todos los días"),
    ("in the garden", "en el jardín"), ("at the beach", "en la playa"),
]  # fmt: skip


def held_out(noun, adjective):
    """Return True for the one in eight English pairs (singular noun) kept out of the corpus."""
    nouns = [row[0] for row in PEOPLE + THINGS]
    adjectives = [row[0] for row in OF_PEOPLE + OF_THINGS]
    return (nouns.index(noun) + 3 * adjectives.index(adjective)) % 8 == 0


def corpus(n, seed=0):
    """Return n different (English, Spanish) sentences, the first n that the seed gives."""
    return [pair[:2] for pair in pairs(n, seed)]


def pairs(n, seed=0):
    """Return n different Pairs, the same sentences as `corpus`."""
    return _collect(n, seed, lambda s: not s.unseen and len(s.english) <= LONGEST)


def unseen_pairs(n, seed=0):
    """Return n different Pairs, each with a noun and an adjective never together in `corpus`."""
    return _collect(n, seed, lambda s: s.unseen and len(s.english) <= LONGEST)


def longer(n, seed=0):
    """Return n different Pairs built as in `corpus`, of more than LONGEST English words."""
    return _collect(n, seed, lambda s: not s.unseen and len(s.english) > LONGEST)


def third_object(n, seed=0):
    """Return n different Pairs with one object more than any in `corpus`, none longer than it."""
    fits = lambda s: not s.unseen and s.objects == 3 and len(s.english) <= LONGEST
    return _collect(n, seed, fits, most_objects=3)


def _collect(n, seed, wanted, most_objects=2):
    draw, found = random.Random(seed), {}
    while len(found) < n:
        sentence = _Sentence(draw, most_objects)
        if wanted(sentence):
            pair = sentence.pair()
            found.setdefault(pair.english, pair)
    return list(found.values())


class _Sentence:
    """One random sentence. A word is (text, tag); a noun or adjective and its counterpart in the
    other language have the same number as tag, every other word has None."""

    def __init__(self, draw, most_objects):
        self.draw, self.tags = draw, itertools.count()
        self.unseen, self.objects = False, 1
        subject_en, subject_es, plural = self._subject()
        verb, past = draw.choice(VERBS), draw.random() < 0.35
        negative, question = draw.random() < 0.3, draw.random() < 0.2
        object_en, object_es, clitic = self._object(most_objects)
        adverb_en, adverb_es = draw.choice(ADVERBS) if draw.random() < 0.25 else ("", "")

        auxiliary = "did" if past else "do" if plural else "does"
        base, third, simple_past = verb[:3]
        if question:
            first = [*_plain(auxiliary), *subject_en, *_plain("not " * negative + base)]
        elif negative:
            first = [*subject_en, *_plain(f"{auxiliary} not {base}")]
        else:
            first = [*subject_en, *_plain(simple_past if past else base if plural else third)]
        mark = "?" if question else "."
        self.english = [*first, *object_en, *_plain(f"{adverb_en} {mark}")]

        verb_es = _plain("no " * negative + clitic + verb[3 + 2 * past + plural])
        first = [*_plain("¿"), *verb_es, *subject_es] if question else [*subject_es, *verb_es]
        self.spanish = [*first, *object_es, *_plain(f"{adverb_es} {mark}")]

    def pair(self):
        """Return the sentence as a Pair."""
        at = {tag: i for i, (_, tag) in enumerate(self.english)}
        links = [(j, at[tag]) for j, (_, tag) in enumerate(self.spanish) if tag is not None]
        join = lambda words: " ".join(text for text, _ in words)
        return Pair(join(self.english), join(self.spanish), tuple(links))

    def _subject(self):
        """Return English words, Spanish words and whether they are plural."""
        if self.draw.random() < 0.2:
            english, spanish, plural = self.draw.choice(SUBJECTS)
            return _plain(english), _plain(spanish), plural
        return self._noun_phrase(PEOPLE, OF_PEOPLE)

    def _object(self, most):
        """Return English words, Spanish words and the pronoun that goes before the verb."""
        kind = self.draw.random()
        if kind < 0.15:
            english, clitic = self.draw.choice(OBJECTS)
            return _plain(english), [], clitic + " "
        if kind < 0.35:  # Spanish marks a person as object: ve a la reina
            english, spanish, _ = self._noun_phrase(PEOPLE, OF_PEOPLE)
            return english, _contract("a", spanish), ""
        english, spanish, _ = self._noun_phrase(THINGS, OF_THINGS, owned=0.3)
        for _ in range(most - 1):
            if self.draw.random() < 0.25:
                self.objects += 1
                more_en, more_es, _ = self._noun_phrase(THINGS, OF_THINGS)
                english = [*english, *_plain("and"), *more_en]
                spanish = [*spanish, *_plain("y"), *more_es]
        return english, spanish, ""

    def _noun_phrase(self, nouns, adjectives, owned=0.0):
        """Return English words, Spanish words and whether they are plural."""
        singular, plurals, *forms, gender = self.draw.choice(nouns)
        plural, tag = self.draw.random() < 0.4, next(self.tags)
        english, spanish = [(plurals if plural else singular, tag)], [(forms[plural], tag)]
        if self.draw.random() < 0.5:
            adjective, masculine = self.draw.choice(adjectives)
            tag = next(self.tags)
            english.insert(0, (adjective, tag))
            spanish.append((agree(masculine, gender, plural), tag))
            self.unseen |= held_out(singular, adjective)
        column = 2 + 2 * plural + (gender == "f")
        if self.draw.random() < owned:  # the boy 's red book: el libro rojo del niño
            owner_en, owner_es, owners = self._noun_phrase(PEOPLE, OF_PEOPLE)
            of = _plain("'" if owners and owner_en[-1][0].endswith("s") else "'s")
            the = _plain(DETERMINERS[0][column])
            return [*owner_en, *of, *english], [*the, *spanish, *_contract("de", owner_es)], plural
        row = self.draw.choice(DETERMINERS)
        determiner = row[plural]
        if determiner == "a" and english[0][0][0] in "aeiou":
            determiner = "an"
        return [*_plain(determiner), *english], [*_plain(row[column]), *spanish], plural


def agree(adjective, gender, plural):
    """Return the Spanish adjective in the form for gender "m" or "f" and number."""
    if adjective.endswith("o") and gender == "f":
        adjective = adjective[:-1] + "a"
    if not plural:
        return adjective
    return adjective + ("s" if adjective[-1] in "aeo" else "es")


def _contract(preposition, phrase):
    """Put "a" or "de" before Spanish words: a + el is al, de + el is del."""
    if phrase[0][0] == "el":
        return [*_plain(preposition + "l"), *phrase[1:]]
    return [*_plain(preposition), *phrase]


def _plain(text):
    return [(word, None) for word in text.split()]
