"""What is said of a file that is not accepted: what it is, and what to send instead."""

from __future__ import annotations

from triage.attachments.model import MAX_FILE

EMPTY = "Ce fichier est vide. Vérifiez que vous avez choisi le bon, puis envoyez-le de nouveau."
TOO_BIG = (
    f"Ce fichier dépasse {MAX_FILE // 2**20} Mo. Conservez-le et envoyez des captures d'écran, ou un export plus court."
)
PROGRAM = (
    "Ce fichier est un programme : il n'est pas accepté. Ne l'ouvrez pas, conservez-le, et envoyez une capture d'écran "
    "du message qui l'accompagnait."
)
SCRIPT = (
    "Ce fichier contient du code qui peut s'exécuter : il n'est pas accepté. Conservez-le et envoyez une capture "
    "d'écran de ce qu'il montre."
)
ARCHIVE = (
    "Ce fichier est une archive compressée : il n'est pas accepté. Envoyez un à un les fichiers qu'elle contient. "
    "Seul l'export d'une discussion WhatsApp est lu sous cette forme."
)
ARCHIVE_LOCKED = (
    "Cette archive est abîmée ou protégée par un mot de passe. Exportez de nouveau la discussion, ou envoyez-en des "
    "captures d'écran."
)
ARCHIVE_HUGE = "Une fois décompressée, cette archive est trop grande. Exportez la discussion « sans les médias »."
PICTURE = "Ce format d'image n'est pas accepté. Envoyez une image PNG, JPEG, HEIC ou WebP, ou une capture d'écran."
PICTURE_DAMAGED = (
    "Cette image est abîmée ou incomplète. Envoyez-la de nouveau, ou envoyez une capture d'écran de ce qu'elle montre."
)
PICTURE_HUGE = "Cette image compte trop de points pour être lue. Envoyez-en une capture d'écran."
VIDEO = (
    "Les vidéos et les sons ne sont pas acceptés ici. Conservez le fichier d'origine et envoyez des captures d'écran "
    "ou la transcription des paroles."
)
PDF_LOCKED = "Ce PDF est protégé par un mot de passe. Enregistrez-en une copie sans mot de passe, puis envoyez-la."
PDF_DAMAGED = "Ce PDF est abîmé ou incomplet. Envoyez-le de nouveau, ou envoyez des captures d'écran de ses pages."
XML = (
    "Ce fichier XML n'est pas une sauvegarde de SMS connue. Envoyez des captures d'écran, ou une sauvegarde faite avec "
    "« SMS Backup & Restore »."
)
UNREADABLE = "Ce fichier n'a pas pu être lu : il est abîmé ou incomplet. Envoyez-le de nouveau, ou une capture d'écran."

SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"MZ", PROGRAM),
    (b"\x7fELF", PROGRAM),
    (b"\xfe\xed\xfa", PROGRAM),
    (b"\xce\xfa\xed\xfe", PROGRAM),
    (b"\xcf\xfa\xed\xfe", PROGRAM),
    (b"\xca\xfe\xba\xbe", PROGRAM),
    (b"dex\n", PROGRAM),
    (b"\x00asm", PROGRAM),
    (b"L\x00\x00\x00\x01\x14\x02\x00", PROGRAM),  # a shortcut, which starts one
    (b"PK", ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", ARCHIVE),
    (b"Rar!\x1a\x07", ARCHIVE),
    (b"\x1f\x8b", ARCHIVE),
    (b"BZh", ARCHIVE),
    (b"\xfd7zXZ\x00", ARCHIVE),
    (b"\x28\xb5\x2f\xfd", ARCHIVE),
    (b"MSCF", ARCHIVE),
    (b"GIF8", PICTURE),
    (b"BM", PICTURE),
    (b"II*\x00", PICTURE),
    (b"MM\x00*", PICTURE),
    (b"\x00\x00\x01\x00", PICTURE),
    (b"RIFF", VIDEO),
    (b"OggS", VIDEO),
    (b"ID3", VIDEO),
    (b"fLaC", VIDEO),
    (b"#!AMR", VIDEO),
    (b"\xff\xfb", VIDEO),
    (b"\x1aE\xdf\xa3", VIDEO),
    (b"FLV", VIDEO),
)
PROGRAMS = tuple(signature for signature, message in SIGNATURES if message == PROGRAM)

_ACCEPTED = (
    "Envoyez une image (PNG, JPEG, HEIC, WebP), un PDF, un message (.eml, .msg), un texte ou l'export d'une discussion."
)


def office(*, macros: bool) -> str:
    """What is said of a document of an office suite."""
    what = "contient des macros, qui peuvent s'exécuter" if macros else "est celui d'un logiciel de bureautique"
    instead = "Enregistrez-le en PDF (en CSV pour un tableau), puis envoyez cette copie."
    return f"Ce document {what} : il n'est pas accepté. {instead}"


def unknown(ending: str) -> str:
    """What is said of a file that is none of those accepted; `ending` is that of such files, if it is known."""
    return f"Ce type de fichier{f' ({ending})' if ending else ''} n'est pas accepté. {_ACCEPTED}"
