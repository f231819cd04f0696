"""Manifests, as a client sees them: findings, what mends and excuses them, and no secret anywhere."""

import json

from lsprotocol import types

APP = "k8s/app.yaml"
SECRET = "k8s/secret.yaml"


def codes(diagnostics):
    return sorted(one.code for one in diagnostics if one.code)


async def test_findings_come_with_progress(pull_session):
    session, client = pull_session, pull_session.client
    session.open(APP)

    def done():
        reports = [report for all_ in client.progress_reports.values() for report in all_]
        return reports if any(report.kind == "end" for report in reports) else None

    reports = await session.until("the end of an evaluation", done)
    assert [reports[0].kind, reports[0].title] == ["begin", "Checking manifests"]
    await session.until("to be told to ask again", lambda: client.diagnostic_refresh_count)
    report = await client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams(previous_result_ids=[]))
    by_file = {item.uri: codes(item.items) for item in report.items}
    assert by_file == {
        session.uri(APP): ["ENV001", "ENV003", "ENV007", "web-name"],
        session.uri(SECRET): ["MAN001", "MAN001"],
    }
    known = [types.PreviousResultId(uri=item.uri, value=item.result_id) for item in report.items]
    again = await client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams(previous_result_ids=known))
    assert {item.kind for item in again.items} == {"unchanged"}


async def test_a_fix_of_a_rule_is_written_where_it_belongs(session):
    session.open(APP)
    found = await session.diagnostics(APP, lambda found: "ENV007" in codes(found))
    range = next(one.range for one in found if one.code == "ENV007")
    actions = await session.actions(APP, range)
    mend = next(action for action in actions if action.title.startswith("ENV007"))
    assert mend.is_preferred
    before = session.texts[APP]
    session.apply(APP, mend.edit)
    assert session.texts[APP] == before.replace("          optional: true\n", "")
    await session.diagnostics(APP, lambda found: "ENV007" not in codes(found))


async def test_a_finding_is_waived_by_a_comment(session):
    session.open(APP)
    found = await session.diagnostics(APP, lambda found: "ENV003" in codes(found))
    range = next(one.range for one in found if one.code == "ENV003")
    waive = [action for action in await session.actions(APP, range) if "waive ENV003" in action.title]
    session.apply(APP, waive[0].edit)
    assert '# tacit.dev/waive: "ENV003 until ' in session.texts[APP]
    await session.diagnostics(APP, lambda found: "ENV003" not in codes(found))


async def test_a_finding_is_waived_by_an_annotation(session):
    session.open(APP)
    found = await session.diagnostics(APP, lambda found: "ENV003" in codes(found))
    range = next(one.range for one in found if one.code == "ENV003")
    titles = {action.title: action for action in await session.actions(APP, range)}
    waive = next(action for title, action in titles.items() if "waive ENV003 for this Pod" in title)
    session.apply(APP, waive.edit)
    assert "annotations:" in session.texts[APP] and "tacit.dev/waive: " in session.texts[APP]
    await session.diagnostics(APP, lambda found: "ENV003" not in codes(found))


async def test_a_lens_jumps_to_the_findings_of_a_rule(session):
    client = session.client
    session.open("rules/a.tacit")
    session.open(APP)
    await session.diagnostics(APP, lambda found: "web-name" in codes(found))
    params = types.CodeLensParams(text_document=session.document("rules/a.tacit"))
    lenses = await client.text_document_code_lens_async(params)
    lens = next(lens for lens in lenses if lens.command.title == "1 finding")
    (place,) = await session.command(lens.command.command, lens.command.arguments[0])
    assert place["uri"] == session.uri(APP)
    shown = await session.until("the document to be shown", lambda: client.shown_documents)
    assert (shown[0].uri, shown[0].selection.start.line) == (session.uri(APP), place["range"]["start"]["line"])


async def test_a_reference_is_followed(session):
    client = session.client
    session.open(APP)
    await session.diagnostics(APP, lambda found: found)
    here = session.here(APP, "name: db", 7)
    (place,) = await client.text_document_definition_async(types.DefinitionParams(**here))
    assert place.uri == session.uri(SECRET)
    hover = await client.text_document_hover_async(types.HoverParams(**here))
    assert "Refers to Secret `db`" in hover.contents.value and "k8s/secret.yaml" in hover.contents.value


async def test_files_on_disk_are_watched(session):
    client = session.client
    watched = await session.until("files to be watched", lambda: client.registered)
    assert watched[0].method == "workspace/didChangeWatchedFiles"
    await session.diagnostics(APP, lambda found: found)
    (session.root / APP).write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x, namespace: shop }\n")
    change = types.FileEvent(uri=session.uri(APP), type=types.FileChangeType.Changed)
    client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(changes=[change]))
    await session.diagnostics(APP, lambda found: not found)


async def test_no_secret_is_said_whatever_is_asked(session):
    """The fixture looks for the canaries in all that was said."""
    client = session.client
    session.open(APP)
    session.open(SECRET)
    await session.diagnostics(SECRET, lambda found: found)
    await session.diagnostics(APP, lambda found: found)
    for name in [APP, SECRET]:
        lines = session.texts[name].splitlines()
        for line, text in enumerate(lines):
            for character in {text.find(":") + 3, len(text) - 2, 2}:
                here = {
                    "text_document": session.document(name),
                    "position": types.Position(line=line, character=max(0, character)),
                }
                await client.text_document_hover_async(types.HoverParams(**here))
                await client.text_document_definition_async(types.DefinitionParams(**here))
                await client.text_document_completion_async(types.CompletionParams(**here))
        await client.text_document_document_symbol_async(types.DocumentSymbolParams(text_document=session.document(name)))
        for rule in ["MAN001", "ENV003", "ENV007", "web-name"]:
            result = await session.command("tacit.evaluate", {"rule": rule, "uri": session.uri(name)})
            assert "steps" in json.loads(json.dumps(result, default=vars))
        # The titles and edits of all actions on the whole file.
        assert await session.actions(name, session.whole(name)) is not None
    # Text that does not read, beside the secret.
    session.write(SECRET, session.texts[SECRET].replace("  password: ", "  password: [\n "))
    await session.diagnostics(SECRET, lambda found: any(one.code is None for one in found))
    session.write(SECRET, session.texts[SECRET].replace("kind: Secret", "kind: Secret\n kind: hunter"))
    await client.text_document_hover_async(types.HoverParams(**session.here(SECRET, "hunter2", 3)))
