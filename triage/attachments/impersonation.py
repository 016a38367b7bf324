"""What may show that a mail is not from whom it says, said with care: none of it is proof."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from triage.attachments.domains import domain, organisation, registered
from triage.attachments.vouching import PASS, Word

UNCHECKED = "Aucun contrôle de l'expéditeur n'est inscrit dans ce message : l'adresse affichée n'est pas confirmée."
UNVERIFIED = "Ce message porte une signature (DKIM) dont aucun contrôle n'est inscrit : elle n'est pas confirmée."
FORGED = (
    "Des contrôles de l'expéditeur sont inscrits dans ce message, mais rien ne montre qu'ils viennent du serveur de "
    "réception : ils n'ont pas été retenus."
)
SPF = (
    "Le serveur de réception n'a pas confirmé que ce message venait d'un serveur autorisé par le domaine de "
    "l'expéditeur (SPF : {result})."
)
DKIM = "La signature de ce message n'est pas confirmée (DKIM : {result})."
DMARC = "L'adresse affichée n'est pas confirmée par son domaine, « {home} » (DMARC : {result})."
SIGNER = "Ce message est signé par « {signer} », et non par le domaine de l'expéditeur affiché, « {home} »."
REPLY = "Une réponse partirait vers « {reply} », hors du domaine de l'expéditeur affiché, « {home} »."
RETURN = (
    "L'adresse technique de retour, « {back} », est hors du domaine de l'expéditeur affiché, « {home} » : c'est "
    "courant pour un envoi en nombre, et possible pour une usurpation."
)
NAME = "Le nom affiché contient « {shown} », qui ne correspond pas à l'adresse de l'expéditeur, « {sender} »."
MIXED = "« {words} » mêle des lettres de plusieurs alphabets, qui peuvent en imiter d'autres."
FOREIGN = "Le domaine « {host} » contient des lettres inhabituelles : comparez-le, lettre à lettre, au domaine connu."
SEVERAL = "Ce message affiche plusieurs expéditeurs : {senders}."
NO_SENDER = "Ce message n'affiche aucune adresse d'expéditeur valable."

_REFUSED = {"fail", "softfail", "hardfail", "permerror"}
_ALPHABETS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")
# From the beginning of a word only, and without a second look: names are as long as their senders like.
_ADDRESS_LIKE = re.compile(r"(?<![\w.+-])[.+]*+(?:[\w.+-]++@)?[\w-]++(?:\.[\w-]++)++")


@dataclass(frozen=True)
class Address:
    """A name as it is shown, and the address behind it."""

    name: str
    address: str

    @property
    def owner(self) -> str:
        """The registered domain of the address."""
        return organisation(domain(self.address))


@dataclass(frozen=True)
class Shown:
    """The addresses that a mail shows; `signed` when it carries a signature."""

    senders: tuple[Address, ...]
    replies: tuple[Address, ...]
    returns: tuple[Address, ...]
    signed: bool


def remarks(word: Word, shown: Shown) -> Iterator[str]:
    """French sentences on what the checks said, then on what the addresses show."""
    if not shown.senders:
        yield NO_SENDER
        yield from _vouched(word, shown.signed, "")
        return
    sender = shown.senders[0]
    yield from _vouched(word, shown.signed, sender.owner)
    if len({one.address for one in shown.senders}) > 1:
        yield SEVERAL.format(senders=", ".join(one.address for one in shown.senders))
    yield from _elsewhere(shown, sender.owner)
    yield from _disguised(sender)


def _vouched(word: Word, signed: bool, home: str) -> Iterator[str]:
    if word.forged:
        yield FORGED
    elif not (word.spf or word.dkim or word.dmarc):
        yield UNVERIFIED if signed else UNCHECKED
    for result, sentence in ((word.spf, SPF), (word.dkim, DKIM), (word.dmarc, DMARC)):
        if result in _REFUSED:
            yield sentence.format(result=result, home=home)
    if word.signer and home and word.dmarc != PASS and organisation(word.signer) != home:
        yield SIGNER.format(signer=word.signer, home=home)


def _elsewhere(shown: Shown, home: str) -> Iterator[str]:
    for one in shown.replies[:1]:
        if one.owner != home:
            yield REPLY.format(reply=one.address, home=home)
    for one in shown.returns[:1]:
        if one.owner != home:
            yield RETURN.format(back=one.address, home=home)


def _disguised(sender: Address) -> Iterator[str]:
    for found in _ADDRESS_LIKE.findall(sender.name.lower()):
        if found != sender.address if "@" in found else registered(found) and organisation(found) != sender.owner:
            yield NAME.format(shown=found, sender=sender.address)
            break
    if any(len(_alphabets(word)) > 1 for word in sender.name.split()):
        yield MIXED.format(words=sender.name)
    host = domain(sender.address)
    if not host.isascii() or "xn--" in host:
        yield FOREIGN.format(host=host)


def _alphabets(word: str) -> set[str]:
    """The alphabets whose letters `word` uses."""
    names = (unicodedata.name(c, "").partition(" ")[0] for c in word if c.isalpha())
    return {name for name in names if name in _ALPHABETS}
