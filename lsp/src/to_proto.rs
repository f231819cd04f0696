//! From places in modules to the protocol.

use std::collections::HashMap;
use std::path::Path;

use lsp_types as lsp;
use tacit_lang::diag::{self, TextEdit};
use tacit_lang::ide;
use tacit_lang::ide::completion::CompletionKind;
use tacit_lang::ide::semantic_tokens::{Class, Token};
use tacit_lang::lexer::Keyword;
use tacit_lang::span::LineIndex;

use crate::position::{Encoding, Lines};
use crate::project::Project;
use crate::server::State;
use crate::uri;

/// The place of a module as a place of a document.
pub fn location(state: &State, project: &Project, place: &ide::Location) -> Option<lsp::Location> {
    let path = project.file(&place.module)?;
    let text = project.analysis.text(&place.module);
    let index = LineIndex::new(text);
    let lines = Lines { text, index: &index, encoding: state.encoding };
    Some(lsp::Location { uri: state.uri_of(&path), range: lines.range(place.span) })
}

/// Edits of one text.
pub fn text_edits(lines: Lines<'_>, edits: &[TextEdit]) -> Vec<lsp::TextEdit> {
    edits.iter().map(|edit| lsp::TextEdit { range: lines.range(edit.span), new_text: edit.text.clone() }).collect()
}

/// Edits of several documents, with the versions that they were made for.
pub fn workspace_edit(state: &State, edits: Vec<(lsp::Uri, Vec<lsp::TextEdit>)>) -> lsp::WorkspaceEdit {
    if !state.client.document_changes {
        let mut changes: HashMap<lsp::Uri, Vec<lsp::TextEdit>> = HashMap::new();
        for (uri, edits) in edits {
            changes.entry(uri).or_default().extend(edits);
        }
        return lsp::WorkspaceEdit { changes: Some(changes), ..Default::default() };
    }
    let changes = edits
        .into_iter()
        .map(|(uri, edits)| {
            let version = state.documents.get(&uri::to_path(&uri)).map(|document| document.version);
            lsp::DocumentChange::TextDocumentEdit(lsp::TextDocumentEdit {
                text_document: lsp::OptionalVersionedTextDocumentIdentifier {
                    version,
                    text_document_identifier: lsp::TextDocumentIdentifier { uri },
                },
                edits: edits.into_iter().map(lsp::Edit::TextEdit).collect(),
            })
        })
        .collect();
    lsp::WorkspaceEdit { document_changes: Some(changes), ..Default::default() }
}

/// A text in Markdown.
pub fn markdown(value: impl Into<String>) -> lsp::MarkupContent {
    lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value: value.into() }
}

/// A problem of a rule file.
pub fn diagnostic(
    state: &State,
    project: &Project,
    path: &Path,
    lines: Lines<'_>,
    found: &diag::Diagnostic,
) -> lsp::Diagnostic {
    let mut related = Vec::new();
    for other in &found.related {
        let location = match &other.module {
            Some(module) => location(state, project, &ide::Location { module: module.clone(), span: other.span }),
            None => Some(lsp::Location { uri: state.uri_of(path), range: lines.range(other.span) }),
        };
        related.extend(
            location.map(|location| lsp::DiagnosticRelatedInformation { location, message: other.message.clone() }),
        );
    }
    let mut message = found.message.clone();
    if let Some(help) = &found.help {
        message.push_str("\nhelp: ");
        message.push_str(&help.message);
    }
    let unused = found.code == tacit_lang::codes::UNUSED_NAME;
    lsp::Diagnostic {
        range: lines.range(found.span),
        severity: Some(match found.level {
            diag::Level::Error => lsp::DiagnosticSeverity::Error,
            diag::Level::Warning => lsp::DiagnosticSeverity::Warning,
            diag::Level::Hint => lsp::DiagnosticSeverity::Hint,
        }),
        code: Some(lsp::Code::String(found.code.0.to_owned())),
        source: Some("tacit".to_owned()),
        message: lsp::Message::String(message),
        tags: unused.then(|| vec![lsp::DiagnosticTag::Unnecessary]),
        related_information: (!related.is_empty()).then_some(related),
        ..Default::default()
    }
}

/// The sort of an item, in the words of the protocol.
pub fn symbol_kind(keyword: Option<Keyword>) -> lsp::SymbolKind {
    match keyword {
        Some(Keyword::Rule) => lsp::SymbolKind::Class,
        Some(Keyword::Param) => lsp::SymbolKind::Property,
        Some(Keyword::Let) => lsp::SymbolKind::Constant,
        Some(Keyword::Fn) => lsp::SymbolKind::Function,
        Some(Keyword::Group) => lsp::SymbolKind::Interface,
        Some(Keyword::Field) => lsp::SymbolKind::Field,
        Some(Keyword::Link) => lsp::SymbolKind::Key,
        Some(Keyword::View) => lsp::SymbolKind::Struct,
        Some(Keyword::Kind) => lsp::SymbolKind::Enum,
        Some(Keyword::Waive) => lsp::SymbolKind::Event,
        Some(Keyword::Test) => lsp::SymbolKind::Method,
        Some(Keyword::Use) => lsp::SymbolKind::Module,
        Some(Keyword::Edition) | None => lsp::SymbolKind::Constant,
    }
}

/// The sort of a proposal, in the words of the protocol.
pub fn completion_kind(kind: CompletionKind) -> lsp::CompletionItemKind {
    match kind {
        CompletionKind::Keyword => lsp::CompletionItemKind::Keyword,
        CompletionKind::Snippet => lsp::CompletionItemKind::Snippet,
        CompletionKind::Field => lsp::CompletionItemKind::Field,
        CompletionKind::Property => lsp::CompletionItemKind::Property,
        CompletionKind::Method => lsp::CompletionItemKind::Method,
        CompletionKind::Variable => lsp::CompletionItemKind::Variable,
        CompletionKind::Constant => lsp::CompletionItemKind::Constant,
        CompletionKind::Function => lsp::CompletionItemKind::Function,
        CompletionKind::Kind => lsp::CompletionItemKind::Class,
        CompletionKind::Group => lsp::CompletionItemKind::Interface,
        CompletionKind::View | CompletionKind::Relation => lsp::CompletionItemKind::Struct,
        CompletionKind::Rule => lsp::CompletionItemKind::Reference,
        CompletionKind::EnumMember => lsp::CompletionItemKind::EnumMember,
        CompletionKind::Module => lsp::CompletionItemKind::Module,
        CompletionKind::Text => lsp::CompletionItemKind::Text,
    }
}

/// Names of the classes of words, in the order of their numbers.
pub fn token_types() -> Vec<String> {
    let name = |class: Class| match class {
        Class::Keyword => "keyword",
        Class::Comment => "comment",
        Class::String => "string",
        Class::Number => "number",
        Class::Regexp => "regexp",
        Class::Operator => "operator",
        Class::Variable => "variable",
        Class::Parameter => "parameter",
        Class::Function => "function",
        Class::Method => "method",
        Class::Property => "property",
        Class::Type => "type",
        // The protocol has no word of its own for it.
        Class::Rule => "class",
        Class::EnumMember => "enumMember",
    };
    Class::ALL.into_iter().map(|class| name(class).to_owned()).collect()
}

/// Names of the marks of words, in the order of their bits.
pub fn token_modifiers() -> Vec<String> {
    vec!["declaration".to_owned(), "confidential".to_owned()]
}

/// Words with their classes, each relative to the one before.
pub fn semantic_tokens(lines: Lines<'_>, encoding: Encoding, tokens: &[Token]) -> Vec<lsp::SemanticToken> {
    let mut before = lsp::Position::default();
    let mut out = Vec::with_capacity(tokens.len());
    for token in tokens {
        let start = lines.position(token.span.start);
        let delta_line = start.line - before.line;
        out.push(lsp::SemanticToken {
            delta_line,
            delta_start: if delta_line == 0 { start.character - before.character } else { start.character },
            length: encoding.length(&lines.text[token.span.range()]),
            token_type: Class::ALL.iter().position(|class| *class == token.class).unwrap_or_default() as u32,
            token_modifiers_bitset: u32::from(token.declaration) | (u32::from(token.confidential) << 1),
        });
        before = start;
    }
    out
}
