"""A transmission as it leaves: noted in the audit, then sent."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from triage.desk.handover import leaving
from triage.desk.handover.gathering import Handover
from triage.desk.handover.masking import Mask
from triage.desk.office import Office
from triage.store.people import Person


def file_of(request: Request, office: Office, person: Person, told: Handover, mask: Mask, kind: str) -> Response:
    """The PDF, or the ZIP for the `kind` « zip ». Raises DeskError, DossierError."""
    texts, name = request.app.state.dossier_texts, f"transmission-{told.file.reference}"
    name += "-masque" if told.masked else ""
    if kind == "zip":
        made = leaving.archive(office, person, told, texts, mask)
        return StreamingResponse(made.stream(), media_type="application/zip", headers=attached(f"{name}.zip"))
    data = leaving.pdf(office, person, told, texts, mask).data
    return Response(data, media_type="application/pdf", headers=attached(f"{name}.pdf"))


def attached(name: str) -> dict[str, str]:
    """The headers of a file to keep."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}
