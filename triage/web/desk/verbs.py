"""What was done, in words: for those who work at the desk, and for the official whose case it is."""

from __future__ import annotations

from collections.abc import Iterable

from triage.web.templating import templates

# The longest beginning of a verb that is known is the one said.
_DESK = {
    "view": "a ouvert",
    "claim": "a pris le dossier",
    "release": "a rendu le dossier",
    "expire": "a remis le dossier dans la file, sans activité",
    "hand_over": "a passé le dossier",
    "snooze": "a mis le dossier en attente",
    "escalate": "a relevé le niveau",
    "refer": "a orienté le dossier",
    "decide.confirmed": "a confirmé l'évaluation",
    "decide.corrected": "a corrigé l'évaluation",
    "identity": "a vérifié l'identité",
    "exclude": "a écarté un agent",
    "readmit": "a réadmis un agent",
    "concerns": "a indiqué l'unité mise en cause",
    "close": "a clos le dossier",
    "reopen": "a rouvert le dossier",
    "merge": "a joint deux dossiers",
    "unmerge": "a séparé deux dossiers",
    "split": "a détaché une partie",
    "erasure": "a répondu à une demande d'effacement",
    "purge": "a effacé à l'échéance",
    "subject.export": "a remis à la personne ce qui est gardé d'elle",
    "subject.erase": "a transmis une demande d'effacement",
    "quality": "a revu la qualité mesurée",
    "message": "a écrit à la personne",
    "message.read": "a lu les messages",
    "message.file": "a téléchargé un fichier envoyé",
    "note": "a ajouté une note",
    "exhibit.show": "a affiché une pièce",
    "export": "a exporté un fichier",
    "export.pdf": "a exporté la transmission (PDF)",
    "export.zip": "a exporté la transmission (ZIP)",
    "export.pharos": "a exporté les adresses pour PHAROS",
    "export.exhibit": "a téléchargé une pièce",
    "export.queue": "a exporté la file",
    "export.journal": "a exporté le journal",
    "measure": "a fait avancer une mesure",
    "campaign": "a modifié une campagne",
    "sample": "a relu l'échantillon",
    "sample.settle": "a départagé deux lectures",
    "sample.compare": "a comparé les lectures de l'échantillon",
    "sample.draw": "a tiré au sort les récits à relire",
    "teaching": "a relu un récit qui apprend",
    "teaching.choose": "a choisi les récits à relire",
    "phone": "a saisi un appel",
    "commune": "a indiqué la commune",
    "enter": "est entré",
    "enter.slowed": "a ralenti des essais manqués",
    "leave": "est sorti",
    "account": "a changé un compte",
    "own": "a changé son compte",
    "duty": "a changé les gardes",
    "webhook": "a changé un service relié",
    "delivery": "a traité un envoi",
    "directory": "a importé l'annuaire",
    "raid": "a reconnu un raid",
    "apart": "a signalé un récit à vérifier",
    "apart.released": "a rendu à la file un récit à vérifier",
    "apart.kept": "a gardé de côté un récit à vérifier",
    "model.promote": "a mis un modèle en service",
    "model.rollback": "a remis en service le modèle d'avant",
    "model.refused": "a proposé un modèle, que la barrière a refusé",
    "model.shadow": "a mis un modèle à l'essai",
    "model.shadow.stop": "a mis fin à l'essai d'un modèle",
    "replay": "a refait une évaluation",
    "keys.rotate": "a changé la clé du service",
    "keys.retire": "a retiré une ancienne clé du service",
    "store.restore": "a restauré une sauvegarde",
    "rules.impact": "a essayé un changement de règles",
    "export.cases": "a extrait des dossiers pour l'analyse",
}
_OFFICIAL = {
    "view": "a lu votre dossier",
    "claim": "a pris votre dossier en charge",
    "release": "a rendu votre dossier à la file",
    "hand_over": "a confié votre dossier à un collègue",
    "snooze": "a prévu d'y revenir plus tard",
    "escalate": "a relevé le niveau",
    "refer": "a orienté votre dossier vers un autre ressort",
    "decide": "a confirmé ou corrigé l'évaluation",
    "identity": "a vérifié votre identité",
    "close": "a clos votre dossier",
    "reopen": "a rouvert votre dossier",
    "message": "vous a écrit",
    "message.read": "a lu vos messages",
    "replay": "a refait une évaluation de votre dossier, pour contrôle",
    "exhibit.show": "a affiché une de vos pièces",
    "export": "a exporté votre dossier ou une partie",
    "export.exhibit": "a téléchargé une de vos pièces",
    "measure": "a fait avancer une mesure de protection",
    "erasure": "a répondu à votre demande d'effacement",
    "phone": "a saisi votre appel",
    "sample": "a relu votre récit, tiré au sort pour contrôle",
    "sample.settle": "a relu votre récit, que deux personnes avaient compris différemment",
    "teaching": "a relu votre récit, pour améliorer le service",
    "rules.impact": "a lu un passage de votre récit, pour améliorer le service",
}
_OTHERWISE = "a travaillé sur votre dossier"
# The pages that were opened, and what files hold: a part of the detail of a line.
_ABOUT = {
    "report": "récit",
    "exhibits": "pièces",
    "comments": "commentaires",
    "diagnostic": "diagnostic montré",
    "messages": "échanges",
    "decision": "décision",
    "measures": "mesures",
    "letter": "lettre",
    "campaign": "campagne",
    "minutes": "texte pour le procès-verbal",
    "pharos": "adresses pour PHAROS",
    "redaction": "version masquée",
    "masked": "version masquée",
    "whole": "dossier entier",
    "password": "mot de passe et code",
    "oidc": "fournisseur d'identité",
}


def said(what: str) -> str:
    """What was done, for the desk; the verb itself when nothing is said of it."""
    return _longest(_DESK, what) or what


def told(what: str) -> str:
    """What was done, for the official."""
    return _longest(_OFFICIAL, what) or _OTHERWISE


def about_told(details: Iterable[str]) -> str:
    """The detail of a line, pages and files by what they are called."""
    return ", ".join(_ABOUT.get(one, one) for one in details)


def verbs() -> dict[str, str]:
    """The verbs that one may look for, by what they are called."""
    return dict(sorted(_DESK.items(), key=lambda pair: pair[1]))


def _longest(known: dict[str, str], what: str) -> str:
    while what not in known and "." in what:
        what = what.rpartition(".")[0]
    return known.get(what, "")


templates.env.filters |= {"verb": said, "verb_told": told, "about_told": about_told}
