"""A client of the language server, by pygls: every message of the server is read into the typed
model of the protocol (lsprotocol), and one that does not fit ends this with an error.

    python client.py NIXTUNE FOLDER

Opens FOLDER/a.nix, asks for everything that the server can do, and prints what it saw as JSON.
"""

import asyncio
import json
import pathlib
import sys

from lsprotocol import types
from pygls.lsp.client import LanguageClient

PATIENCE_SECS = 120


class Client(LanguageClient):
    """Remembers what is shown, and fails on whatever the library cannot read."""

    def __init__(self):
        super().__init__("nixtune-tests", "1")
        self.shown = {}
        self.told = []
        self.asked = []
        self.problems = []
        self.news = asyncio.Event()

        @self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: types.PublishDiagnosticsParams):
            self.shown[params.uri] = params
            self.news.set()

        @self.feature(types.WINDOW_SHOW_MESSAGE)
        def told(params: types.ShowMessageParams):
            self.told.append(params.message)

        @self.feature(types.CLIENT_REGISTER_CAPABILITY)
        def registered(params: types.RegistrationParams):
            self.asked.extend(one.method for one in params.registrations)

        @self.feature(types.WORKSPACE_DIAGNOSTIC_REFRESH)
        def refresh(*_):
            self.asked.append("refresh")

        @self.feature(types.WORKSPACE_INLAY_HINT_REFRESH)
        def refresh_hints(*_):
            self.asked.append("refresh hints")

        @self.feature(types.WINDOW_SHOW_DOCUMENT)
        def show(params: types.ShowDocumentParams):
            self.asked.append("show " + params.uri.rsplit("/", 1)[1])
            return types.ShowDocumentResult(success=True)

    def report_server_error(self, error, source):
        self.problems.append(f"{source}: {error!r}")
        self.news.set()

    async def until(self, what, condition):
        async def wait():
            while not condition():
                self.news.clear()
                await self.news.wait()
                assert not self.problems, self.problems

        try:
            await asyncio.wait_for(wait(), PATIENCE_SECS)
        except asyncio.TimeoutError:
            raise AssertionError(f"waited for {what}") from None


def abilities(pulls):
    text = types.TextDocumentClientCapabilities(
        synchronization=types.TextDocumentSyncClientCapabilities(did_save=True),
        publish_diagnostics=types.PublishDiagnosticsClientCapabilities(
            related_information=True, version_support=True
        ),
        completion=types.CompletionClientCapabilities(
            completion_item=types.ClientCompletionItemOptions(snippet_support=True)
        ),
        code_action=types.CodeActionClientCapabilities(disabled_support=True),
        diagnostic=types.DiagnosticClientCapabilities() if pulls else None,
    )
    workspace = types.WorkspaceClientCapabilities(
        workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True),
        did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(
            dynamic_registration=True
        ),
        diagnostics=types.DiagnosticWorkspaceClientCapabilities(refresh_support=True),
        inlay_hint=types.InlayHintWorkspaceClientCapabilities(refresh_support=True),
        workspace_folders=True,
    )
    return types.ClientCapabilities(
        text_document=text,
        workspace=workspace,
        window=types.WindowClientCapabilities(
            show_document=types.ShowDocumentClientCapabilities(support=True)
        ),
        general=types.GeneralClientCapabilities(
            position_encodings=[types.PositionEncodingKind.Utf32]
        ),
    )


async def session(nixtune, folder, pulls):
    client = Client()
    await client.start_io(nixtune, "lsp")
    path = folder / "a.nix"
    text = path.read_text(encoding="utf-8")
    uri = path.as_uri()
    document = types.TextDocumentIdentifier(uri=uri)
    answer = {}

    initialized = await client.initialize_async(
        types.InitializeParams(
            capabilities=abilities(pulls),
            process_id=None,
            root_uri=None,
            workspace_folders=[types.WorkspaceFolder(uri=folder.as_uri(), name="folder")],
        )
    )
    answer["server"] = initialized.server_info.name
    answer["encoding"] = initialized.capabilities.position_encoding
    client.initialized(types.InitializedParams())
    client.text_document_did_open(
        types.DidOpenTextDocumentParams(
            text_document=types.TextDocumentItem(
                uri=uri, language_id="nix", version=1, text=text
            )
        )
    )

    if pulls:
        report = await client.text_document_diagnostic_async(
            types.DocumentDiagnosticParams(text_document=document)
        )
        items = report.items
        again = await client.text_document_diagnostic_async(
            types.DocumentDiagnosticParams(
                text_document=document, previous_result_id=report.result_id
            )
        )
        answer["again"] = again.kind
        whole = await client.workspace_diagnostic_async(
            types.WorkspaceDiagnosticParams(previous_result_ids=[])
        )
        answer["workspace"] = [one.uri.rsplit("/", 1)[1] for one in whole.items]
        assert not client.shown, "who pulls is not pushed to"
    else:
        # The folder was read before the file was opened: what was found then has no version.
        await client.until(
            "diagnostics", lambda: uri in client.shown and client.shown[uri].version == 1
        )
        items = client.shown[uri].diagnostics
    answer["found"] = [
        [one.code, one.range.start.line, one.range.start.character, one.range.end.character]
        for one in items
    ]

    def at(words):
        before, behind = words.split("|")
        start = text.index(before + behind) + len(before)
        line = text.count("\n", 0, start)
        return types.Position(line=line, character=start - (text.rfind("\n", 0, start) + 1))

    place = at("max-|jobs")
    hover = await client.text_document_hover_async(
        types.HoverParams(text_document=document, position=place)
    )
    answer["hover"] = hover.contents.value
    completed = await client.text_document_completion_async(
        types.CompletionParams(text_document=document, position=place)
    )
    answer["completed"] = [item.label for item in completed]
    everything = types.Range(
        start=types.Position(line=0, character=0),
        end=types.Position(line=text.count("\n"), character=0),
    )
    hints = await client.text_document_inlay_hint_async(
        types.InlayHintParams(text_document=document, range=everything)
    )
    answer["hints"] = [hint.label for hint in hints]
    links = await client.text_document_document_link_async(
        types.DocumentLinkParams(text_document=document)
    )
    answer["links"] = [link.target.rsplit("/", 1)[1] for link in links]
    definition = await client.text_document_definition_async(
        types.DefinitionParams(text_document=document, position=place)
    )
    answer["definition"] = [one.uri.rsplit("/", 1)[1] for one in definition]
    actions = await client.text_document_code_action_async(
        types.CodeActionParams(
            text_document=document,
            range=everything,
            context=types.CodeActionContext(diagnostics=items),
        )
    )
    answer["actions"] = [action.title for action in actions]
    # The library takes every action with a command for a bare command, and loses what it says.
    [command] = initialized.capabilities.execute_command_provider.commands
    page = await client.workspace_execute_command_async(
        types.ExecuteCommandParams(command=command, arguments=[items[0].code])
    )
    answer["page"] = page.splitlines()[0]
    fixes = await client.text_document_code_action_async(
        types.CodeActionParams(
            text_document=document,
            range=everything,
            context=types.CodeActionContext(
                diagnostics=[], only=[types.CodeActionKind.SourceFixAll]
            ),
        )
    )
    [change] = fixes[0].edit.document_changes
    mended = text
    lines = text.split("\n")

    # Positions count characters, as Python does.
    def offset(at):
        return sum(len(line) + 1 for line in lines[: at.line]) + at.character

    for edit in sorted(change.edits, key=lambda edit: offset(edit.range.start), reverse=True):
        start, end = offset(edit.range.start), offset(edit.range.end)
        mended = mended[:start] + edit.new_text + mended[end:]
    answer["mended"] = mended

    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            text_document=types.VersionedTextDocumentIdentifier(uri=uri, version=2),
            content_changes=[types.TextDocumentContentChangeWholeDocument(text="{ }\n")],
        )
    )
    if pulls:
        report = await client.text_document_diagnostic_async(
            types.DocumentDiagnosticParams(text_document=document)
        )
        answer["left"] = len(report.items)
    else:
        await client.until("no diagnostics", lambda: client.shown[uri].version == 2)
        answer["left"] = len(client.shown[uri].diagnostics)
    client.text_document_did_close(types.DidCloseTextDocumentParams(text_document=document))

    await client.shutdown_async(None)
    client.exit(None)
    await client.stop()
    assert not client.problems, client.problems
    answer["told"] = client.told
    answer["asked"] = sorted(set(client.asked))
    return answer


async def main():
    nixtune, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    answers = {
        "push": await session(nixtune, folder, False),
        "pull": await session(nixtune, folder, True),
    }
    print(json.dumps(answers))


asyncio.run(main())
