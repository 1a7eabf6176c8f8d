"""A gate's file: what somebody runs a gate from, who has no wallet."""

from typing import Any

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Checkbox

from tui.app.access_services import OpenSecrets
from tui.app.dialogs.with_keys import WithKeys
from tui.app.kinds import Kind
from tui.app.screens.form import Entry
from tui.app.screens.tool import ToolForm
from tui.app.services import Services
from tui.app.text import count, shown
from tui.app.widgets.field import Field
from tui.app.widgets.tick import Tick
from tui.app.widgets.words import Words
from tui.verbs.access.export_gate import GateFile
from tui.verbs.access.requests import ExportGate
from tui.verbs.files import whole_path
from tui.verbs.image import references
from tui.verbs.image.fields import bare_name

_EXPORT = "export a gate"


class GateForm(ToolForm):
    """Where the gate is reached, which repositories it serves, and whether it hands out keys of sealed images."""

    place = "access"
    heading = "A gate's file"
    explanation = (
        "The key of its tokens, names that are pinned here, keys of sealed images; no recovery words. Whoever steals it"
        " can let strangers in. Then, where the gate runs: dockchains access serve FILE"
    )
    button = "Write it"

    def __init__(self, services: Services, genesis: str = "", name: str = "") -> None:
        """About one repository, or about none in particular."""
        super().__init__(services)
        self._genesis = genesis
        self._name = name

    def fields(self) -> ComposeResult:
        """File, origin, names, keys."""
        yield Entry(self.services, "File", Kind.FILE, "file", placeholder="/srv/gate.json", needed=True)
        yield Tick("the file is there: go on with its key, so that registries need no change", id="keep")
        yield Entry(
            self.services, "Where the gate is reached", Kind.ORIGIN, "origin", placeholder="https://gate.example"
        )
        yield Entry(self.services, "Repository; empty: all that is pinned", Kind.NAME, "name", value=self._name)
        yield Tick("with the keys of sealed images, so that holders can open them", id="keys", value=True)

    def below(self) -> ComposeResult:
        """What was written."""
        yield Words("", id="result")

    def request(self) -> ExportGate:
        """What the fields say, which are good. The repository that was marked is meant by its genesis."""
        name = self.value("name")
        meant = self._genesis if name and name == self._name else ""
        return ExportGate(
            file=whole_path(self.value("file")),
            origin=references.gate_origin(self.value("origin") or None),
            names=(bare_name(name),) if name else (),
            meant=references.genesis(meant or None),
            keep_key=self.query_one("#keep", Checkbox).value,
        )

    def done(self) -> None:
        """Writes it; the keys of sealed images need the password."""
        request, access = self.request(), self.services.access
        origin = self.query_one("#origin", Field)
        if not request.keep_key and request.origin is None:
            origin.complain("say where it will be reached, such as https://gate.example")
            origin.focus_input()
            return
        self.query_one("#result", Words).update("")
        if not self.query_one("#keys", Checkbox).value:
            self._export(request, None)
            return
        body = "The wallet's words give the keys of what it sealed; they are written into the file. Nothing is signed."
        dialog = WithKeys(self.services, "Take the keys of sealed images?", body, yes="Go on", call=access.open_secrets)

        def opened(secrets: Any) -> None:
            if isinstance(secrets, OpenSecrets):
                self._export(request, secrets)

        self.app.push_screen(dialog, opened)

    def answered(self, job: str, answer: Any) -> None:
        """What the file holds, and what it lacks."""
        super().answered(job, answer)
        if isinstance(answer, GateFile):
            self.say("written")
            self.query_one("#result", Words).update(_told(answer))

    def _export(self, request: ExportGate, opened: OpenSecrets | None) -> None:
        access = self.services.access
        self.say("reading the chain…")
        self.work(_EXPORT, lambda: access.export_gate(request, opened))


def _told(view: GateFile) -> Content:
    what = f"{count(len(view.repositories), 'repository', 'repositories')} and {count(view.content_keys, 'key')}"
    parts = [Content(f"{what} of sealed images in {shown(view.file, limit=400)}")]
    parts += [Content(f"  {shown(one.name)}") for one in view.repositories]
    parts += [Content.styled(f"! {shown(note, limit=400)}", "$text-warning") for note in (*view.notes, *view.lacking)]
    return Content("\n").join(parts)
