"""Rule files, as a client sees them."""

import asyncio

from lsprotocol import types
from pygls.exceptions import JsonRpcException

RULES = "rules/a.tacit"


def codes(diagnostics):
    return [one.code for one in diagnostics]


async def test_an_error_comes_while_typing_and_its_quick_fix_makes_it_go(session):
    session.open(RULES)
    await session.diagnostics(RULES, lambda found: not found)
    session.write(RULES, session.texts[RULES].replace("short(c.name)", "short(c.nam)"))
    (found,) = await session.diagnostics(RULES, lambda found: found)
    assert found.code == "T0103" and "did you mean `name`" in found.message
    actions = await session.actions(RULES, found.range)
    mend = next(action for action in actions if action.kind == types.CodeActionKind.QuickFix)
    assert mend.diagnostics[0].code == "T0103"
    session.apply(RULES, mend.edit)
    assert "short(c.name)" in session.texts[RULES]
    await session.diagnostics(RULES, lambda found: not found)


async def test_an_edit_shows_in_a_file_that_uses_it(session):
    session.open(RULES)
    session.open("rules/b.tacit")
    await session.diagnostics("rules/b.tacit", lambda found: not found)
    session.write(RULES, session.texts[RULES].replace("fn short(", "fn brief("))
    assert codes(await session.diagnostics("rules/b.tacit", lambda found: found)) == ["T0101"]


async def test_a_client_that_asks_hears_whether_anything_changed(pull_session):
    session, client = pull_session, pull_session.client
    session.open(RULES)
    document = session.document(RULES)
    report = await client.text_document_diagnostic_async(types.DocumentDiagnosticParams(text_document=document))
    assert (report.kind, list(report.items)) == ("full", [])
    again = types.DocumentDiagnosticParams(text_document=document, previous_result_id=report.result_id)
    assert (await client.text_document_diagnostic_async(again)).kind == "unchanged"
    session.write(RULES, session.texts[RULES].replace("short(c.name)", "short(c.nam)"))
    report = await client.text_document_diagnostic_async(again)
    assert (report.kind, codes(report.items)) == ("full", ["T0103"])
    assert client.diagnostics == {}, "nothing is pushed to a client that asks"


async def test_source_actions_mend_all_and_sort_what_is_used(session):
    session.open(RULES)
    session.write(RULES, session.texts[RULES].replace("short(c.name)", "short(c.nam)").replace("w.containers", "w.contaners"))
    await session.diagnostics(RULES, lambda found: found)
    (all_,) = await session.actions(RULES, session.whole(RULES), only=[types.CodeActionKind.SourceFixAll])
    session.apply(RULES, all_.edit)
    assert "w.containers" in session.texts[RULES]
    session.open("rules/b.tacit")
    (sort,) = await session.actions(
        "rules/b.tacit", session.whole("rules/b.tacit"), only=[types.CodeActionKind.SourceOrganizeImports]
    )
    session.apply("rules/b.tacit", sort.edit)
    assert session.texts["rules/b.tacit"].startswith('use "a"\nuse "z"\n')


async def test_hover_completion_signature_and_places(session):
    client = session.client
    session.open(RULES)
    hover = await client.text_document_hover_async(types.HoverParams(**session.here(RULES, "(c.name)", 3)))
    assert "Container.name: string" in hover.contents.value
    here = session.here(RULES, "(c.name)", 3)
    items = (await client.text_document_completion_async(types.CompletionParams(**here))).items
    assert {"name", "image", "env"} <= {item.label for item in items}
    flag = next(item for item in items if item.label == "flag")
    resolved = await client.completion_item_resolve_async(flag)
    assert "among command and arguments" in resolved.documentation.value
    help = await client.text_document_signature_help_async(
        types.SignatureHelpParams(**session.here(RULES, "short(c.name)", 6))
    )
    assert help.signatures[0].label.startswith("short(text: string)")
    place = await client.text_document_definition_async(
        types.DefinitionParams(**session.here(RULES, "short(c.name)", 1))
    )
    assert (place[0].uri, place[0].range.start.line) == (session.uri(RULES), 6)
    library = await client.text_document_definition_async(types.DefinitionParams(**session.here(RULES, "Workload", 1)))
    assert library[0].uri.endswith(".tacit")
    context = types.ReferenceContext(include_declaration=True)
    places = await client.text_document_references_async(
        types.ReferenceParams(context=context, **session.here(RULES, "fn short", 4))
    )
    assert {place.uri for place in places} == {session.uri(RULES), session.uri("rules/b.tacit")}
    lights = await client.text_document_document_highlight_async(
        types.DocumentHighlightParams(**session.here(RULES, "longest: int", 1))
    )
    assert len(lights) == 2


async def test_rename_reaches_other_files_and_refuses_what_is_no_name(session):
    client = session.client
    session.open(RULES)
    session.open("rules/b.tacit")
    here = session.here(RULES, "fn short", 4)
    assert (await client.text_document_prepare_rename_async(types.PrepareRenameParams(**here))).placeholder == "short"
    edit = await client.text_document_rename_async(types.RenameParams(new_name="brief", **here))
    session.apply(RULES, edit)
    session.apply("rules/b.tacit", edit)
    assert "fn brief(" in session.texts[RULES] and "not brief(c.image" in session.texts["rules/b.tacit"]
    await session.diagnostics("rules/b.tacit", lambda found: not found)


async def test_layout_outline_and_colours(session):
    client = session.client
    session.open(RULES)
    document = session.document(RULES)
    symbols = await client.text_document_document_symbol_async(types.DocumentSymbolParams(text_document=document))
    assert [symbol.name for symbol in symbols] == ["longest", "short", "web-name"]
    found = await client.workspace_symbol_async(types.WorkspaceSymbolParams(query="web-im"))
    assert "web-image" in [symbol.name for symbol in found]
    tokens = await client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(text_document=document))
    assert len(tokens.data) > 100 and len(tokens.data) % 5 == 0
    folds = await client.text_document_folding_range_async(types.FoldingRangeParams(text_document=document))
    assert len(folds) >= 3
    positions = [session.at(RULES, "(c.name)", 3)]
    ranges = await client.text_document_selection_range_async(
        types.SelectionRangeParams(text_document=document, positions=positions)
    )
    assert ranges[0].parent.parent is not None
    options = types.FormattingOptions(tab_size=2, insert_spaces=True)
    session.write(RULES, session.texts[RULES].replace("  for w in", "      for w   in"))
    edits = await client.text_document_formatting_async(
        types.DocumentFormattingParams(text_document=document, options=options)
    )
    session.apply(RULES, types.WorkspaceEdit(changes={session.uri(RULES): edits}))
    assert "\n  for w in Workload" in session.texts[RULES]
    session.open("rules/b.tacit")
    links = await client.text_document_document_link_async(
        types.DocumentLinkParams(text_document=session.document("rules/b.tacit"))
    )
    assert [link.target for link in links] == [session.uri("rules/z.tacit"), session.uri(RULES)]
    (item,) = await client.text_document_prepare_call_hierarchy_async(
        types.CallHierarchyPrepareParams(**session.here(RULES, "fn short", 4))
    )
    calls = await client.call_hierarchy_incoming_calls_async(types.CallHierarchyIncomingCallsParams(item=item))
    assert sorted(call.from_.name for call in calls) == ["web-image", "web-name"]


async def test_hints_tell_types(pull_session):
    session = pull_session
    session.open(RULES)
    hints = await session.client.text_document_inlay_hint_async(
        types.InlayHintParams(text_document=session.document(RULES), range=session.whole(RULES))
    )
    assert any("Container" in hint.label for hint in hints)


async def test_tests_run_from_a_lens_and_their_outcome_shows(session):
    client = session.client
    session.open(RULES)
    params = types.CodeLensParams(text_document=session.document(RULES))
    lenses = await client.text_document_code_lens_async(params)
    run = next(lens for lens in lenses if lens.command.title == "run this test")
    (result,) = await session.command(run.command.command, run.command.arguments[0])
    assert (result["title"], result["passed"]) == ("a short name", True)
    assert "1 tests passed" in client.messages[-1].message or "1 test passed" in client.messages[-1].message
    lenses = await client.text_document_code_lens_async(params)
    assert "passed: run again" in [lens.command.title for lens in lenses]


async def test_a_request_that_was_cancelled_is_answered_and_the_next_one_too(session):
    client = session.client
    session.open(RULES)
    await session.diagnostics(RULES, lambda found: not found)
    here = types.HoverParams(**session.here(RULES, "(c.name)", 3))
    for number in range(20):
        asked = client.protocol.send_request_async("textDocument/hover", here, msg_id=f"cancelled-{number}")
        asked = asyncio.ensure_future(asked)
        await asyncio.sleep(0)
        client.cancel_request(types.CancelParams(id=f"cancelled-{number}"))
        # Either it was too late to cancel, or the answer says that it was cancelled.
        try:
            assert "Container.name" in (await asked).contents.value
        except JsonRpcException as error:
            assert error.code == types.LSPErrorCodes.RequestCancelled
    hover = await client.text_document_hover_async(here)
    assert "Container.name" in hover.contents.value
